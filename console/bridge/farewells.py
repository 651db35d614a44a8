"""Ends the logins of those who left, once no question of theirs is on its way to the database any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from console.bridge.persons_database import PersonsDatabase
    from console.sign_in import Session

_LOOK_MS = 50


class Farewells(QObject):
    """Keeps what a session leaves behind until its threads have come back: Qt objects must outlive them."""

    def __init__(self, dismiss: Callable[[Session], None], parent: QObject) -> None:
        """Store what ends a login."""
        super().__init__(parent)
        self._dismiss = dismiss
        self._leaving: list[PersonsDatabase] = []
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self.look)

    def see_off(self, database: PersonsDatabase) -> None:
        """Let somebody's way to the database go, without waiting for it."""
        database.leave()
        self._leaving.append(database)
        self._look.start()

    def look(self) -> None:
        """Dismiss those whose threads have ended."""
        for database in [each for each in self._leaving if not each.is_running]:
            self._leaving.remove(database)
            database.deleteLater()
            self._dismiss(database.session)
        if not self._leaving:
            self._look.stop()

    def stop(self) -> None:
        """Wait a moment for all of them. Safe twice."""
        self._look.stop()
        for database in self._leaving:
            database.stop()
