"""`users`: who may sign in."""

from sqlalchemy import Column, String, Table, Text

from models.tables.metadata import METADATA, created_at, key, updated_at

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
)
