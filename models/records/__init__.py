"""Frozen records: what travels between floors, threads and processes. Standard library and msgspec only.

Moments shown to people or stored are timezone-aware UTC `datetime`s ending in `_at`; moments in the hot path
are float64 Unix seconds ending in `_unix`.
"""
