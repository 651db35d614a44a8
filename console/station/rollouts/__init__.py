"""Rollouts: each station updates the devices that it polls, and one of them decides how it goes on.

    claim ──→ dispatch.py ──→ update.py, a task a device ──→ the way of delivery (drivers/firmware)
                                 course.py   what the device says decides what is done next
    conductor.py ──→ conducting.py, pure: waves, gate, halt ──→ the database

Pure files decide, `update.py` and `conductor.py` act. Everything that is told to the database carries the
lease under which it was found, and is refused once that is another station's.
"""
