"""Alerts: what is open, what was, and what stations and people do to them.

Acknowledge and resolve are compare-and-set: of two operators the second is told who was first and when.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import RowMapping, TextClause, text
from sqlalchemy.engine import Connection

from models.clock_words import moment_in_words
from models.queries.alert_rows import ALERTS, alert_from_row
from models.queries.refusals import told_plainly
from models.queries.search_text import storable
from models.records.alert import Alert, AlertId, AlertOutcome, OpenEpisode, Transition
from models.records.device import DeviceId
from models.records.person import Person
from models.records.threshold import ThresholdId

_COMMENT_WANTED = "This alert asks for a comment; say in a few words what you found or did."
_BLOCK = 500  # findings a statement, so that a flood of thousands stays within the time a statement may take
_HANDLERS = "a person who handles alerts"
_WORST_FIRST = "ORDER BY app.severity_rank(a.severity), a.triggered_at DESC, a.id DESC"
ACTIVE_ALERTS = f"{ALERTS} WHERE a.status = 'active' {_WORST_FIRST}"
_OPEN_ALERTS = f"{ALERTS} WHERE a.status IN ('active', 'acknowledged') {_WORST_FIRST}"
_HISTORY = (
    f"{ALERTS} WHERE (a.triggered_at, a.id) < (coalesce(:before, 'infinity'::timestamptz), :before_id) "
    "ORDER BY a.triggered_at DESC, a.id DESC LIMIT :limit"
)
_EPISODES = text(
    "SELECT threshold_id, device_id, extract(epoch FROM triggered_at)::double precision, "
    "  cleared_at IS NOT NULL FROM app.alerts "
    "WHERE status IN ('active', 'acknowledged') AND threshold_id IS NOT NULL "
    "  AND (CAST(:devices AS bigint[]) IS NULL OR device_id = ANY(CAST(:devices AS bigint[]))) "
    "ORDER BY triggered_at"
)
_APPLY = text(
    "SELECT count(*) FILTER (WHERE app.apply_finding("
    "  kind, device, threshold, severity, at, value, lim, message, epoch)) "
    "FROM (SELECT * FROM unnest(CAST(:kinds AS text[]), CAST(:devices AS bigint[]), "
    "  CAST(:thresholds AS bigint[]), "
    "  CAST(:severities AS text[]), CAST(:moments AS timestamptz[]), CAST(:amounts AS double precision[]), "
    "  CAST(:limits AS double precision[]), CAST(:messages AS text[]), "
    "  CAST(:epochs AS bigint[])) "
    "  WITH ORDINALITY AS t (kind, device, threshold, severity, at, value, lim, message, epoch, place) "
    "  ORDER BY place) AS in_order"
)

# Who does it comes from the login; rights, locking and the journal are the functions' own.
_ACKNOWLEDGE = text(
    "SELECT alert_id, new_status FROM app.acknowledge_alerts(CAST(:alerts AS bigint[]), :comment)"
)
_RESOLVE = text("SELECT alert_id, new_status FROM app.resolve_alerts(CAST(:alerts AS bigint[]), :comment)")
_COMMENT = text("SELECT app.comment_alerts(CAST(:alerts AS bigint[]), :comment)")
_STANDING = text(
    "SELECT a.id, a.status, a.latching, a.acknowledged_at, a.resolved_at, a.cleared_at, "
    "  p.name AS acknowledger, r.name AS resolver, coalesce(t.requires_comment, false) AS requires_comment "
    "FROM app.alerts AS a LEFT JOIN app.persons AS p ON p.id = a.acknowledged_by "
    "LEFT JOIN app.persons AS r ON r.id = a.resolved_by "
    "LEFT JOIN app.alert_thresholds AS t ON t.id = a.threshold_id WHERE a.id = ANY(CAST(:alerts AS bigint[]))"
)


def active_alerts(conn: Connection) -> list[Alert]:
    """Return alerts nobody has acknowledged, worst first, then newest (the schema's "Active Alerts")."""
    return [alert_from_row(row) for row in conn.execute(text(ACTIVE_ALERTS)).mappings()]


def open_alerts(conn: Connection) -> list[Alert]:
    """Return active and acknowledged alerts, worst first, then newest."""
    return [alert_from_row(row) for row in conn.execute(text(_OPEN_ALERTS)).mappings()]


def alert_history(conn: Connection, limit: int, after: Alert | None = None) -> list[Alert]:
    """Return up to `limit` alerts of any status, newest first.

    Args:
        conn: Which database.
        limit: The size of a page.
        after: The last alert of the page before, None for the first page. Alerts of one moment follow each
            other by id, so that a page's end between them loses none.
    """
    before, before_id = (after.triggered_at, after.id) if after else (None, 0)
    rows = conn.execute(text(_HISTORY), {"limit": limit, "before": before, "before_id": before_id})
    return [alert_from_row(row) for row in rows.mappings()]


def open_episodes(conn: Connection, devices: Sequence[DeviceId] | None = None) -> list[OpenEpisode]:
    """Return the episodes a station must know of when it takes devices over; None = of all devices."""
    rows = conn.execute(_EPISODES, {"devices": None if devices is None else list(devices)})
    return [OpenEpisode(ThresholdId(row[0]), DeviceId(row[1]), row[2], row[3]) for row in rows]


def apply_transitions(conn: Connection, transitions: Sequence[Transition]) -> int:
    """Apply a station's findings in the order given; return how many changed something.

    Repeating them changes nothing. Findings on a threshold or device that was removed meanwhile are dropped,
    and so are those of a time after the lease under which they were made had ended.
    """
    changed = 0
    for start in range(0, len(transitions), _BLOCK):
        changed += _applied(conn, transitions[start : start + _BLOCK])
    return changed


def _applied(conn: Connection, transitions: Sequence[Transition]) -> int:
    return int(
        conn.execute(
            _APPLY,
            {
                "kinds": [t.kind.value for t in transitions],
                "devices": [t.device for t in transitions],
                "thresholds": [t.threshold for t in transitions],
                "severities": [t.severity.value for t in transitions],
                "moments": [datetime.fromtimestamp(t.at_unix, UTC) for t in transitions],
                "amounts": [t.value for t in transitions],
                "limits": [t.limit for t in transitions],
                "messages": [t.message for t in transitions],
                "epochs": [t.epoch for t in transitions],
            },
        ).scalar_one()
    )


def acknowledge(
    conn: Connection, alerts: Sequence[AlertId], person: Person, comment: str = ""
) -> list[AlertOutcome]:
    """Acknowledge alerts; return one outcome an alert, in the order given.

    An alert whose value has already returned is resolved by it. `person` is who asks; the database writes
    down whom the login belongs to, whatever is said here.

    Raises:
        NotAllowed: The login is no person's, or an engineer names an alert of somebody else's device; none
            is acknowledged then.
    """
    return _outcomes(conn, alerts, _changed(conn, _ACKNOWLEDGE, alerts, comment), _why_not_acknowledged)


def resolve(
    conn: Connection, alerts: Sequence[AlertId], person: Person, comment: str = ""
) -> list[AlertOutcome]:
    """Resolve alerts whose value has returned; one outcome an alert, in the order given.

    Refused while the condition stands, unless its threshold was switched off or removed. `person` and errors
    as in `acknowledge`.
    """
    return _outcomes(conn, alerts, _changed(conn, _RESOLVE, alerts, comment), _why_not_resolved)


def comment(conn: Connection, alerts: Sequence[AlertId], words: str) -> list[AlertId]:
    """Write words into the journal of alerts, resolved ones too; return those that exist.

    Raises:
        Rejected: There are no words.
        NotAllowed: As in `acknowledge`.
    """
    with told_plainly(_HANDLERS):
        rows = conn.execute(_COMMENT, {"alerts": list(alerts), "comment": storable(words)})
        return [AlertId(alert) for alert in rows.scalars()]


def thresholds_of(conn: Connection, alerts: Sequence[AlertId]) -> dict[AlertId, ThresholdId]:
    """Return which thresholds found these alerts; those that no threshold found are left out."""
    rows = conn.execute(
        text(
            "SELECT id, threshold_id FROM app.alerts "
            "WHERE id = ANY(CAST(:alerts AS bigint[])) AND threshold_id IS NOT NULL"
        ),
        {"alerts": list(alerts)},
    )
    return {AlertId(row[0]): ThresholdId(row[1]) for row in rows}


def _changed(
    conn: Connection, statement: TextClause, alerts: Sequence[AlertId], comment: str
) -> dict[AlertId, str]:
    with told_plainly(_HANDLERS):
        rows = conn.execute(statement, {"alerts": list(alerts), "comment": storable(comment)})
        return {AlertId(row[0]): row[1] for row in rows}


def _outcomes(
    conn: Connection,
    alerts: Sequence[AlertId],
    done: Mapping[AlertId, str],
    why_not: Callable[[RowMapping], str],
) -> list[AlertOutcome]:
    rest = [alert for alert in alerts if alert not in done]
    rows = conn.execute(_STANDING, {"alerts": rest}).mappings() if rest else ()
    reasons = {AlertId(row["id"]): why_not(row) for row in rows}
    return [
        AlertOutcome(alert, is_changed=True, text=f"{done[alert].capitalize()}.")
        if alert in done
        else AlertOutcome(alert, is_changed=False, text=reasons.get(alert, f"Alert {alert} does not exist."))
        for alert in alerts
    ]


def _why_not_acknowledged(row: RowMapping) -> str:
    """Return who was first and when, or what is missing."""
    if row["status"] == "resolved":
        return _resolved_text(row)
    if row["status"] == "active":
        return _COMMENT_WANTED
    what_follows = (
        "it has returned, and stays until somebody resolves it."
        if row["cleared_at"] is not None
        else "the condition still stands, and somebody must resolve the alert once the value has returned."
        if row["latching"]
        else "the condition still stands, and the alert resolves by itself when the value has returned."
    )
    return f"{_acknowledged_text(row)}; {what_follows}"


def _why_not_resolved(row: RowMapping) -> str:
    """Return who was first and when, what stands, or what is missing."""
    if row["status"] == "resolved":
        return _resolved_text(row)
    if row["cleared_at"] is not None:
        return _COMMENT_WANTED
    stands = "The condition still stands, so the alert cannot be resolved; shelve it to set it aside."
    return f"{stands} {_acknowledged_text(row)}." if row["status"] == "acknowledged" else stands


def _resolved_text(row: RowMapping) -> str:
    when = moment_in_words(row["resolved_at"])
    if row["resolver"]:
        return f"Already resolved by {row['resolver']} at {when}."
    if row["acknowledger"]:
        return f"{_acknowledged_text(row)}, and resolved by itself at {when}."
    return f"Already resolved by itself at {when}."


def _acknowledged_text(row: RowMapping) -> str:
    return f"Already acknowledged by {row['acknowledger']} at {moment_in_words(row['acknowledged_at'])}"
