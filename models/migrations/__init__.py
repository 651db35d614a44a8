"""Alembic migrations of schema `app`, run by `schema_guard.upgrade_schema`.

A revision once shipped never changes: metric names are spelled out in it, not imported.
"""

REVISION = "0019"
"""The revision this build was made for; kept here so that checking it needs no Alembic."""
