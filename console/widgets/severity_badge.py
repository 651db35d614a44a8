"""Alarm shapes: critical = rectangle 1, warning = triangle up 2, info = triangle down 3.

Triple coding (shape, digit, colour), so that nobody needs to see colours to tell them apart. What flashes is
a border and a tint round the shape, never the text (ISA-101, EEMUA 191). A latched alert that has returned
bears a small L; a shelved one is a diamond S, one suppressed by design a dashed diamond M: without colour,
because neither asks for anybody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.widgets.flash import FlashClock
from console.widgets.fonts import text_font
from console.widgets.theme import Theme, ThemeSource
from models.records.alert import Alert, AlertStatus
from models.records.shelf import HiddenBy
from models.records.threshold import Severity

WIDTH = 24
HEIGHT = 18
TINT = 0.20
RETURNED_STRENGTH = 0.5

_BORDER = 2.0
_LATCH_SHIFT = 3.0
_LATCH_PLATE = 10.0


class BadgeState(IntEnum):
    """What an operator still has to do about an alert, most urgent first (ISA-18.2, states B to H)."""

    UNACKNOWLEDGED = 0
    ACKNOWLEDGED = 1
    LATCHED_UNACKNOWLEDGED = 2
    """Returned, latching, and nobody has acknowledged it."""
    RETURNED = 3
    LATCHED = 4
    """Returned and acknowledged; waits for somebody to reset it."""
    SHELVED = 5
    SUPPRESSED = 6
    """By design: maintenance, an update, or an offline parent."""

    @property
    def is_waiting(self) -> bool:
        """Whether somebody still has to acknowledge it."""
        return self in _WAITING

    @property
    def is_returned(self) -> bool:
        """Whether the condition is over, though the alert is not."""
        return self in _RETURNED

    @property
    def is_hidden(self) -> bool:
        """Whether it asks nobody, on purpose: it counts nowhere and is only listed."""
        return self >= BadgeState.SHELVED


_WAITING = (BadgeState.UNACKNOWLEDGED, BadgeState.LATCHED_UNACKNOWLEDGED, BadgeState.RETURNED)
_RETURNED = (BadgeState.LATCHED_UNACKNOWLEDGED, BadgeState.RETURNED, BadgeState.LATCHED)
_FAINT = (BadgeState.RETURNED, BadgeState.LATCHED)
_LATCHED = (BadgeState.LATCHED_UNACKNOWLEDGED, BadgeState.LATCHED)

_WORDS = {
    BadgeState.UNACKNOWLEDGED: "not acknowledged",
    BadgeState.ACKNOWLEDGED: "acknowledged",
    BadgeState.LATCHED_UNACKNOWLEDGED: "latched, not acknowledged",
    BadgeState.RETURNED: "returned to normal",
    BadgeState.LATCHED: "latched, to be reset",
    BadgeState.SHELVED: "shelved",
    BadgeState.SUPPRESSED: "suppressed by design",
}


@dataclass(frozen=True, slots=True)
class AlertGroup:
    """The worst of several alerts, and how many there are.

    Attributes:
        severity, state: Of the most urgent: by state first (unacknowledged > acknowledged > returned), then
            by severity.
        count: Of all that are open and not hidden. Where all are hidden, of those: then `state` says so.
    """

    severity: Severity
    state: BadgeState
    count: int


def state_of(alert: Alert) -> BadgeState | None:
    """Return how an alert is to be shown; None once it is resolved.

    An alert that returned to normal before anybody acknowledged it is RETURNED: it still waits for a person,
    at half strength, and does not flash.
    """
    # As `Alert.state` says, which a test holds it to; in a flood this is asked five thousand times at once,
    # and a tenth of the time is spent.
    status = alert.status
    if status is AlertStatus.RESOLVED:
        return None
    hidden_by = alert.hidden_by
    if hidden_by is not HiddenBy.NOTHING:
        return BadgeState.SHELVED if hidden_by is HiddenBy.SHELF else BadgeState.SUPPRESSED
    is_waiting = status is AlertStatus.ACTIVE
    if alert.cleared_at is None:
        return BadgeState.UNACKNOWLEDGED if is_waiting else BadgeState.ACKNOWLEDGED
    if alert.is_latching:
        return BadgeState.LATCHED_UNACKNOWLEDGED if is_waiting else BadgeState.LATCHED
    return BadgeState.RETURNED


def group_of(alerts: Iterable[Alert]) -> AlertGroup | None:
    """Return what a tile, a device's head or an area shows for its alerts; None when none is open.

    Hidden alerts count only where there is nothing else: a device whose alerts all lie on the shelf says so.
    """
    worst: tuple[BadgeState, int] | None = None
    severity = Severity.INFO
    shown, hidden = 0, 0
    for alert in alerts:
        state = state_of(alert)
        if state is None:
            continue
        if state.is_hidden:
            hidden += 1
        else:
            shown += 1
        rank = (state, alert.severity.rank)
        if worst is None or rank < worst:
            worst, severity = rank, alert.severity
    return None if worst is None else AlertGroup(severity, worst[0], shown or hidden)


def paint_badge(
    painter: QPainter,
    rect: QRectF,
    severity: Severity | None,
    state: BadgeState,
    theme: Theme,
    *,
    flash_on: bool = True,
    count: int = 1,
) -> None:
    """Paint one badge, about 24 × 18 px, into `rect`; nothing when `severity` is None.

    Args:
        painter: Left as it was found.
        rect: The shape is centred in it. A count above one is written to the right of the shape, inside.
        severity: None = normal = nothing is painted.
        state: UNACKNOWLEDGED adds border and tint while `flash_on`; RETURNED and LATCHED are painted at half
            strength.
        flash_on: `FlashClock.is_on`.
        count: How many alerts stand behind this badge.
    """
    if severity is None:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    shape = QRectF(0, 0, min(WIDTH, rect.width()), min(HEIGHT, rect.height()))
    shape.moveCenter(rect.center())
    if count > 1:
        shape.moveLeft(rect.left())
    if state is BadgeState.UNACKNOWLEDGED and flash_on:
        _paint_halo(painter, shape, theme.severity(severity))
    body = shape.adjusted(_BORDER + 1, _BORDER, -_BORDER - 1, -_BORDER)
    if state is BadgeState.SHELVED:
        _paint_shape(painter, _diamond(body), theme.shelved, theme.alarm_outline, 1.0)
        _paint_sign(painter, body, "S", theme.on_shelved)
    elif state is BadgeState.SUPPRESSED:
        _paint_dashed(painter, _diamond(shape.adjusted(1, 0.5, -1, -0.5)), theme.text)
        _paint_sign(painter, body.adjusted(0, 1.5, 0, -1.5), "M", theme.text)
    else:
        if state in _LATCHED:
            body.translate(-_LATCH_SHIFT, 0)
        is_faint = state in _FAINT
        strength = RETURNED_STRENGTH if is_faint else 1.0
        _paint_shape(
            painter, _outline(severity, body), theme.severity(severity), theme.alarm_outline, strength
        )
        sign = theme.text if is_faint else theme.on_severity(severity)
        _paint_sign(painter, _sign_rect(severity, body), str(severity.rank), sign)
        if state in _LATCHED:
            _paint_latch(painter, shape, severity, theme)
    if count > 1:
        painter.setPen(theme.text)
        painter.setFont(text_font(11, QFont.Weight.DemiBold))
        room = QRectF(shape.right() + 2, rect.top(), rect.right() - shape.right() - 2, rect.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, count_text(count))
    painter.restore()


def paint_alarm_frame(
    painter: QPainter,
    rect: QRectF,
    severity: Severity | None,
    state: BadgeState,
    theme: Theme,
    *,
    flash_on: bool = True,
) -> None:
    """Paint the frame of a tile or row: 2 px border and 20 % tint while unacknowledged, a thin border after.

    Paint it before the texts: it never covers them.
    """
    if severity is None or state.is_hidden:
        return
    colour = QColor(theme.severity(severity))
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if state is BadgeState.UNACKNOWLEDGED and flash_on:
        tint = QColor(colour)
        tint.setAlphaF(TINT)
        painter.fillRect(rect, tint)
        painter.setPen(QPen(colour, _BORDER))
        painter.drawRect(rect.adjusted(1, 1, -1, -1))
    elif state is not BadgeState.UNACKNOWLEDGED:
        colour.setAlphaF(RETURNED_STRENGTH if state in _FAINT else 1.0)
        painter.setPen(QPen(colour, 1.0))
        painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
    painter.restore()


def count_text(count: int) -> str:
    """Return a count that fits beside a badge: "7", "99+"."""
    return str(count) if count < 100 else "99+"


def badge_text(group: AlertGroup | None) -> str:
    """Return in words what a badge shows, for accessible names and tool tips."""
    if group is None:
        return "no open alerts"
    noun = "alert" if group.count == 1 else "alerts"
    words = _WORDS[group.state]
    if group.state.is_hidden:
        return f"{group.count} {noun} {words}"
    return f"{group.count} open {noun}, worst: {group.severity.value}, {words}"


class SeverityBadge(QWidget):
    """A badge as a widget: shows the worst of a group and its count; empty when normal."""

    def __init__(
        self, theme_source: ThemeSource, flash: FlashClock | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = theme_source
        self._flash = flash
        self._group: AlertGroup | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(badge_text(None))
        theme_source.changed.connect(self.update)
        if flash is not None:
            flash.stepped.connect(self._flash_stepped)

    def set_group(self, group: AlertGroup | None) -> None:
        """Show `group`; None shows nothing."""
        if group == self._group:
            return
        is_resized = (group is None or group.count == 1) != (self._group is None or self._group.count == 1)
        self._group = group
        self.setAccessibleName(badge_text(group))
        self.setToolTip(badge_text(group))
        if is_resized:
            self.updateGeometry()
        self.update()

    def _flash_stepped(self) -> None:
        if self._group is not None and self._group.state is BadgeState.UNACKNOWLEDGED:
            self.update()

    def sizeHint(self) -> QSize:
        """Room for the shape, and for the count where there is one."""
        has_count = self._group is not None and self._group.count > 1
        return QSize(WIDTH + (26 if has_count else 0), HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the group's badge."""
        if self._group is None:
            return
        painter = QPainter(self)
        paint_badge(
            painter,
            QRectF(self.rect()),
            self._group.severity,
            self._group.state,
            self._themes.theme,
            flash_on=self._flash is None or self._flash.is_on,
            count=self._group.count,
        )
        painter.end()


def _paint_halo(painter: QPainter, shape: QRectF, colour: QColor) -> None:
    tint = QColor(colour)
    tint.setAlphaF(TINT)
    painter.setPen(QPen(colour, _BORDER))
    painter.setBrush(tint)
    painter.drawRect(shape.adjusted(1, 1, -1, -1))


def _paint_shape(painter: QPainter, outline: QPolygonF, fill: QColor, line: QColor, strength: float) -> None:
    colour = QColor(fill)
    colour.setAlphaF(strength)
    painter.setPen(QPen(line, 1.0))
    painter.setBrush(colour)
    painter.drawPolygon(outline)


def _paint_dashed(painter: QPainter, outline: QPolygonF, line: QColor) -> None:
    pen = QPen(line, 1.2)
    pen.setDashPattern([2.2, 1.8])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolygon(outline)


def _paint_latch(painter: QPainter, shape: QRectF, severity: Severity, theme: Theme) -> None:
    """Paint the L in the corner that the shape leaves free, on a plate of its own: it is not the digit."""
    plate = QRectF(0, 0, _LATCH_PLATE - 1, _LATCH_PLATE)
    plate.moveRight(shape.right() - 0.5)
    if severity is Severity.INFO:
        plate.moveBottom(shape.bottom() - 0.5)
    else:
        plate.moveTop(shape.top() + 0.5)
    painter.setPen(QPen(theme.alarm_outline, 1.0))
    painter.setBrush(theme.shelved)
    painter.drawRect(plate)
    painter.setPen(theme.on_shelved)
    painter.setFont(text_font(9, QFont.Weight.DemiBold))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, "L")


def _paint_sign(painter: QPainter, rect: QRectF, sign: str, colour: QColor) -> None:
    painter.setPen(colour)
    painter.setFont(text_font(max(8, round(rect.height() * 0.82)), QFont.Weight.DemiBold))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, sign)


def _outline(severity: Severity, body: QRectF) -> QPolygonF:
    if severity is Severity.CRITICAL:
        return QPolygonF([body.topLeft(), body.topRight(), body.bottomRight(), body.bottomLeft()])
    middle = body.center().x()
    if severity is Severity.WARNING:
        return QPolygonF([QPointF(middle, body.top()), body.bottomRight(), body.bottomLeft()])
    return QPolygonF([body.topLeft(), body.topRight(), QPointF(middle, body.bottom())])


def _diamond(body: QRectF) -> QPolygonF:
    centre = body.center()
    return QPolygonF(
        [
            QPointF(centre.x(), body.top()),
            QPointF(body.right(), centre.y()),
            QPointF(centre.x(), body.bottom()),
            QPointF(body.left(), centre.y()),
        ]
    )


def _sign_rect(severity: Severity, body: QRectF) -> QRectF:
    """Move the digit to where its triangle is wide."""
    if severity is Severity.WARNING:
        return body.adjusted(0, 3, 0, 0.5)
    if severity is Severity.INFO:
        return body.adjusted(0, -0.5, 0, -3)
    return body
