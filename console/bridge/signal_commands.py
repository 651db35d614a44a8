"""What engineers do to the site's signals: commands, as in `commands.py`, and a question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.records.signal import Signal, SignalUses

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.records.person import Person


@dataclass(frozen=True, slots=True)
class AddSignal:
    """Let the site measure something more; it comes back to every window as `catalogue_changed`."""

    signal: Signal

    def apply(self, connection: Connection, person: Person) -> None:
        """Raises StorageError: Rejected names what is wrong, also where its key was taken meanwhile."""
        del person
        from models.queries.signals import add_signals

        add_signals(connection, [self.signal])


@dataclass(frozen=True, slots=True)
class ChangeSignal:
    """Give a signal other words and ranges. What was stored of it stays as it is.

    Attributes:
        before: As the person read it; somebody else's change since then is not overwritten.
        after: As it shall be; its key is that of `before`.
    """

    before: Signal
    after: Signal

    def apply(self, connection: Connection, person: Person) -> None:
        """Raises StorageError; AlreadyDone where somebody was faster."""
        del person
        from models.queries.signals import change_signal

        change_signal(connection, self.after, self.before)


@dataclass(frozen=True, slots=True)
class RemoveSignal:
    """Take a signal out of use. Its values stay stored; its key is free for another one."""

    key: str

    def apply(self, connection: Connection, person: Person) -> None:
        """Raises StorageError: Rejected where a tag or a limit still refers to it."""
        del person
        from models.queries.signals import remove_signal

        remove_signal(connection, self.key)


@dataclass(frozen=True, slots=True)
class AskSignalUses:
    """Ask what refers to a signal. A question, not a command."""

    key: str

    def __call__(self, connection: Connection) -> SignalUses:
        """Return what this person may see of it. Raises StorageError."""
        from models.queries.signals import signal_uses

        return signal_uses(connection, self.key)
