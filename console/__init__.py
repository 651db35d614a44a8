"""The program: station (no Qt), bridge, widgets and panels (Qt), and the command line over all of them."""
