"""One file or folder a screen. `panel.py` is the contract, `registry.py` the order in the rail."""
