"""Firmware: rollouts as waves side by side, versions with who signed them, and the plan of a new rollout.

`wave_rows` turns what is stored into what is shown, `evidence` reads what the gate kept, `seals` says what
signatures are worth (all pure). `rollouts_list`, `waves_view`, `evidence_view` and `rollout_pane` show it,
`rollout_orders` asks before anything is written, with the words of `order_words`. `plan_dialog` plans: its
fields are `plan_form`, its devices `plan_devices`. `versions_page` lists versions, `release_work` verifies
one before it is released. `firmware_questions` asks the database, on worker threads. What is said of states
stands in `console/catalogue/rollout_words.py`, for the command line as well.
"""
