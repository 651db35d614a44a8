"""What time it is: the site's clock, the computer's, the devices', and how far they are apart."""
