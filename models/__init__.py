"""Ground floor, right: what we know, store and ask.

`records` are the frozen values that travel; `tables` their stored form; `queries` every SQL statement as a
function of a connection that returns records. What is computed of records alone lies beside them, pure:
`alarm_states` (ISA-18.2), `alarm_journal` and `alarm_load` (figures), `bad_actors` (advice), `shift_plan`,
and words that every report says alike (`threshold_words`, `handover_words`, `figure_words`).

`server.py` runs the embedded PostgreSQL, `upkeep` keeps partitions and rollups. Nothing in here knows a
device's protocol or a window.
"""
