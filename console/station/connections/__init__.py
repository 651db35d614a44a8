"""How the connection of each device does: looked at every two seconds, told to windows and the database.

Polls only count (`drivers/trace.py`, `polling/channel.py`); everything here is made of those counters between
polls, some devices at a time, so that no poll waits for it.
"""
