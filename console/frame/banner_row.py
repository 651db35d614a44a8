"""One line of the alert banner: badge, device, message, age; or how many more there are."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.panels.wording import SEVERITY_WORDS
from console.widgets.flash import FlashClock
from console.widgets.fonts import text_font
from console.widgets.plain_text import plain_tip
from console.widgets.severity_badge import (
    HEIGHT,
    WIDTH,
    BadgeState,
    paint_alarm_frame,
    paint_badge,
    state_of,
)
from console.widgets.stale_hatching import age_text
from console.widgets.theme import ThemeSource
from models.records.alert import Alert

ROW_HEIGHT = 28
_TEXT_PX = 13
_DEVICE_SHARE = 0.24
_DEVICE_MOST = 260


@dataclass(frozen=True, slots=True)
class RowColumns:
    """How wide the lines' columns are, in px: no wider than what stands in them; messages get the rest."""

    device: float = 0.0
    age: float = 0.0


def columns_of(names: list[str], ages_s: list[float]) -> RowColumns:
    """Return columns for these device names and ages."""
    name = QFontMetricsF(text_font(_TEXT_PX, QFont.Weight.DemiBold))
    age = QFontMetricsF(text_font(_TEXT_PX))
    return RowColumns(
        max((name.horizontalAdvance(words) for words in names), default=0.0),
        max((age.horizontalAdvance(age_text(age_s)) for age_s in ages_s), default=0.0),
    )


class BannerRow(QWidget):
    """Shows one alert, a sum of others, or nothing. A click, Enter or Space leads there."""

    chosen = Signal()

    def __init__(self, place: int, theme_source: ThemeSource, flash: FlashClock) -> None:
        """Store which of the banner's lines this is, counted from 1."""
        super().__init__()
        self.setObjectName(f"banner-row-{place}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._place = place
        self._themes = theme_source
        self._flash = flash
        self._alert: Alert | None = None
        self._age_s = 0.0
        self._note = ""
        self._columns = RowColumns()
        self.show_words("")
        theme_source.changed.connect(self.update)
        flash.stepped.connect(self._on_flash)

    @property
    def alert(self) -> Alert | None:
        """What is shown."""
        return self._alert

    @property
    def words(self) -> str:
        """What is shown instead of an alert, or of its message."""
        return self._note

    def show_alert(self, alert: Alert, age_s: float, columns: RowColumns, note: str = "") -> None:
        """Show an alert with its age; `note` says what is being done about it, instead of its message."""
        if (alert, int(age_s), columns, note) == (self._alert, int(self._age_s), self._columns, self._note):
            return
        self._alert, self._age_s, self._columns, self._note = alert, age_s, columns, note
        word = SEVERITY_WORDS[alert.severity]
        self.setAccessibleName(f"{word} alert: {alert.device_name}: {alert.message}, since {age_text(age_s)}")
        words = f"{alert.message}\n{alert.device_name}, {alert.location}. Click to see the device."
        self.setToolTip(plain_tip(words))
        self._let_choose(is_something=True)

    def show_words(self, words: str) -> None:
        """Show words instead of an alert; they lead to the list. Empty = show nothing."""
        if self._alert is None and words == self._note and self.accessibleName():
            return
        self._alert, self._note = None, words
        self.setAccessibleName(words or f"Alert {self._place}: none")
        self.setToolTip("Click to see the list." if words else "")
        self._let_choose(is_something=bool(words))

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(480, ROW_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line."""
        painter = QPainter(self)
        rect = QRectF(self.rect()).adjusted(0, 1, 0, -1)
        if self._alert is not None:
            self._paint_alert(painter, rect, self._alert)
        else:
            _write(painter, rect.adjusted(6 + WIDTH + 8, 0, -8, 0), self._note, self._themes.theme.text)
        if self.hasFocus():
            painter.setPen(self._themes.theme.focus)
            painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lead to the device, or to the list."""
        if self.focusPolicy() is not Qt.FocusPolicy.NoFocus and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space are a click."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)

    def _let_choose(self, *, is_something: bool) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if is_something else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if is_something else Qt.CursorShape.ArrowCursor)
        self.update()

    def _paint_alert(self, painter: QPainter, rect: QRectF, alert: Alert) -> None:
        theme = self._themes.theme
        state = state_of(alert)
        state = BadgeState.RETURNED if state is None else state
        if state is BadgeState.UNACKNOWLEDGED:
            paint_alarm_frame(painter, rect, alert.severity, state, theme, flash_on=self._flash.is_on)
        badge = QRectF(rect.left() + 6, rect.center().y() - HEIGHT / 2, WIDTH, HEIGHT)
        paint_badge(painter, badge, alert.severity, state, theme, flash_on=False)
        # Half a pixel more than the text is wide: rounding must not shorten what fits.
        device_px = min(_DEVICE_MOST, rect.width() * _DEVICE_SHARE, self._columns.device + 1)
        device = QRectF(badge.right() + 8, rect.top(), device_px, rect.height())
        age_px = self._columns.age + 1
        age = QRectF(rect.right() - age_px - 8, rect.top(), age_px, rect.height())
        message = QRectF(device.right() + 12, rect.top(), age.left() - device.right() - 20, rect.height())
        _write(painter, device, alert.device_name, theme.text, QFont.Weight.DemiBold)
        over = " (returned)" if state.is_returned else ""
        _write(painter, message, self._note or alert.message + over, theme.text)
        _write(painter, age, age_text(self._age_s), theme.muted, right=True)

    def _on_flash(self) -> None:
        if self._alert is not None and state_of(self._alert) is BadgeState.UNACKNOWLEDGED:
            self.update()


def _write(
    painter: QPainter,
    rect: QRectF,
    text: str,
    colour: QColor,
    weight: QFont.Weight = QFont.Weight.Normal,
    *,
    right: bool = False,
) -> None:
    font = text_font(_TEXT_PX, weight)
    painter.setFont(font)
    painter.setPen(colour)
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, side | Qt.AlignmentFlag.AlignVCenter, shown)
