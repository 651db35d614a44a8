"""The line at the bottom of every screen: links, person, clock, theme."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from console.bridge.bridge import Bridge
from console.frame.person_menu import PersonMenu
from console.frame.spool_gauge import SpoolGauge
from console.frame.status_texts import (
    clock_phrase,
    database_phrase,
    database_phrase_short,
    feed_phrase,
    horn_tip,
    station_phrase,
)
from console.panels.elided_label import ElidedLabel
from console.widgets.icons import icon
from console.widgets.plain_text import plain_tip
from console.widgets.theme import ThemeSource

_GAP_PX = 22
_NARROW_PX, _NARROW_GAP_PX = 1200, 8
_NARROW_WHILE_AWAY_PX = 1500
"""What waits for the database needs room beside everything else."""


class Field(QWidget):
    """A quiet caption with its value beside it."""

    def __init__(
        self, key: str, caption: str, theme_source: ThemeSource, *, may_shrink: bool = False
    ) -> None:
        super().__init__()
        self._caption_text = caption
        self._themes = theme_source
        self._caption = QLabel(caption)
        self._caption.setObjectName(f"status-{key}-caption")
        self._value = ElidedLabel() if may_shrink else QLabel()
        self._value.setObjectName(f"status-{key}")
        self._value.setTextFormat(Qt.TextFormat.PlainText)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        if caption:
            layout.addWidget(self._caption)
        layout.addWidget(self._value)
        theme_source.changed.connect(self.recolour)
        self.recolour()

    def show_text(self, text: str, tip: str = "") -> None:
        """Show a value; only what changed is painted again."""
        if text != self._value.text():
            self._value.setText(text)
            self._value.setAccessibleName(f"{self._caption_text}: {text}" if self._caption_text else text)
        self._value.setToolTip(tip)

    def recolour(self) -> None:
        """Take the theme's colours."""
        palette = self._caption.palette()
        palette.setColor(QPalette.ColorRole.WindowText, self._themes.theme.muted)
        self._caption.setPalette(palette)


class StatusBar(QFrame):
    """Refreshed by the window once a second, and when a link or the session changes.

    Attributes:
        person: Who is here, with the menu of what they can do about that.
    """

    theme_toggled = Signal()
    palette_wanted = Signal()

    def __init__(self, bridge: Bridge, theme_source: ThemeSource, now: Callable[[], float]) -> None:
        super().__init__()
        self.setObjectName("status-bar")
        self.setAccessibleName("Status of links, clock and person")
        self.setAutoFillBackground(True)
        self._bridge = bridge
        self._themes = theme_source
        self._now = now
        self._database = Field("database", "Database", theme_source, may_shrink=True)
        self._spool = SpoolGauge(theme_source)
        self._station = Field("station", "Station", theme_source, may_shrink=True)
        self._feed = Field("feed", "Feed", theme_source)
        self._sound = Field("sound", "Horn", theme_source)
        self.person = PersonMenu(theme_source)
        self._clock = Field("clock", "", theme_source)
        self._find = self._button("status-find", "Find a device, screen or action (Ctrl+K)")
        self._find.clicked.connect(self.palette_wanted)
        self._theme = self._button("status-theme", "Change between light and dark (Ctrl+T)")
        self._theme.clicked.connect(self.theme_toggled)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 2, 8, 2)
        layout.setSpacing(_GAP_PX)
        for field in (self._database, self._spool, self._station, self._feed, self._sound):
            layout.addWidget(field)
        layout.addStretch(1)
        for widget in (self._find, self.person, self._clock, self._theme):
            layout.addWidget(widget)
        theme_source.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        bridge.link_changed.connect(self.refresh)
        bridge.sounds.changed.connect(self.refresh)
        bridge.person_changed.connect(self.refresh)
        bridge.session.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the state of the links and the time as of now."""
        link = self._bridge.link
        had_spool = self._spool.isVisibleTo(self)
        self._spool.show_link(link)
        if self._spool.isVisibleTo(self) != had_spool:
            self._fit()
        # The line below the banner says all of it while the database is away.
        phrase = database_phrase_short(link) if self._is_narrow else database_phrase(link)
        text = link.database_text
        whole = database_phrase(link) if text.startswith("away") or link.is_database_live else text
        self._database.show_text(phrase, plain_tip(whole))
        self._station.show_text(station_phrase(link), link.station_text)
        self._feed.show_text(feed_phrase(link), "Time since the station of this computer was last heard")
        mark = self._bridge.sounds.mark
        self._sound.show_text(mark, horn_tip(self._bridge.sounds.fault))
        self._sound.setVisible(bool(mark))
        self.person.show_person(
            self._bridge.person, is_offline=link.is_offline, is_locked=self._bridge.is_locked
        )
        moment = datetime.fromtimestamp(self._now(), UTC).astimezone()
        self._clock.show_text(clock_phrase(moment), f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Move closer together where the window is narrow."""
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line to what is above."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.fillRect(0, 0, self.width(), 1, self._themes.theme.line)
        painter.end()

    def _button(self, name: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setAccessibleName(tip)
        button.setToolTip(tip)
        button.setAutoRaise(True)
        return button

    @property
    def _is_narrow(self) -> bool:
        return self.width() < (_NARROW_WHILE_AWAY_PX if self._spool.isVisibleTo(self) else _NARROW_PX)

    def _fit(self) -> None:
        is_narrow = self._is_narrow
        layout = self.layout()
        if layout is not None:
            layout.setSpacing(_NARROW_GAP_PX if is_narrow else _GAP_PX)
        self._find.setText("Find" if is_narrow else "Find  Ctrl+K")
        theme_word = "Light" if self._themes.theme.is_dark else "Dark"
        self._theme.setText("" if is_narrow else theme_word)

    def _on_theme_changed(self) -> None:
        theme = self._themes.theme
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, theme.surface)
        self.setPalette(palette)
        self._theme.setIcon(icon("mdi6.weather-sunny" if theme.is_dark else "mdi6.weather-night", theme))
        self._theme.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._find.setIcon(icon("mdi6.magnify", theme))
        self._find.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fit()
