"""One file a sub-command of `main.py`. `registry.py` lists them; each is imported only when it is called."""
