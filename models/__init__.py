"""Ground floor, right: what we know, store and ask.

`records` are the frozen values that travel; `tables` their stored form; `queries` every SQL statement as a
function of a connection that returns records. `server.py` runs the embedded PostgreSQL, `upkeep` keeps
partitions and rollups. Nothing in here knows a device's protocol or a window.
"""
