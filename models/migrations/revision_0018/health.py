"""How the connection of each device does, as the station that polls it tells every few seconds."""

HEALTH = ""

RIGHTS = ""
"""Grants and policies, after the tables have their owner."""
