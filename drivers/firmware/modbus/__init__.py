"""Delivering firmware over Modbus: what the ways have in common, and the two that carry bytes.

`profile_parts.py` is what a product's profile may say, `talk.py` one question over the connection that polls,
`told.py` who a device says it is, `target.py` the steps of an update; `file_records.py` and
`register_blocks.py` send the image. Loaded when a target is made.
"""
