"""The mark of a rollout, a wave or a device: shape first, and never an alarm colour."""

from enum import StrEnum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.widgets.fonts import text_font
from console.widgets.theme import Theme, ThemeSource
from models.records.rollout import RolloutState, WaveState

MARK_PX = 18


class Mark(StrEnum):
    """What a mark can say."""

    OPEN = "open"  # dotted ring: nothing has begun
    ASKS = "asks"  # ring with "?": somebody has to decide
    READY = "ready"  # ring
    RUNS = "runs"  # triangle to the right
    WATCHES = "watches"  # ring with a dot
    RESTS = "rests"  # two bars
    WRONG = "wrong"  # square with "!"
    DONE = "done"  # disc with a tick
    PARTLY = "partly"  # disc with "!"
    GIVEN_UP = "given up"  # ring with a cross


_R = RolloutState
MARK_OF_ROLLOUT = {
    _R.DRAFT: Mark.OPEN,
    _R.AWAITING_APPROVAL: Mark.ASKS,
    _R.APPROVED: Mark.READY,
    _R.RUNNING: Mark.RUNS,
    _R.PAUSED: Mark.RESTS,
    _R.HALTED: Mark.WRONG,
    _R.COMPLETED: Mark.DONE,
    _R.COMPLETED_WITH_FAILURES: Mark.PARTLY,
    _R.ABORTED: Mark.GIVEN_UP,
}
_W = WaveState
MARK_OF_WAVE = {
    _W.PLANNED: Mark.OPEN,
    _W.DEPLOYING: Mark.RUNS,
    _W.SETTLING: Mark.WATCHES,
    _W.SOAKING: Mark.WATCHES,
    _W.JUDGING: Mark.WATCHES,
    _W.PASSED: Mark.DONE,
    _W.HELD: Mark.ASKS,
    _W.FAILED: Mark.WRONG,
}


def paint_mark(painter: QPainter, rect: QRectF, mark: Mark, theme: Theme) -> None:
    """Paint a mark in the middle of `rect`; the painter is left as it was found."""
    side = min(rect.width(), rect.height(), MARK_PX) - 4
    body = QRectF(0, 0, side, side)
    body.moveCenter(rect.center())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.text, 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    match mark:
        case Mark.OPEN:
            painter.setPen(QPen(theme.muted, 1.4, Qt.PenStyle.DotLine))
            painter.drawEllipse(body)
        case Mark.ASKS:
            painter.drawEllipse(body)
            _sign(painter, body, "?", theme.text)
        case Mark.READY:
            painter.drawEllipse(body)
        case Mark.WATCHES:
            painter.drawEllipse(body)
            painter.setBrush(theme.text)
            painter.drawEllipse(body.center(), side / 6, side / 6)
        case Mark.RUNS:
            painter.setBrush(theme.equipment)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawPolygon(
                QPolygonF([body.topLeft(), QPointF(body.right(), body.center().y()), body.bottomLeft()])
            )
        case Mark.RESTS:
            bar = QRectF(body.left(), body.top(), side * 0.34, side)
            painter.fillRect(bar, theme.equipment)
            painter.fillRect(bar.translated(side * 0.66, 0), theme.equipment)
        case Mark.WRONG:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.text)
            painter.drawRoundedRect(body, 2, 2)
            _sign(painter, body, "!", theme.background)
        case Mark.DONE:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.equipment)
            painter.drawEllipse(body)
            painter.setPen(QPen(theme.surface, 1.8))
            painter.drawPolyline(
                QPolygonF([_at(body, 0.26, 0.53), _at(body, 0.44, 0.72), _at(body, 0.76, 0.32)])
            )
        case Mark.PARTLY:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.equipment)
            painter.drawEllipse(body)
            _sign(painter, body, "!", theme.surface)
        case Mark.GIVEN_UP:
            painter.setPen(QPen(theme.muted, 1.6))
            painter.drawEllipse(body)
            painter.drawLine(_at(body, 0.3, 0.3), _at(body, 0.7, 0.7))
            painter.drawLine(_at(body, 0.3, 0.7), _at(body, 0.7, 0.3))
    painter.restore()


class MarkLamp(QWidget):
    """A mark as a widget; the words beside it say the same."""

    def __init__(self, theme_source: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = theme_source
        self._mark = Mark.OPEN
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme_source.changed.connect(self.update)

    def show_mark(self, mark: Mark) -> None:
        """Show another."""
        if mark is not self._mark:
            self._mark = mark
            self.update()

    def sizeHint(self) -> QSize:
        """One mark."""
        return QSize(MARK_PX, MARK_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        paint_mark(painter, QRectF(self.rect()), self._mark, self._themes.theme)
        painter.end()


def _at(body: QRectF, x: float, y: float) -> QPointF:
    return QPointF(body.left() + x * body.width(), body.top() + y * body.height())


def _sign(painter: QPainter, body: QRectF, sign: str, colour: QColor) -> None:
    painter.setPen(colour)
    painter.setFont(text_font(round(body.height() * 0.8), QFont.Weight.DemiBold))
    painter.drawText(body, Qt.AlignmentFlag.AlignCenter, sign)
