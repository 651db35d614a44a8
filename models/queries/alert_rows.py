"""Alerts between rows and records: one question that joins everything an `Alert` tells."""

from sqlalchemy.engine import RowMapping

from models.records.alert import Alert, AlertId, AlertStatus
from models.records.device import DeviceId
from models.records.shelf import HiddenBy
from models.records.threshold import RuleKind, Severity, ThresholdId

ANNUNCIATED = "coalesce(e.is_annunciated, e.kind IN ('raised', 'reoccurred'))"
"""Whether a line `e` of the journal asked for an operator. Lines from before this was noted say nothing: of
those whatever began was shown."""
_RANKS = " ".join(f"WHEN '{severity.value}' THEN {severity.rank}" for severity in Severity)
SEVERITY_RANK = f"CASE a.severity {_RANKS} END"
"""As `app.severity_rank` of an alert `a`; of 100,000 alerts that function takes three times as long."""

ALERTS = (
    "SELECT a.id, a.device_id, d.name AS device_name, d.location, a.threshold_id, a.user_id, "
    "  u.email AS user_email, a.metric, a.severity, a.message, a.status, a.triggered_at, a.acknowledged_at, "
    "  p.name AS acknowledged_by, a.cleared_at, a.resolved_at, a.value_at_trigger, a.limit_at_trigger, "
    "  a.rule, a.latching, a.hidden_by, a.annunciated_at, r.name AS resolved_by, "
    "  s.until AS shelved_until, sp.name AS shelved_by, s.reason AS shelf_reason, "
    "  coalesce(t.requires_comment, false) AS requires_comment, "
    "  (SELECT count(*) FROM app.alert_events AS e WHERE e.alert_id = a.id AND e.comment <> '' "
    "   AND e.user_id IS NOT NULL AND e.kind IN ('commented', 'acknowledged', 'resolved')) AS comments "
    "FROM app.alerts AS a JOIN app.devices AS d ON d.id = a.device_id "
    # Outer joins: an alert of a device without owner is an alert all the same.
    # `users` shows an engineer one row, their own; names come from `persons`, which shows all to all.
    "LEFT JOIN app.users AS u ON u.id = a.user_id LEFT JOIN app.persons AS p ON p.id = a.acknowledged_by "
    "LEFT JOIN app.persons AS r ON r.id = a.resolved_by "
    "LEFT JOIN app.alert_thresholds AS t ON t.id = a.threshold_id "
    "LEFT JOIN app.alert_shelves AS s ON s.threshold_id = a.threshold_id AND s.ended_at IS NULL "
    "  AND a.hidden_by = 'shelf' LEFT JOIN app.persons AS sp ON sp.id = s.user_id "
)
"""Alerts as `a`, their devices as `d`; conditions and order follow."""


def alert_from_row(row: RowMapping) -> Alert:
    """Make the record."""
    return Alert(
        id=AlertId(row["id"]),
        device=DeviceId(row["device_id"]),
        device_name=row["device_name"],
        location=row["location"],
        threshold=None if row["threshold_id"] is None else ThresholdId(row["threshold_id"]),
        user_id=row["user_id"],
        user_email=row["user_email"],
        metric=row["metric"],
        severity=Severity(row["severity"]),
        message=row["message"],
        status=AlertStatus(row["status"]),
        triggered_at=row["triggered_at"],
        acknowledged_at=row["acknowledged_at"],
        acknowledged_by=row["acknowledged_by"],
        cleared_at=row["cleared_at"],
        resolved_at=row["resolved_at"],
        value_at_trigger=row["value_at_trigger"],
        limit_at_trigger=row["limit_at_trigger"],
        rule=RuleKind(row["rule"]),
        is_latching=row["latching"],
        hidden_by=HiddenBy(row["hidden_by"]),
        shelved_until=row["shelved_until"],
        shelved_by=row["shelved_by"] or "",
        shelf_reason=row["shelf_reason"] or "",
        requires_comment=row["requires_comment"],
        annunciated_at=row["annunciated_at"],
        resolved_by=row["resolved_by"],
        comments=row["comments"],
    )
