"""What administrators do with notifications: commands, as in `commands.py`.

A secret travels as it was typed, stands in no repr, and is sealed before the database sees it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.records.notification import Channel, ChannelId, DeliveryId, Rule, RuleId

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.records.person import Person
    from models.workstation import WorkstationKeys


@dataclass(frozen=True, slots=True)
class Sealing:
    """How this computer encrypts secrets.

    Attributes:
        keys: Returns its way to the key; for a worker.
        name: What administrators see of this computer, should it make the first key.
    """

    keys: Callable[[], WorkstationKeys] = field(repr=False)
    name: str

    def make_first_key(self, connection: Connection) -> str:
        """Make the site's key where there is none: an administrator need not know before of keys.

        Returns:
            Sentences about it for the administrator; "" where there is a key already.

        Raises:
            StorageError: NotAllowed, where no administrator asks, or NeedsSetup.
        """
        keys = self.keys()
        if keys.open_box(connection).current is not None:
            return ""
        keys.create(connection, self.name)
        sentences = (
            f"The site's key for encrypted fields was made; this computer keeps it in {keys.store_place}.",
            "Stations need it too, and a second copy saves it from being lost: on each other computer run "
            "main.py key request.",
            keys.store_caution,
        )
        return " ".join(sentence for sentence in sentences if sentence)


@dataclass(frozen=True, slots=True)
class Saved:
    """A channel that was stored.

    Attributes:
        note: Sentences about the key, where this made the first one; empty otherwise.
    """

    id: ChannelId
    note: str = ""


@dataclass(frozen=True, slots=True)
class SaveChannel:
    """Store a channel, a new one where its id is 0.

    Attributes:
        channel: As it shall be, `updated_at` as it was looked at.
        secret: Typed anew; "" = none from now on; None = the one that is stored.
        sealing: Of this computer; None = it can encrypt nothing.
    """

    channel: Channel
    secret: str | None = field(repr=False)
    sealing: Sealing | None = field(default=None, compare=False)

    def apply(self, connection: Connection, person: Person) -> Saved:
        """Seal the secret and store the channel. Raises StorageError."""
        from models.notification_secrets import sealed_channel
        from models.queries.notifications import load_channels, save_channel
        from models.secrets import NO_KEYS

        stored = next((one for one in load_channels(connection) if one.id == self.channel.id), None)
        note, box = "", NO_KEYS
        has_secret = self.secret or (self.secret is None and stored is not None and stored.secret is not None)
        if has_secret and self.sealing is not None:
            note = self.sealing.make_first_key(connection) if self.secret else ""
            box = self.sealing.keys().open_box(connection)
        channel = sealed_channel(self.channel, self.secret, stored, box)
        return Saved(save_channel(connection, channel), note)


@dataclass(frozen=True, slots=True)
class OpenSecret:
    """Ask for a stored channel's secret, to test it from this computer. A question, not a command."""

    channel: ChannelId
    sealing: Sealing | None = field(default=None, compare=False)

    def __call__(self, connection: Connection) -> str:
        """Return it in clear, "" where there is none. Raises StorageError."""
        from models.notification_secrets import opened_secret
        from models.queries.notifications import load_channels
        from models.secrets import NO_KEYS

        stored = next((one for one in load_channels(connection) if one.id == self.channel), None)
        if stored is None or stored.secret is None:
            return ""
        box = self.sealing.keys().open_box(connection) if self.sealing is not None else NO_KEYS
        return opened_secret(stored, box)


@dataclass(frozen=True, slots=True)
class RemoveChannel:
    """Remove a channel that no rule uses."""

    channel: ChannelId

    def apply(self, connection: Connection, person: Person) -> None:
        """Raises Rejected where rules use it, or another StorageError."""
        from models.queries.notifications import remove_channel

        remove_channel(connection, self.channel)


@dataclass(frozen=True, slots=True)
class SaveRule:
    """Store a rule, a new one where its id is 0."""

    rule: Rule

    def apply(self, connection: Connection, person: Person) -> RuleId:
        """Return its id. Raises StorageError."""
        from models.queries.notifications import save_rule

        return save_rule(connection, self.rule)


@dataclass(frozen=True, slots=True)
class RemoveRule:
    """Remove a rule; what it had ready is still sent."""

    rule: RuleId

    def apply(self, connection: Connection, person: Person) -> None:
        """Raises StorageError."""
        from models.queries.notifications import remove_rule

        remove_rule(connection, self.rule)


@dataclass(frozen=True, slots=True)
class RetryDeliveries:
    """Have messages tried again at once, also those that failed for good."""

    deliveries: tuple[DeliveryId, ...]

    def apply(self, connection: Connection, person: Person) -> int:
        """Return how many. Raises StorageError."""
        from models.queries.notification_deliveries import retry_deliveries

        return retry_deliveries(connection, self.deliveries)


@dataclass(frozen=True, slots=True)
class CancelDeliveries:
    """Give messages up that wait."""

    deliveries: tuple[DeliveryId, ...]

    def apply(self, connection: Connection, person: Person) -> int:
        """Return how many. Raises StorageError."""
        from models.queries.notification_deliveries import cancel_deliveries

        return cancel_deliveries(connection, self.deliveries)


@dataclass(frozen=True, slots=True)
class RequestTest:
    """Have a station send a test."""

    channel: ChannelId
    address: str

    def apply(self, connection: Connection, person: Person) -> DeliveryId:
        """Return the message's number. Raises StorageError."""
        from models.queries.notification_deliveries import request_test

        return request_test(connection, self.channel, self.address)
