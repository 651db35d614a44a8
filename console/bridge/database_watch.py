"""Keeps the window's connection to the database: opens it, listens for changes, says when it is away.

One thread of its own, because opening (which may create the database) and listening block.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from models.errors import DatabaseAway, StorageError

if TYPE_CHECKING:
    from models.database import Database

CHANNELS = ("catalogue", "alerts", "readings")
_PAUSES_S = (0.5, 1.0, 2.0)
_SETTLED_AFTER_S = 10.0
_STOP_WITHIN_S = 15.0
"""Creating a database takes a few seconds and must not be cut off half-way."""

_log = logging.getLogger(__name__)


class DatabaseWatch(QObject):
    """Signals come from the thread and arrive queued on the thread that the receiver lives on."""

    opened = Signal(object)  # Database, once
    notified = Signal(str)  # the channel on which something changed
    link_changed = Signal(bool, str)  # whether the database answers; "live", or why not

    def __init__(
        self, open_database: Callable[[], AbstractContextManager[Database]], parent: QObject | None = None
    ) -> None:
        """Store how to open the database; the context is left again on the same thread."""
        super().__init__(parent)
        self._open_database = open_database
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._told: tuple[bool, str] | None = None

    def start(self) -> None:
        """Begin to open and listen; returns at once."""
        self._thread = threading.Thread(target=self._run, name="database-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Leave the database. Safe twice."""
        self._stop.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(_STOP_WITHIN_S)

    def _run(self) -> None:
        attempt = 0
        while not self._stop.is_set():
            try:
                with self._open_database() as database:
                    if not self._stop.is_set():
                        self._emit(self.opened, database)
                        self._listen(database)
                return
            except StorageError as error:
                self._tell(False, str(error))
            except Exception:  # noqa: BLE001 - a named net: without this thread the window waits for ever
                _log.exception("Opening the database failed")
                self._tell(False, "The database could not be opened: a mistake in this program; see the log.")
            self._stop.wait(_PAUSES_S[min(attempt, len(_PAUSES_S) - 1)])
            attempt += 1

    def _listen(self, database: Database) -> None:
        """Until stopped: hear of changes. A lost connection is said once, and tried again."""
        attempt = 0
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                _probe(database)
                self._tell(True, "live")
                # What changed while nobody listened was not heard: everything is asked for again.
                for channel in CHANNELS:
                    self._emit(self.notified, channel)
                for notification in database.listen(CHANNELS, self._stop):
                    self._emit(self.notified, notification.channel)
            except StorageError as error:
                if not isinstance(error, DatabaseAway):
                    _log.warning("Listening to the database failed: %s", error)
                self._tell(False, str(error))
            attempt = 0 if time.monotonic() - began > _SETTLED_AFTER_S else attempt + 1
            self._stop.wait(_PAUSES_S[min(attempt, len(_PAUSES_S) - 1)])

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
