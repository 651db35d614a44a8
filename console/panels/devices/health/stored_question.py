"""When the newest reading of one device in the database was taken: asked again every five seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from console.bridge.bridge import Bridge
from models.records.device import DeviceId

if TYPE_CHECKING:
    from sqlalchemy import Connection

ASK_S = 5.0


@dataclass(frozen=True, slots=True)
class AskStored:
    """When the newest stored reading of a device was taken."""

    device: DeviceId

    def __call__(self, connection: Connection) -> datetime | None:
        """Return it; None: none is stored. Raises StorageError."""
        from models.queries.device_health import stored_at

        return stored_at(connection, self.device)


class StoredQuestion(QObject):
    """Belongs to the window's thread.

    Attributes:
        answered: The database said, or could not be asked.
        stored_at: As it said last; None: none is stored, or it has not said.
        is_known: Whether it has said.
    """

    answered = Signal()

    def __init__(
        self, bridge: Bridge, device: DeviceId, now: Callable[[], float], parent: QObject | None = None
    ) -> None:
        """Store whom to ask about which device."""
        super().__init__(parent)
        self.stored_at: datetime | None = None
        self.is_known = False
        self._bridge = bridge
        self._device = device
        self._now = now
        self._asked_unix = float("-inf")
        self._is_asking = False

    def ask_if_due(self) -> None:
        """Ask, unless that was done a moment ago."""
        now_unix = self._now()
        if not self._is_asking and abs(now_unix - self._asked_unix) >= ASK_S:
            self._asked_unix, self._is_asking = now_unix, True
            self._bridge.ask(AskStored(self._device), self._take, self._fail, self)

    def _take(self, stored_at: datetime | None) -> None:
        self._is_asking = False
        self.stored_at, self.is_known = stored_at, True
        self.answered.emit()

    def _fail(self, _sentence: str) -> None:
        # The chain says of its own that the database is away.
        self._is_asking = False
        self.answered.emit()
