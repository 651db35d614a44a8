"""What is set aside on purpose: shelved alerts and devices in maintenance, now and once.

Who may, for how long, and what needs a signature is decided by the functions of migration 0014.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.engine import Connection

from models.clock_words import moment_in_words
from models.queries.refusals import told_plainly
from models.queries.search_text import storable
from models.records.device import DeviceId
from models.records.shelf import Maintenance, Shelf, ShelfOutcome
from models.records.threshold import ThresholdId

_HANDLERS = "a person who handles alerts"

_SHELVES = (
    "SELECT s.threshold_id, s.device_id, d.name AS device_name, p.name AS by, s.reason, "
    "  s.shelved_at AS begun, "
    "  s.until, s.is_one_shot, s.is_signed, s.ended_at, e.name AS ended_by, s.ended_why "
    "FROM app.alert_shelves AS s JOIN app.devices AS d ON d.id = s.device_id "
    "LEFT JOIN app.persons AS p ON p.id = s.user_id LEFT JOIN app.persons AS e ON e.id = s.ended_by "
)
_MAINTENANCE = (
    "SELECT m.device_id, d.name AS device_name, p.name AS by, m.reason, m.began_at AS begun, m.until, "
    "  m.ended_at, e.name AS ended_by, m.ended_why "
    "FROM app.device_maintenance AS m JOIN app.devices AS d ON d.id = m.device_id "
    "LEFT JOIN app.persons AS p ON p.id = m.user_id LEFT JOIN app.persons AS e ON e.id = m.ended_by "
)
# What was set aside at any time of a period, oldest first.
_SHELVES_IN = (
    "WHERE s.shelved_at < :until AND (s.ended_at IS NULL OR s.ended_at > :since) ORDER BY s.shelved_at, s.id"
)
_MAINTENANCE_IN = (
    "WHERE m.began_at < :until AND (m.ended_at IS NULL OR m.ended_at > :since) ORDER BY m.began_at, m.id"
)


def sign(conn: Connection) -> None:
    """Say that whoever uses this connection has typed the password for what follows in this transaction.

    Counts as a signature only on a connection that was opened within the last minute: a program that keeps a
    password may open one whenever it likes, so it must say which ones a person stands behind.
    """
    conn.execute(text("SELECT set_config('console.signed', 'typed', true)"))


def shelve(
    conn: Connection, thresholds: Sequence[ThresholdId], reason: str, seconds: float, *, is_one_shot: bool
) -> list[ShelfOutcome]:
    """Set the alerts of thresholds aside; return one outcome a threshold, in the order given.

    Args:
        conn: Of a person who handles alerts.
        thresholds: Whose alerts.
        reason: Why; at most 2,000 characters.
        seconds: For how long, at most the site's `AlarmSettings.max_shelf_s`.
        is_one_shot: At most until the condition is over.

    Raises:
        Rejected: No reason, too long, or something critical among them and the password was not entered
            within the last minute (`Bridge.command_signed`); none is shelved then.
        NotAllowed: The login is no person's, or an engineer names a threshold of somebody else's device.
    """
    with told_plainly(_HANDLERS):
        rows = conn.execute(
            text(
                "SELECT threshold_id, outcome FROM app.shelve_thresholds("
                "  CAST(:thresholds AS bigint[]), :reason, :seconds, :one_shot)"
            ),
            {
                "thresholds": list(thresholds),
                "reason": storable(reason),
                "seconds": seconds,
                "one_shot": is_one_shot,
            },
        ).all()
    done = {ThresholdId(row[0]): row[1] for row in rows}
    lying = {shelf.threshold: shelf for shelf in open_shelves(conn)} if "already" in done.values() else {}
    return [_outcome(threshold, done.get(threshold), lying.get(threshold)) for threshold in thresholds]


def unshelve(conn: Connection, thresholds: Sequence[ThresholdId]) -> list[ThresholdId]:
    """Take the alerts of thresholds from the shelf; return those that lay on it. Raises NotAllowed."""
    with told_plainly(_HANDLERS):
        rows = conn.execute(
            text("SELECT app.unshelve_thresholds(CAST(:thresholds AS bigint[]))"),
            {"thresholds": list(thresholds)},
        )
        return [ThresholdId(threshold) for threshold in rows.scalars()]


def open_shelves(conn: Connection) -> list[Shelf]:
    """Return what lies on the shelf now, what comes back first in front."""
    statement = f"{_SHELVES} WHERE s.ended_at IS NULL ORDER BY s.until, s.id"
    return [_shelf(row) for row in conn.execute(text(statement)).mappings()]


def shelves_in(conn: Connection, since: datetime, until: datetime) -> list[Shelf]:
    """Return what lay on the shelf at any time from `since` until before `until`, oldest first."""
    rows = conn.execute(text(_SHELVES + _SHELVES_IN), {"since": since, "until": until})
    return [_shelf(row) for row in rows.mappings()]


def begin_maintenance(
    conn: Connection, devices: Sequence[DeviceId], reason: str, seconds: float
) -> list[DeviceId]:
    """Put devices into maintenance, or change how long and why; return those that exist.

    Their alerts go on being recorded and ask nobody.

    Raises:
        Rejected: No reason, or longer than the site's `AlarmSettings.max_maintenance_s`.
        NotAllowed: The login is no person's, or an engineer names somebody else's device.
    """
    with told_plainly(_HANDLERS):
        rows = conn.execute(
            text("SELECT app.begin_maintenance(CAST(:devices AS bigint[]), :reason, :seconds)"),
            {"devices": list(devices), "reason": storable(reason), "seconds": seconds},
        )
        return [DeviceId(device) for device in rows.scalars()]


def end_maintenance(conn: Connection, devices: Sequence[DeviceId]) -> list[DeviceId]:
    """Take devices out of maintenance; return those that were in it. Raises NotAllowed."""
    with told_plainly(_HANDLERS):
        rows = conn.execute(
            text("SELECT app.end_maintenance(CAST(:devices AS bigint[]))"), {"devices": list(devices)}
        )
        return [DeviceId(device) for device in rows.scalars()]


def open_maintenance(conn: Connection) -> list[Maintenance]:
    """Return the devices in maintenance now, what ends first in front."""
    statement = f"{_MAINTENANCE} WHERE m.ended_at IS NULL ORDER BY m.until, m.id"
    return [_maintenance(row) for row in conn.execute(text(statement)).mappings()]


def maintenance_in(conn: Connection, since: datetime, until: datetime) -> list[Maintenance]:
    """Return what was in maintenance at any time from `since` until before `until`, oldest first."""
    rows = conn.execute(text(_MAINTENANCE + _MAINTENANCE_IN), {"since": since, "until": until})
    return [_maintenance(row) for row in rows.mappings()]


def _outcome(threshold: ThresholdId, outcome: str | None, lying: Shelf | None) -> ShelfOutcome:
    if outcome == "shelved":
        return ShelfOutcome(threshold, is_changed=True, text="Shelved.")
    if outcome is None:
        return ShelfOutcome(threshold, is_changed=False, text=f"Threshold {threshold} does not exist.")
    if lying is None:
        return ShelfOutcome(threshold, is_changed=False, text="Already on the shelf.")
    since, until = moment_in_words(lying.shelved_at), moment_in_words(lying.until)
    return ShelfOutcome(
        threshold,
        is_changed=False,
        text=f"Already shelved by {lying.by} at {since}, until {until}; take it from the shelf first.",
    )


def _shelf(row: RowMapping) -> Shelf:
    return Shelf(
        threshold=ThresholdId(row["threshold_id"]),
        device=DeviceId(row["device_id"]),
        device_name=row["device_name"],
        by=row["by"] or "",
        reason=row["reason"],
        shelved_at=row["begun"],
        until=row["until"],
        is_one_shot=row["is_one_shot"],
        is_signed=row["is_signed"],
        ended_at=row["ended_at"],
        ended_by=row["ended_by"] or "",
        ended_why=row["ended_why"] or "",
    )


def _maintenance(row: RowMapping) -> Maintenance:
    return Maintenance(
        device=DeviceId(row["device_id"]),
        device_name=row["device_name"],
        by=row["by"] or "",
        reason=row["reason"],
        began_at=row["begun"],
        until=row["until"],
        ended_at=row["ended_at"],
        ended_by=row["ended_by"] or "",
        ended_why=row["ended_why"] or "",
    )
