"""What all tables share: the schema, and the columns every one of them has."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, Identity, MetaData, func

METADATA = MetaData(schema="app")
MOMENT = DateTime(timezone=True)


def key() -> Column[int]:
    """The primary key `id`."""
    return Column("id", BigInteger, Identity(), primary_key=True)


def created_at() -> Column[datetime]:
    """When the row was written, by the database's clock."""
    return Column("created_at", MOMENT, nullable=False, server_default=func.now())


def updated_at() -> Column[datetime]:
    """When somebody last changed the row; kept by a trigger."""
    return Column("updated_at", MOMENT, nullable=False, server_default=func.now())
