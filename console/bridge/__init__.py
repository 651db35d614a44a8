"""The stairs between the window and everything below it; the only floor above ground that panels talk to.

`bridge.py` is what panels hold, `asking.py` how they ask and order. Behind it: `live_feed` (the local
socket), `database_watch` (NOTIFY), `command_runner` (questions and commands on worker threads), `live_store`
and `series_buffer` (latest values and rings, no Qt), `coalescer` (bursts to at most twenty signals a second),
`station_child` (the station as a child process of the window), `signature` and `counter_signature` (one
password for one command), `sound_desk` and `sound_player` (the horn's sounds).
"""
