"""Alerts with their journal, written straight into the tables, as months of work would have left them."""

import random
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.engine import Connection

ALERT = text(
    "INSERT INTO app.alerts (device_id, threshold_id, severity, message, status, triggered_at, "
    "  acknowledged_at, cleared_at, resolved_at, metric, hidden_by) "
    "SELECT t.device_id, t.id, t.severity, 'hot', :status, :triggered, :acknowledged, :cleared, :resolved, "
    "  t.metric_type, :hidden FROM app.alert_thresholds AS t WHERE t.id = :threshold RETURNING id"
)
EVENT = text(
    "INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, user_id, is_annunciated) "
    "SELECT :alert, t.device_id, t.id, :kind, :at, :person, :asked FROM app.alert_thresholds AS t "
    "WHERE t.id = :threshold"
)


def add_alert(
    conn: Connection,
    threshold: int,
    triggered: datetime,
    *,
    stood_s: float | None = None,
    acknowledged_s: float | None = None,
    person: int | None = None,
    is_hidden: bool = False,
) -> int:
    """Write one episode; it is resolved once it has both cleared and been acknowledged."""
    cleared = None if stood_s is None else triggered + timedelta(seconds=stood_s)
    acknowledged = None if acknowledged_s is None else triggered + timedelta(seconds=acknowledged_s)
    resolved = max(cleared, acknowledged) if cleared and acknowledged else None
    alert = conn.execute(
        ALERT,
        {
            "threshold": threshold,
            "status": "resolved" if resolved else "acknowledged" if acknowledged else "active",
            "triggered": triggered,
            "acknowledged": acknowledged,
            "cleared": cleared,
            "resolved": resolved,
            "hidden": "shelf" if is_hidden else "",
        },
    ).scalar_one()
    lines = [(triggered, "raised", None), (cleared, "cleared", None), (acknowledged, "acknowledged", person)]
    lines.append((resolved, "resolved", person if acknowledged == resolved else None))
    for at, kind, who in sorted((line for line in lines if line[0]), key=lambda line: line[0]):
        asked = kind == "raised" and not is_hidden
        conn.execute(
            EVENT,
            {"alert": alert, "threshold": threshold, "kind": kind, "at": at, "person": who, "asked": asked},
        )
    return alert


def add_many(conn: Connection, thresholds: list[int], until: datetime, count: int, person: int) -> None:
    """Write `count` episodes of the two days before `until`, of all sorts, the same ones every time."""
    chance = random.Random(7)
    ends = dict.fromkeys(thresholds, datetime(2000, 1, 1, tzinfo=UTC))
    begin = until - timedelta(days=2)
    moments = sorted(begin + timedelta(seconds=chance.uniform(0, 172_000)) for _ in range(count // 2))
    burst = begin + timedelta(hours=20)
    moments += [burst + timedelta(seconds=chance.uniform(0, 900)) for _ in range(count - len(moments))]
    for moment in sorted(moments):
        threshold = chance.choice(thresholds)
        if moment <= ends[threshold]:
            continue
        stood = chance.choice((4.0, 9.0, 60.0, 600.0, 7200.0))
        waited = chance.choice((3.0, 20.0, 90.0, 1800.0))
        ends[threshold] = moment + timedelta(seconds=max(stood, waited))
        add_alert(
            conn,
            threshold,
            moment,
            stood_s=stood,
            acknowledged_s=waited,
            person=person,
            is_hidden=chance.random() < 0.1,
        )
