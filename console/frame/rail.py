"""The rail at the left: one entry a screen with icon, word and function key, and what is open or wrong."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QVBoxLayout

from console.widgets.flash import FlashClock
from console.widgets.fonts import text_font
from console.widgets.icons import icon
from console.widgets.severity_badge import AlertGroup, BadgeState, badge_text, paint_badge
from console.widgets.theme import ThemeSource

WIDTH = 92
_ENTRY_HEIGHT = 68


@dataclass(frozen=True, slots=True)
class RailItem:
    """One screen. `shortcut` is its function key, empty beyond the ninth."""

    key: str
    title: str
    icon: str
    shortcut: str


class RailEntry(QAbstractButton):
    """A screen's button; checked while its screen is shown."""

    def __init__(self, item: RailItem, theme_source: ThemeSource, flash: FlashClock) -> None:
        super().__init__()
        self.item = item
        self.setObjectName(f"rail-{item.key}")
        self.setText(item.title)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(item.title)
        self.setToolTip(_tip(item, ""))
        self._themes = theme_source
        self._flash = flash
        self._group: AlertGroup | None = None
        theme_source.changed.connect(self.update)
        flash.stepped.connect(self._on_flash)

    def show_group(self, group: AlertGroup | None, words: str = "") -> None:
        """Show worst severity and count; None = no badge. `words` say it where it is not about alerts."""
        spoken = f"{self.item.title}, {words or badge_text(group)}" if group else self.item.title
        if group == self._group and spoken == self.accessibleName():
            return
        self._group = group
        self.setAccessibleName(spoken)
        self.setToolTip(_tip(self.item, words if group else ""))
        self.update()

    def sizeHint(self) -> QSize:
        """The rail's width, one entry's height."""
        return QSize(WIDTH, _ENTRY_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint icon, word, key and badge."""
        theme = self._themes.theme
        painter = QPainter(self)
        rect = QRectF(self.rect())
        if self.isChecked():
            painter.fillRect(rect, theme.background)
            painter.fillRect(QRectF(0, 0, 4, rect.height()), theme.text)
        elif self.underMouse():
            painter.fillRect(rect, theme.raised)
        mode = icon(self.item.icon, theme)
        size = 26
        pixmap = mode.pixmap(QSize(size, size), self.devicePixelRatioF())
        painter.drawPixmap(round((rect.width() - size) / 2), 10, pixmap)
        painter.setFont(text_font(12, QFont.Weight.DemiBold if self.isChecked() else QFont.Weight.Normal))
        painter.setPen(theme.text)
        painter.drawText(QRectF(2, 38, rect.width() - 4, 16), Qt.AlignmentFlag.AlignCenter, self.item.title)
        painter.setFont(text_font(10))
        painter.setPen(theme.muted)
        painter.drawText(
            QRectF(2, 53, rect.width() - 4, 12), Qt.AlignmentFlag.AlignCenter, self.item.shortcut
        )
        if self._group is not None:
            room = _badge_width(self._group.count)
            paint_badge(
                painter,
                QRectF(min(rect.width() / 2 + 8, rect.width() - room - 1), 4, room, 18),
                self._group.severity,
                self._group.state,
                theme,
                flash_on=self._flash.is_on,
                count=self._group.count,
            )
        if self.hasFocus():
            painter.setPen(theme.focus)
            painter.drawRect(rect.adjusted(1.5, 1.5, -1.5, -1.5))
        painter.end()

    def _on_flash(self) -> None:
        if self._group is not None and self._group.state is BadgeState.UNACKNOWLEDGED:
            self.update()


def _tip(item: RailItem, words: str) -> str:
    title = f"{item.title} ({item.shortcut})" if item.shortcut else item.title
    return f"{title}: {words}" if words else title


def _badge_width(count: int) -> int:
    """Return how much room a badge needs with its count beside it: none for one, up to "99+"."""
    if count == 1:
        return 24
    return 36 if count < 10 else 43 if count < 100 else 52


class Rail(QFrame):
    """All screens, in the order of the registry."""

    chosen = Signal(str)  # a panel's key

    def __init__(self, items: Sequence[RailItem], theme_source: ThemeSource, flash: FlashClock) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setAccessibleName("Screens")
        self.setAutoFillBackground(True)
        self.setFixedWidth(WIDTH)
        self._themes = theme_source
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._entries = {item.key: RailEntry(item, theme_source, flash) for item in items}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.setSpacing(2)
        for entry in self._entries.values():
            self._group.addButton(entry)
            entry.clicked.connect(lambda _checked=False, key=entry.item.key: self.chosen.emit(key))
            layout.addWidget(entry)
        layout.addStretch(1)
        theme_source.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def mark(self, key: str) -> None:
        """Show which screen is open."""
        self._entries[key].setChecked(True)

    def show_group(self, key: str, group: AlertGroup | None, words: str = "") -> None:
        """Put a badge on a screen's entry; nothing where that screen does not exist."""
        if key in self._entries:
            self._entries[key].show_group(group, words)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line to the screen beside."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.fillRect(self.width() - 1, 0, 1, self.height(), self._themes.theme.line)
        painter.end()

    def _on_theme_changed(self) -> None:
        palette = self.palette()
        palette.setColor(self.backgroundRole(), self._themes.theme.surface)
        self.setPalette(palette)
