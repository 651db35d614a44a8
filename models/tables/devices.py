"""`devices`, `alert_thresholds` and `device_latest`."""

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKey, SmallInteger, String, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from models.metrics import METRIC_KEYS
from models.tables.metadata import METADATA, MOMENT, created_at, key, updated_at

DEVICES = Table(
    "devices",
    METADATA,
    key(),
    Column("device_id", String(255), nullable=False, unique=True),
    Column("name", String(255), nullable=False),
    Column("type", String(100), nullable=False),
    Column("location", String(255), nullable=False),
    Column("status", Text, nullable=False),
    Column("user_id", BigInteger, ForeignKey("app.users.id")),
    Column("metadata", JSONB, nullable=False),
    Column("last_seen", MOMENT),
    created_at(),
    updated_at(),
    Column("status_detail", Text, nullable=False),
    Column("deleted_at", MOMENT),
)

ALERT_THRESHOLDS = Table(
    "alert_thresholds",
    METADATA,
    key(),
    Column("device_id", BigInteger, ForeignKey("app.devices.id"), nullable=False),
    Column("user_id", BigInteger, ForeignKey("app.users.id"), nullable=False),
    Column("metric_type", String(100), nullable=False),
    Column("min_value", Double),
    Column("max_value", Double),
    Column("severity", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    created_at(),
    updated_at(),
    Column("deadband", Double, nullable=False),
    Column("on_delay_s", Double, nullable=False),
    Column("off_delay_s", Double, nullable=False),
    Column("rule", Text, nullable=False),
    Column("amount", Double),
    Column("latching", Boolean, nullable=False),
    Column("requires_comment", Boolean, nullable=False),
    Column("realarm_s", Double),
    Column("cause", Text, nullable=False),
    Column("consequence", Text, nullable=False),
    Column("operator_action", Text, nullable=False),
    Column("respond_within_s", Double),
    Column("disabled_reason", Text, nullable=False),
    Column("disabled_by", BigInteger, ForeignKey("app.users.id")),
    Column("disabled_at", MOMENT),
    Column("changed_by", BigInteger, ForeignKey("app.users.id")),
)

DEVICE_LATEST = Table(
    "device_latest",
    METADATA,
    Column("device_id", BigInteger, ForeignKey("app.devices.id"), primary_key=True),
    Column("recorded_at", MOMENT, nullable=False),
    *(Column(key, Double) for key in METRIC_KEYS),
    Column("quality", SmallInteger, nullable=False),
)
