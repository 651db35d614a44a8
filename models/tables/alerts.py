"""`alerts` with their journal, what is set aside, and the site's settings."""

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKey, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from models.tables.metadata import METADATA, MOMENT, created_at, key, updated_at

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
    Column("rule", Text, nullable=False),
    Column("latching", Boolean, nullable=False),
    Column("hidden_by", Text, nullable=False),
    Column("annunciated_at", MOMENT),
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
    Column("is_annunciated", Boolean),
    Column("station_id", BigInteger),
    Column("workstation", Text, nullable=False),
)

ALERT_SHELVES = Table(
    "alert_shelves",
    METADATA,
    key(),
    Column("device_id", BigInteger, ForeignKey("app.devices.id"), nullable=False),
    Column("threshold_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, ForeignKey("app.users.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("shelved_at", MOMENT, nullable=False),
    Column("until", MOMENT, nullable=False),
    Column("is_one_shot", Boolean, nullable=False),
    Column("is_signed", Boolean, nullable=False),
    Column("ended_at", MOMENT),
    Column("ended_by", BigInteger, ForeignKey("app.users.id")),
    Column("ended_why", Text),
)

DEVICE_MAINTENANCE = Table(
    "device_maintenance",
    METADATA,
    key(),
    Column("device_id", BigInteger, ForeignKey("app.devices.id"), nullable=False),
    Column("user_id", BigInteger, ForeignKey("app.users.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("began_at", MOMENT, nullable=False),
    Column("until", MOMENT, nullable=False),
    Column("ended_at", MOMENT),
    Column("ended_by", BigInteger, ForeignKey("app.users.id")),
    Column("ended_why", Text),
)

ALARM_SETTINGS = Table(
    "alarm_settings",
    METADATA,
    Column("only_one", Boolean, primary_key=True),
    Column("max_shelf_s", Double, nullable=False),
    Column("max_maintenance_s", Double, nullable=False),
    Column("operator_positions", Integer, nullable=False),
    Column("shifts", JSONB, nullable=False),
    Column("time_zone", Text, nullable=False),
    updated_at(),
)
