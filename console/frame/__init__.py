"""What stands round every screen: rail, alert banner, status bar, notices, command palette.

Only `main_window.py` imports this room. It decides nothing: it shows what the bridge holds and hands over
commands.
"""
