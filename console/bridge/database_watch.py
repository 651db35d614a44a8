"""Follows one person's database: listens for changes, says when it is away, and when it refuses their login.

One thread of its own, because listening blocks.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from models.errors import DatabaseAway, SignInRefused, StorageError

if TYPE_CHECKING:
    from models.database import Database

CHANNELS = ("catalogue", "alerts", "readings", "people", "notifications", "stations", "firmware")
_PAUSES_S = (0.5, 1.0, 2.0)
_SETTLED_AFTER_S = 10.0
_STOP_WITHIN_S = 5.0

_log = logging.getLogger(__name__)


class DatabaseWatch(QObject):
    """Signals come from the thread and arrive queued on the thread that the receiver lives on."""

    notified = Signal(str)  # the channel on which something changed
    link_changed = Signal(bool, str)  # whether the database answers; "live", or why not
    refused = Signal(str)  # the login is not let in any more: disabled, or with another password

    def __init__(self, database: Database, parent: QObject | None = None) -> None:
        """Store which database to follow; somebody else closes it."""
        super().__init__(parent)
        self._database = database
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._told: tuple[bool, str] | None = None

    @property
    def is_running(self) -> bool:
        """Whether the thread has not left yet: this object must live on for as long."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin to listen; returns at once."""
        self._thread = threading.Thread(target=self._listen, name="database-watch", daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Say nothing more, and end within a quarter of a second. Returns at once. Safe twice."""
        self._stop.set()

    def stop(self) -> None:
        """Leave, and wait for it. Safe twice."""
        self._stop.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(_STOP_WITHIN_S)

    def _listen(self) -> None:
        """Until stopped: hear of changes. A lost connection is said once, and tried again."""
        attempt = 0
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self._hear()
            except StorageError as error:
                self._on_failure(error)
            except Exception:  # noqa: BLE001 - a named net: without this thread the window hears of nothing
                _log.exception("Listening to the database failed")
                self._tell(False, "The database cannot be followed: a mistake in this program; see the log.")
            attempt = 0 if time.monotonic() - began > _SETTLED_AFTER_S else attempt + 1
            self._stop.wait(_PAUSES_S[min(attempt, len(_PAUSES_S) - 1)])

    def _hear(self) -> None:
        _probe(self._database)
        self._tell(True, "live")
        # What changed while nobody listened was not heard: everything is asked for again.
        for channel in CHANNELS:
            self._emit(self.notified, channel)
        for notification in self._database.listen(CHANNELS, self._stop):
            self._emit(self.notified, notification.channel)

    def _on_failure(self, error: StorageError) -> None:
        if isinstance(error, SignInRefused):
            self._emit(self.refused, str(error))
        elif not isinstance(error, DatabaseAway):
            _log.warning("Listening to the database failed: %s", error)
        self._tell(False, str(error))

    def _tell(self, is_live: bool, text: str) -> None:  # noqa: FBT001
        if self._told != (is_live, text):
            self._told = (is_live, text)
            _log.log(logging.INFO if is_live else logging.WARNING, "The database: %s", text)
            self._emit(self.link_changed, is_live, text)

    def _emit(self, signal: object, *values: object) -> None:
        if isValid(self) and not self._stop.is_set():
            signal.emit(*values)  # type: ignore[attr-defined]


def _probe(database: Database) -> None:
    with database.transaction() as connection:
        connection.exec_driver_sql("SELECT 1")
