"""Stations: which of them polls which device, how each is doing, and what an administrator asks of them.

`station_rows` and `device_rows` say what a row is, `station_words` and `drill_words` how it reads: all pure.
`stations_table` and `devices_list` show the rows, `station_pane` the selected station in full,
`history_dialog` who had one device when. `station_orders` asks what must be asked, gives the order to the
bridge and keeps it pending until the database shows it. `stations_panel` puts them on one screen.
"""
