"""`alerts` and their journal `alert_events`."""

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Table, Text

from models.tables.metadata import METADATA, MOMENT, created_at, key

ALERTS = Table(
    "alerts",
    METADATA,
    key(),
    Column("device_id", BigInteger, ForeignKey("app.devices.id"), nullable=False),
    Column("threshold_id", BigInteger, ForeignKey("app.alert_thresholds.id")),
    Column("user_id", BigInteger, ForeignKey("app.users.id")),
    Column("severity", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("triggered_at", MOMENT, nullable=False),
    Column("acknowledged_at", MOMENT),
    Column("resolved_at", MOMENT),
    created_at(),
    Column("metric", Text),
    Column("cleared_at", MOMENT),
    Column("acknowledged_by", BigInteger, ForeignKey("app.users.id")),
    Column("resolved_by", BigInteger, ForeignKey("app.users.id")),
    Column("value_at_trigger", Double),
    Column("limit_at_trigger", Double),
    Column("station_id", BigInteger, ForeignKey("app.stations.id")),
)

ALERT_EVENTS = Table(
    "alert_events",
    METADATA,
    key(),
    Column("alert_id", BigInteger, ForeignKey("app.alerts.id"), nullable=False),
    Column("device_id", BigInteger, nullable=False),
    Column("threshold_id", BigInteger),
    Column("kind", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    Column("user_id", BigInteger, ForeignKey("app.users.id")),
    Column("value", Double),
    Column("comment", Text, nullable=False),
    Column("written_at", MOMENT, nullable=False),
)
