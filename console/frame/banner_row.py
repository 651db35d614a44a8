"""One line of the alert banner: badge, device, message, age; and its Acknowledge button."""

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
_DEVICE_SHARE = 0.24
_DEVICE_MOST = 260
_AGE_WIDTH = 92


class BannerRow(QWidget):
    """Shows one alert, or nothing. A click, Enter or Space leads to its device."""

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
        self.show_alert(None, 0.0)
        theme_source.changed.connect(self.update)
        flash.stepped.connect(self._on_flash)

    @property
    def alert(self) -> Alert | None:
        """What is shown."""
        return self._alert

    def show_alert(self, alert: Alert | None, age_s: float, note: str = "") -> None:
        """Show an alert with its age; `note` says what is being done about it."""
        self._alert, self._age_s, self._note = alert, age_s, note
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if alert else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if alert else Qt.CursorShape.ArrowCursor)
        if alert is None:
            self.setAccessibleName(f"Alert {self._place}: none")
            self.setToolTip("")
        else:
            word = SEVERITY_WORDS[alert.severity]
            self.setAccessibleName(
                f"{word} alert: {alert.device_name}: {alert.message}, since {age_text(age_s)}"
            )
            words = f"{alert.message}\n{alert.device_name}, {alert.location}. Click to see the device."
            self.setToolTip(plain_tip(words))
        self.update()

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(480, ROW_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the alert's line."""
        if self._alert is None:
            return
        alert, theme = self._alert, self._themes.theme
        state = state_of(alert)
        state = BadgeState.RETURNED if state is None else state
        painter = QPainter(self)
        rect = QRectF(self.rect()).adjusted(0, 1, 0, -1)
        if state is BadgeState.UNACKNOWLEDGED:
            paint_alarm_frame(painter, rect, alert.severity, state, theme, flash_on=self._flash.is_on)
        badge = QRectF(rect.left() + 6, rect.center().y() - HEIGHT / 2, WIDTH, HEIGHT)
        paint_badge(painter, badge, alert.severity, state, theme, flash_on=False)
        device_width = min(_DEVICE_MOST, rect.width() * _DEVICE_SHARE)
        device = QRectF(badge.right() + 8, rect.top(), device_width, rect.height())
        age = QRectF(rect.right() - _AGE_WIDTH - 8, rect.top(), _AGE_WIDTH, rect.height())
        message = QRectF(device.right() + 12, rect.top(), age.left() - device.right() - 20, rect.height())
        _write(painter, device, alert.device_name, theme.text, QFont.Weight.DemiBold)
        over = " (returned to normal)" if state.is_returned else ""
        _write(painter, message, self._note or alert.message + over, theme.text)
        _write(painter, age, age_text(self._age_s), theme.muted, right=True)
        if self.hasFocus():
            painter.setPen(theme.focus)
            painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lead to the device."""
        if self._alert is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space are a click."""
        if self._alert and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)

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
    font = text_font(13, weight)
    painter.setFont(font)
    painter.setPen(colour)
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, side | Qt.AlignmentFlag.AlignVCenter, shown)
