"""What the site decided about alerts: one row. Everybody reads it, administrators change it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.errors import NotAllowed, Rejected
from models.records.shelf import AlarmSettings, Shift

_MOST_SHELF_S, _MOST_MAINTENANCE_S = 2_592_000.0, 31_536_000.0
_LEAST_S = 60.0
_MOST_POSITIONS, _MOST_SHIFTS, _LONGEST_NAME = 100, 12, 60
_CLOCK = re.compile("([01][0-9]|2[0-3]):([0-5][0-9])")


def load_alarm_settings(conn: Connection) -> AlarmSettings:
    """Return what the site decided; to a login that sees nothing, what every site begins with."""
    row = conn.execute(
        text(
            "SELECT max_shelf_s, max_maintenance_s, operator_positions, shifts, time_zone "
            "FROM app.alarm_settings"
        )
    ).one_or_none()
    if row is None:
        return AlarmSettings()
    return AlarmSettings(
        max_shelf_s=row.max_shelf_s,
        max_maintenance_s=row.max_maintenance_s,
        operator_positions=row.operator_positions,
        shifts=tuple(map(_shift, cast("list[Mapping[str, object]]", row.shifts))),
        time_zone=row.time_zone,
    )


def save_alarm_settings(conn: Connection, settings: AlarmSettings) -> None:
    """Decide anew, for everybody, from now on. What is on the shelf already stays as long as was said.

    Raises:
        Rejected: Something cannot be; the sentence names it.
        NotAllowed: The person is no administrator.
    """
    if fault := fault_of(settings):
        raise Rejected(fault)
    changed = conn.execute(
        text(
            "UPDATE app.alarm_settings SET max_shelf_s = :shelf, max_maintenance_s = :maintenance, "
            "  operator_positions = :positions, shifts = CAST(:shifts AS jsonb), time_zone = :zone"
        ),
        {
            "shelf": settings.max_shelf_s,
            "maintenance": settings.max_maintenance_s,
            "positions": settings.operator_positions,
            "shifts": json.dumps([{"name": s.name.strip(), "starts": s.starts} for s in settings.shifts]),
            "zone": settings.time_zone,
        },
    ).rowcount
    if not changed:
        raise NotAllowed("Only an administrator may change what the site decided about alerts.")


def fault_of(settings: AlarmSettings) -> str:
    """Return what is wrong with settings, one sentence; empty where nothing is."""
    if not _is_between(settings.max_shelf_s, _LEAST_S, _MOST_SHELF_S):
        return "The longest time on the shelf must lie between 1 minute and 30 days."
    if not _is_between(settings.max_maintenance_s, _LEAST_S, _MOST_MAINTENANCE_S):
        return "The longest maintenance must lie between 1 minute and 365 days."
    if not 1 <= settings.operator_positions <= _MOST_POSITIONS:
        return f"There must be 1 to {_MOST_POSITIONS} operator positions."
    if not _is_time_zone(settings.time_zone):
        return f"There is no time zone {settings.time_zone!r}; give one like Europe/Berlin."
    return _fault_of_shifts(settings.shifts)


def minute_of_day(starts: str) -> int | None:
    """Return the minute of the day that "06:00" names; None where it names none."""
    time = _CLOCK.fullmatch(starts)
    return int(time[1]) * 60 + int(time[2]) if time else None


def _fault_of_shifts(shifts: tuple[Shift, ...]) -> str:
    if len(shifts) > _MOST_SHIFTS:
        return f"A day has at most {_MOST_SHIFTS} shifts."
    starts = [minute_of_day(shift.starts) for shift in shifts]
    for shift, minute in zip(shifts, starts, strict=True):
        if minute is None:
            return f"Shift {shift.name!r} must start at a time like 06:00, not {shift.starts!r}."
        if not shift.name.strip() or len(shift.name) > _LONGEST_NAME or "\0" in shift.name:
            return f"A shift needs a name of 1 to {_LONGEST_NAME} characters."
    if len(set(starts)) < len(starts):
        return "Two shifts start at the same time."
    if len({shift.name.strip() for shift in shifts}) < len(shifts):
        return "Two shifts have the same name."
    in_order = [minute for minute in starts if minute is not None]
    return "" if in_order == sorted(in_order) else "Shifts must stand in the order in which they start."


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    # A name with an odd character is a ValueError; one that is a folder, an OSError.
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _is_between(value: float, least: float, most: float) -> bool:
    return math.isfinite(value) and least <= value <= most


def _shift(entry: Mapping[str, object]) -> Shift:
    return Shift(str(entry.get("name", "")), str(entry.get("starts", "")))
