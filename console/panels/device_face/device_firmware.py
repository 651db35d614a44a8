"""What a device runs, and the history of its updates; asked again when a rollout moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFont, QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.catalogue.rollout_history import (
    DeviceUpdates,
    rollout_words,
    running_words,
    update_words,
    updates_of,
)
from console.panels.device_face.fact_tables import heading
from console.panels.wording import count_text, moment_from_unix, moment_text
from console.widgets.fonts import BODY_PX, SMALL_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from models.records.device import DeviceId
from models.records.rollout import Deployment

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SHOWN = 6
_MOST_ROLLOUTS = 200
_AGAIN_MS = 400


@dataclass(frozen=True, slots=True)
class AskUpdates:
    """The updates of one device."""

    device: DeviceId

    def __call__(self, connection: Connection) -> DeviceUpdates:
        """Return them. Raises StorageError."""
        from models.queries.rollout_list import load_heads
        from models.queries.rollouts import load_history

        history = load_history(connection, self.device)
        return updates_of(history, load_heads(connection, _MOST_ROLLOUTS) if history else ())


class DeviceFirmware(QWidget):
    """A section of the column beside the metrics."""

    def __init__(self, bridge: Bridge, theme_source: ThemeSource, now: Callable[[], float]) -> None:
        super().__init__()
        self.setObjectName("device-firmware")
        self._bridge, self._themes, self._now = bridge, theme_source, now
        self._device: DeviceId | None = None
        self._is_stale = True
        self._running = _wrapped("device-firmware-running")
        self._rows: list[tuple[QLabel, QLabel]] = []
        self._more = _wrapped("device-firmware-more")
        self._more.hide()
        self._again = QTimer(self, singleShot=True, interval=_AGAIN_MS)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(heading("Firmware"))
        self._column.addWidget(self._running)
        self._column.addWidget(self._more)
        self._again.timeout.connect(self._ask)
        bridge.firmware_changed.connect(self._on_changed)
        theme_source.changed.connect(self._colour)

    def show_device(self, device: DeviceId) -> None:
        """Show another device; what was shown of the one before goes at once."""
        if device != self._device:
            self._device = device
            self._show_rows((), "Loading…")
            self._ask()

    def show_updates(self, updates: DeviceUpdates) -> None:
        """Show what it runs, and the latest of its updates."""
        history = updates.history
        rows = tuple((self._when(one, updates), update_words(one, updates)) for one in history[:_SHOWN])
        self._show_rows(rows, running_words(updates))
        earlier = len(history) - len(rows)
        self._more.setText(f"and {count_text(earlier, 'earlier update')}")
        self._more.setVisible(earlier > 0)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while nobody looked."""
        super().showEvent(event)
        if self._is_stale and not event.spontaneous():
            self._ask()

    # -- private ---------------------------------------------------------------------------------------

    def _on_changed(self) -> None:
        self._is_stale = True
        if self.isVisible() and not self._again.isActive():
            self._again.start()

    def _ask(self) -> None:
        device = self._device
        if device is None or not self.isVisible():
            self._is_stale = True
            return
        self._is_stale = False

        def take(updates: DeviceUpdates) -> None:
            if device == self._device:
                self.show_updates(updates)

        def fail(sentence: str) -> None:
            # What is known stays; the frame says that the database is away.
            if device == self._device and self._running.text() == "Loading…":
                self._running.setText(sentence)
            self._is_stale = True

        self._bridge.ask(AskUpdates(device), take, fail, self)

    def _when(self, one: Deployment, updates: DeviceUpdates) -> str:
        at, now = one.completed_at or one.started_at, moment_from_unix(self._now())
        moment = f"{moment_text(at, now)} · " if at is not None else ""
        return f"{moment}{rollout_words(one, updates)}"

    def _show_rows(self, rows: tuple[tuple[str, str], ...], running: str) -> None:
        self._running.setText(running)
        while len(self._rows) < len(rows):
            number = len(self._rows)
            words, when = _wrapped(f"device-update-{number}"), _wrapped(f"device-update-{number}-when")
            when.setFont(text_font(SMALL_PX))
            self._rows.append((words, when))
            place = self._column.indexOf(self._more)
            self._column.insertWidget(place, words)
            self._column.insertWidget(place + 1, when)
        for place, (words, when) in enumerate(self._rows):
            is_shown = place < len(rows)
            when.setText(rows[place][0] if is_shown else "")
            words.setText(rows[place][1] if is_shown else "")
            words.setVisible(is_shown)
            when.setVisible(is_shown)
        self._running.setFont(text_font(BODY_PX, QFont.Weight.DemiBold if rows else QFont.Weight.Normal))
        self._more.hide()
        self._colour()

    def _colour(self) -> None:
        muted = f"color: {self._themes.theme.muted.name()};"
        for _words, when in self._rows:
            when.setStyleSheet(muted)
        self._more.setStyleSheet(muted)


def _wrapped(name: str) -> QLabel:
    label = plain_label()
    label.setObjectName(name)
    label.setWordWrap(True)
    return label
