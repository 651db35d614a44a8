"""Room of the spool: what cannot be in the database yet, kept on this computer's disk.

    spool.py       a thread: lends from the outbox what has waited for a second, and keeps it
    backlog.py     the writer's end: what to write next, and what became of it
    cabinet.py     which file that is: opened, set aside where damaged, begun anew
    file.py        one SQLite file and its transactions; schema.py draws it, opening.py opens it
    block.py       readings ⇄ columns, compressed, with a checksum        (pure)
    finding.py     transitions and acknowledgements ⇄ bytes                (pure)
    quarantine.py  what the database declined: list, export, retry, discard
    room.py        how much disk it may take, and ballast for a full one; usage.py: how fast it fills
    pace.py        how fast the backlog goes, and in how large pieces      (pure)
    recent.py      what was committed last, to be told again to a database that lost it
    conditions.py  what people are told about it                           (pure)

A reading counts as taken when it is in PostgreSQL or here. When nothing fits any more, readings are given up,
oldest first; findings never before readings.
"""
