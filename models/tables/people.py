"""`users` and `stations`: who may sign in."""

from sqlalchemy import BigInteger, Boolean, Column, String, Table, Text

from models.tables.metadata import METADATA, MOMENT, created_at, key, updated_at

USERS = Table(
    "users",
    METADATA,
    key(),
    Column("email", String(255), nullable=False, unique=True),
    Column("password_hash", String(255), nullable=False),
    Column("name", String(255), nullable=False),
    Column("role", Text, nullable=False),
    created_at(),
    updated_at(),
    Column("db_role", String, unique=True),  # PostgreSQL type name
    Column("is_active", Boolean, nullable=False),
    Column("deleted_at", MOMENT),
)

STATIONS = Table(
    "stations",
    METADATA,
    key(),
    Column("name", String(255), nullable=False, unique=True),
    Column("db_role", String, nullable=False, unique=True),  # PostgreSQL type name
    Column("is_enabled", Boolean, nullable=False),
    Column("incarnation", BigInteger, nullable=False),
    Column("version", Text, nullable=False),
    Column("last_seen", MOMENT),
    created_at(),
    updated_at(),
)
