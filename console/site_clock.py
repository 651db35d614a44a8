"""The clock of a new site: this computer's, until an administrator chooses another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection


def local_zone_name() -> str:
    """Return the IANA name of this computer's time zone; "UTC" where it has none that is known here."""
    from PySide6.QtCore import QTimeZone

    from models.site_zone import zone_of

    return str(zone_of(bytes(QTimeZone.systemTimeZoneId().data()).decode("ascii", "replace")))


def begin_with_local_zone(connection: Connection) -> None:
    """Let shifts and reports go by this computer's clock. For a site's very beginning; raises StorageError.

    In UTC, reports would tell other times than every other screen, and shifts would begin hours off.
    """
    from models.queries.alarm_settings import load_alarm_settings, save_alarm_settings

    settings = load_alarm_settings(connection)
    save_alarm_settings(connection, replace(settings, time_zone=local_zone_name()))
