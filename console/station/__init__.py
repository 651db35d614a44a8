"""The station: polls devices, judges limits, records. No Qt; one event loop, and threads for the database.

    ① poller (phases, wheel, channel, dismissal) → ② sampler → ③ evaluator with `rules/` → ④ alert_book
    → ⑤ outbox and writer → `store` → database; beside it `feed` → windows on this computer

`pipeline.py` draws it in one function and owns every part; `judgement` is ③ and ④ for all devices. Beside it
`alarm_time` tells the database that time passes, and `notifications/` sends what the database has queued.
`back_test` replays history through the same rules (`replay`, `minute_walk`, `sample_memory`).

`catalogue_cache` and `assignment` say what to poll, `hubs` how to reach it, `device_status` and `state_book`
what is known of each device, `upkeep` keeps partitions and rollups, `tuning` holds every figure, `health`
counts.
"""
