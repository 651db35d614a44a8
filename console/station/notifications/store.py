"""What the dispatcher asks of the database, and the real thing. Blocks; for the dispatcher's thread only."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from models.database import Database
from models.errors import StorageError
from models.notification_secrets import opened_secret
from models.queries.notification_queue import (
    claim_message,
    due_channels,
    finish_message,
    make_messages,
    note_trouble,
)
from models.records.notification import Attempt, Channel, ChannelId, Claimed
from models.secrets import NO_KEYS, SecretBox
from models.workstation import WorkstationKeys


@dataclass(frozen=True, slots=True)
class DueChannel:
    """A channel by which something is to be sent.

    Attributes:
        due_since: When the oldest message became due, by the database's clock.
        trouble: Why this station cannot send by it, one sentence; empty where it can.
    """

    channel: Channel
    due_since: datetime
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that is this station's for a while, and the channel's secret in clear ("" = none)."""

    message: Claimed
    secret: str = field(default="", repr=False)


class NotificationStore(Protocol):
    """The queue, seen from one station. Every call raises StorageError."""

    def make_messages(self) -> int:
        """Turn what is due into messages; return how many."""
        ...

    def due(self) -> Sequence[DueChannel]:
        """Return the channels by which something is to be sent now."""
        ...

    def claim(self, channel: ChannelId, seconds: float) -> Taken | None:
        """Take one message; None where others were faster. Raises StorageError where it cannot be opened."""
        ...

    def finish(self, message: Claimed, attempt: Attempt, wait_s: float) -> str:
        """Say what became of an attempt; return the message's state."""
        ...

    def note_trouble(self, channel: ChannelId, sentence: str) -> None:
        """Say why this station cannot send by a channel."""
        ...


class DatabaseNotificationStore:
    """The queue in PostgreSQL."""

    def __init__(self, database: Database, keys: WorkstationKeys | None) -> None:
        """Keep the way to the database; connects when first asked.

        Args:
            database: With the station's login.
            keys: This computer's; without them only channels without a secret are served.
        """
        self._database = database
        self._keys = keys
        self._box: SecretBox = NO_KEYS

    def make_messages(self) -> int:
        """See `NotificationStore.make_messages`."""
        with self._database.transaction() as connection:
            return make_messages(connection)

    def due(self) -> Sequence[DueChannel]:
        """See `NotificationStore.due`."""
        with self._database.transaction() as connection:
            found = due_channels(connection)
            if self._keys is not None and any(channel.secret is not None for channel, _ in found):
                self._box = self._keys.open_box(connection)
        return [DueChannel(channel, since, self._trouble(channel)) for channel, since in found]

    def claim(self, channel: ChannelId, seconds: float) -> Taken | None:
        """See `NotificationStore.claim`. Nothing stays claimed where the secret does not open."""
        with self._database.transaction() as connection:
            message = claim_message(connection, channel, seconds)
            return None if message is None else Taken(message, opened_secret(message.channel, self._box))

    def finish(self, message: Claimed, attempt: Attempt, wait_s: float) -> str:
        """See `NotificationStore.finish`."""
        with self._database.transaction() as connection:
            return finish_message(connection, message, attempt, wait_s)

    def note_trouble(self, channel: ChannelId, sentence: str) -> None:
        """See `NotificationStore.note_trouble`."""
        with self._database.transaction() as connection:
            note_trouble(connection, channel, sentence)

    def _trouble(self, channel: Channel) -> str:
        try:
            opened_secret(channel, self._box)
        except StorageError as error:
            return str(error)
        return ""
