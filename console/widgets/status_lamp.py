"""The lamp of a device: how it answers, told by shape first and grey second; never an alarm colour."""

from enum import StrEnum

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.widgets.fonts import text_font
from console.widgets.plain_text import plain_tip
from console.widgets.theme import Theme, ThemeSource
from models.records.device import DeviceStatus

SIZE = 16


class LampState(StrEnum):
    """What a lamp can say."""

    ONLINE = "online"
    OFFLINE = "offline"
    ERROR = "error"
    STALE = "stale"
    UNKNOWN = "unknown"


LAMP_WORDS: dict[LampState, str] = {
    LampState.ONLINE: "online",
    LampState.OFFLINE: "offline: no answer",
    LampState.ERROR: "error: answers wrongly, or needs somebody",
    LampState.STALE: "stale: no new reading",
    LampState.UNKNOWN: "not known yet",
}


def lamp_state_of(status: DeviceStatus | None, *, is_stale: bool = False) -> LampState:
    """Return the lamp for a status; an online device without fresh readings is STALE, not fine."""
    if status is None:
        return LampState.UNKNOWN
    if status is DeviceStatus.OFFLINE:
        return LampState.OFFLINE
    if status is DeviceStatus.ERROR:
        return LampState.ERROR
    return LampState.STALE if is_stale else LampState.ONLINE


def paint_lamp(painter: QPainter, rect: QRectF, state: LampState, theme: Theme) -> None:
    """Paint a lamp, about 16 × 16 px, centred in `rect`; the painter is left as it was found.

    Online: filled disc. Offline: hollow ring with a bar across. Error: filled square with "!".
    Stale: hatched ring with "?". Unknown: dotted ring.
    """
    side = min(rect.width(), rect.height(), SIZE) - 3
    body = QRectF(0, 0, side, side)
    body.moveCenter(rect.center())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if state is LampState.ONLINE:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.equipment)
        painter.drawEllipse(body.adjusted(1, 1, -1, -1))
    elif state is LampState.OFFLINE:
        painter.setPen(QPen(theme.text, 1.8))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(body)
        reach = side / 2 * 0.7
        centre = body.center()
        painter.drawLine(QLineF(centre + QPointF(-reach, reach), centre + QPointF(reach, -reach)))
    elif state is LampState.ERROR:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.text)
        painter.drawRoundedRect(body, 2, 2)
        _paint_sign(painter, body, "!", theme, is_inverted=True)
    elif state is LampState.STALE:
        painter.setPen(QPen(theme.text, 1.2))
        painter.setBrush(QBrush(theme.stale, Qt.BrushStyle.BDiagPattern))
        painter.drawEllipse(body)
        _paint_sign(painter, body, "?", theme, is_inverted=False)
    else:
        painter.setPen(QPen(theme.muted, 1.4, Qt.PenStyle.DotLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(body)
    painter.restore()


class StatusLamp(QWidget):
    """A lamp as a widget; its words are its accessible name and tool tip."""

    def __init__(self, theme_source: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = theme_source
        self._state = LampState.UNKNOWN
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(LAMP_WORDS[self._state])
        theme_source.changed.connect(self.update)

    @property
    def state(self) -> LampState:
        """What is shown now."""
        return self._state

    def set_state(self, state: LampState, detail: str = "") -> None:
        """Show `state`; `detail` is the sentence why, shown as tool tip."""
        text = detail or LAMP_WORDS[state]
        tip = plain_tip(text)
        if state is self._state and self.toolTip() == tip:
            return
        self._state = state
        self.setAccessibleName(text)
        self.setToolTip(tip)
        self.update()

    def sizeHint(self) -> QSize:
        """One lamp."""
        return QSize(SIZE, SIZE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lamp."""
        painter = QPainter(self)
        paint_lamp(painter, QRectF(self.rect()), self._state, self._themes.theme)
        painter.end()


def _paint_sign(painter: QPainter, body: QRectF, sign: str, theme: Theme, *, is_inverted: bool) -> None:
    painter.setPen(theme.background if is_inverted else theme.text)
    painter.setFont(text_font(round(body.height() * 0.85), QFont.Weight.DemiBold))
    painter.drawText(body, Qt.AlignmentFlag.AlignCenter, sign)
