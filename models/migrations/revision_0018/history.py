"""Every former state of a device's configuration, kept by the database itself: who changed what, and back."""

HISTORY = ""

RIGHTS = ""
"""Grants and policies, after the tables have their owner."""
