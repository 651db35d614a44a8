"""A line below the banner while nobody off the console is told although somebody should be.

For administrators, who also read why, and for operators, who must know that they are alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from console.bridge.bridge import Bridge
from console.panels.wording import count_text, moment_from_unix, moment_text
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.icons import icon
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from models.records.person import Role
from models.records.rights import Action

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from models.records.notification import ChannelTrouble

_AGAIN_MS = 60_000
_SOON_MS = 2_000
_WITHOUT_REASON = "An administrator finds the reason under Settings › Notifications."


def ask_troubles(connection: Connection) -> Sequence[ChannelTrouble]:
    """Return what is wrong with notifications. Runs on a worker. Raises StorageError."""
    from models.queries.notification_deliveries import channel_troubles

    return channel_troubles(connection)


def sentence_of(troubles: Sequence[ChannelTrouble], now: datetime, *, is_admin: bool) -> str:
    """Return one sentence on the channel that has failed longest; empty where all is well."""
    if not troubles:
        return ""
    worst = troubles[0]
    rest = f", nor by {count_text(len(troubles) - 1, 'other channel')}" if len(troubles) > 1 else ""
    waiting = sum(trouble.waiting for trouble in troubles)
    queued = f"; {count_text(waiting, 'message')} waiting" if waiting else ""
    reason = (worst.reason or "No station has tried: is one running?") if is_admin else _WITHOUT_REASON
    return (
        f"Nobody off the console has been told by “{worst.channel}”{rest} since "
        f"{moment_text(worst.since, now)}{queued}. {reason}"
    )


class NotificationLine(QFrame):
    """Hidden while all is well. Asks once a minute, and soon after something about notifications changed."""

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        show_settings: Callable[[], None],
        now: Callable[[], float],
    ) -> None:
        """Store what is needed; `show_settings` opens the section that can mend it."""
        super().__init__()
        self.setObjectName("notification-line")
        self.setAutoFillBackground(True)
        self._bridge, self._themes, self._now = bridge, theme_source, now
        self._picture = QLabel()
        self._label = plain_label()
        self._label.setObjectName("notification-text")
        self._label.setWordWrap(True)
        self._label.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
        self._open = QPushButton("Show")
        self._open.setObjectName("notification-show")
        self._open.setAccessibleName("Show the notifications")
        self._open.setAutoDefault(False)
        self._open.clicked.connect(show_settings)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 3, 8, 3)
        layout.addWidget(self._picture)
        layout.addWidget(self._label, 1)
        layout.addWidget(self._open, alignment=Qt.AlignmentFlag.AlignTop)
        self._again = QTimer(self, interval=_AGAIN_MS)
        self._again.timeout.connect(self._ask)
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self._ask)
        bridge.notifications_changed.connect(self._on_news)
        theme_source.changed.connect(self._colour)
        self._colour()
        self.hide()

    def start(self) -> None:
        """Begin to ask."""
        self._again.start()
        self._ask()

    def stop(self) -> None:
        """Ask no more: the session is over."""
        self._again.stop()
        self._soon.stop()

    def _on_news(self) -> None:
        # A message on its way changes several times a second; that it goes through is worth one look.
        if self._again.isActive() and not self._soon.isActive():
            self._soon.start()

    def _ask(self) -> None:
        person = self._bridge.person
        if person is None or person.role is Role.USER:
            return
        # Where it cannot be asked, other lines say why.
        self._bridge.ask(ask_troubles, self._show, lambda _sentence: None, self)

    def _show(self, troubles: Sequence[ChannelTrouble]) -> None:
        is_admin = self._bridge.may(Action.MANAGE_NOTIFICATIONS)
        sentence = sentence_of(troubles, moment_from_unix(self._now()), is_admin=is_admin)
        self._label.setText(sentence)
        self.setAccessibleName(sentence)
        self._open.setVisible(is_admin)
        self.setVisible(bool(sentence))

    def _colour(self) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, self._themes.theme.raised)
        self.setPalette(palette)
        picture = icon("mdi6.email-off-outline", self._themes.theme)
        self._picture.setPixmap(picture.pixmap(QSize(20, 20)))
