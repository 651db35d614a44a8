"""`shift_handovers`."""

from sqlalchemy import BigInteger, Column, ForeignKey, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from models.tables.metadata import METADATA, MOMENT, key

SHIFT_HANDOVERS = Table(
    "shift_handovers",
    METADATA,
    key(),
    Column("shift_name", Text, nullable=False),
    Column("began_at", MOMENT, nullable=False),
    Column("ends_at", MOMENT, nullable=False),
    Column("drafted_at", MOMENT, nullable=False),
    Column("sections", JSONB, nullable=False),
    Column("written_by", BigInteger, ForeignKey("app.users.id"), nullable=False),
    Column("written_at", MOMENT, nullable=False),
    Column("digest", Text, nullable=False),
    Column("outgoing_by", BigInteger, ForeignKey("app.users.id")),
    Column("outgoing_at", MOMENT),
    Column("outgoing_workstation", Text, nullable=False),
    Column("incoming_by", BigInteger, ForeignKey("app.users.id")),
    Column("incoming_at", MOMENT),
    Column("incoming_workstation", Text, nullable=False),
)
