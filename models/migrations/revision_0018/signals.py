"""Signals: what a site measures beside the six metrics, in a narrow table partitioned as the readings are."""

SIGNALS = ""

RIGHTS = ""
"""Grants and policies, after the tables have their owner."""
