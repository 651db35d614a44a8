"""What the Notifications section asks the database. Runs on worker threads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.records.notification import (
    Channel,
    ChannelTrouble,
    Delivery,
    DeliveryId,
    DeliveryState,
    QueueCounts,
    Rule,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class PersonChoice:
    """Somebody who can be told."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything that forms and tables of channels and rules need, of one moment."""

    channels: tuple[Channel, ...]
    rules: tuple[Rule, ...]
    persons: tuple[PersonChoice, ...]


@dataclass(frozen=True, slots=True)
class Queue:
    """How the queue stands."""

    counts: QueueCounts
    deliveries: tuple[Delivery, ...]
    troubles: tuple[ChannelTrouble, ...]


@dataclass(frozen=True, slots=True)
class LoadSetup:
    """Channels, rules, and whom a rule may name."""

    def __call__(self, connection: Connection) -> Setup:
        """Return them. Raises StorageError."""
        from models.queries.notifications import load_channels, load_rules
        from models.queries.people import accounts

        persons = (
            PersonChoice(account.id, account.name)
            for account in accounts(connection)
            if account.is_active and account.has_password and not account.is_former
        )
        return Setup(tuple(load_channels(connection)), tuple(load_rules(connection)), tuple(persons))


@dataclass(frozen=True, slots=True)
class LoadQueue:
    """Messages and what is wrong. `states` empty = all."""

    states: tuple[DeliveryState, ...] = ()

    def __call__(self, connection: Connection) -> Queue:
        """Return them. Raises StorageError."""
        from models.queries.notification_deliveries import channel_troubles, count_queue, load_deliveries

        return Queue(
            count_queue(connection),
            tuple(load_deliveries(connection, states=self.states)),
            tuple(channel_troubles(connection)),
        )


@dataclass(frozen=True, slots=True)
class LoadDelivery:
    """One message."""

    delivery: DeliveryId

    def __call__(self, connection: Connection) -> Delivery | None:
        """Return it, None where it is not there any more. Raises StorageError."""
        from models.queries.notification_deliveries import load_delivery

        return load_delivery(connection, self.delivery)
