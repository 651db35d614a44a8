"""`ota_versions` and `ota_deployments`."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from models.tables.metadata import METADATA, MOMENT, created_at, key

OTA_VERSIONS = Table(
    "ota_versions",
    METADATA,
    key(),
    Column("version", String(50), nullable=False, unique=True),
    Column("firmware_url", String(500), nullable=False),
    Column("release_notes", Text),
    Column("status", Text, nullable=False),
    Column("released_at", MOMENT),
    created_at(),
    Column("product", String(50)),
    Column("hw_revisions", ARRAY(Text), nullable=False),
    Column("version_seq", BigInteger),
    Column("size_bytes", BigInteger),
    Column("sha256", LargeBinary),
    Column("expires_at", MOMENT),
    Column("manifest", LargeBinary),
    Column("signatures", JSONB, nullable=False),
    Column("created_by", BigInteger, ForeignKey("app.users.id")),
    Column("released_by", BigInteger, ForeignKey("app.users.id")),
    Column("deprecated_by", BigInteger, ForeignKey("app.users.id")),
    Column("deprecated_at", MOMENT),
)

OTA_DEPLOYMENTS = Table(
    "ota_deployments",
    METADATA,
    key(),
    Column("device_id", BigInteger, ForeignKey("app.devices.id"), nullable=False),
    Column("version_id", BigInteger, ForeignKey("app.ota_versions.id"), nullable=False),
    Column("status", Text, nullable=False),
    Column("progress_percent", Integer),
    Column("error_message", Text),
    Column("started_at", MOMENT),
    Column("completed_at", MOMENT),
    created_at(),
    Column("rollout_id", BigInteger, ForeignKey("app.ota_rollouts.id")),
    Column("wave_id", BigInteger, ForeignKey("app.ota_waves.id")),
    Column("step", Text),
    Column("outcome", Text),
    Column("attempt", Integer, nullable=False),
    Column("station_id", BigInteger, ForeignKey("app.stations.id")),
    Column("driver_epoch", BigInteger, nullable=False),
    Column("step_deadline", MOMENT),
    Column("next_attempt_at", MOMENT),
    Column("from_version", Text, nullable=False),
    Column("observed_version", Text, nullable=False),
    Column("serial", Text, nullable=False),
    Column("bytes_sent", BigInteger, nullable=False),
    Column("waits_for", Text, nullable=False),
    Column("flipped_at", MOMENT),
    Column("flip_words", Text, nullable=False),
)
