"""Alarm shapes: critical = rectangle 1, warning = triangle up 2, info = triangle down 3, shelved = diamond S.

Triple coding (shape, digit, colour), so that nobody needs to see colours to tell them apart. What flashes is
a border and a tint round the shape, never the text (ISA-101, EEMUA 191).
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
from models.records.threshold import Severity

WIDTH = 24
HEIGHT = 18
TINT = 0.20
RETURNED_STRENGTH = 0.5

_BORDER = 2.0


class BadgeState(IntEnum):
    """What an operator still has to do about an alert, most urgent first."""

    UNACKNOWLEDGED = 0
    ACKNOWLEDGED = 1
    RETURNED = 2
    SHELVED = 3


@dataclass(frozen=True, slots=True)
class AlertGroup:
    """The worst of several alerts, and how many there are.

    Attributes:
        severity, state: Of the most urgent: by state first (unacknowledged > acknowledged > returned), then
            by severity.
        count: Of all the open ones, at least 1.
    """

    severity: Severity
    state: BadgeState
    count: int


def state_of(alert: Alert) -> BadgeState | None:
    """Return how an alert is to be shown; None once it is resolved.

    An alert that returned to normal before anybody acknowledged it is RETURNED: it still waits for a person,
    at half strength, and does not flash.
    """
    if alert.status is AlertStatus.RESOLVED:
        return None
    if not alert.is_standing:
        return BadgeState.RETURNED
    return BadgeState.UNACKNOWLEDGED if alert.status is AlertStatus.ACTIVE else BadgeState.ACKNOWLEDGED


def group_of(alerts: Iterable[Alert]) -> AlertGroup | None:
    """Return what a tile, a rail entry or an area shows for its alerts; None when none is open."""
    worst: tuple[BadgeState, int] | None = None
    severity = Severity.INFO
    count = 0
    for alert in alerts:
        state = state_of(alert)
        if state is None:
            continue
        count += 1
        rank = (state, alert.severity.rank)
        if worst is None or rank < worst:
            worst, severity = rank, alert.severity
    return None if worst is None else AlertGroup(severity, worst[0], count)


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
        state: UNACKNOWLEDGED adds border and tint while `flash_on`; RETURNED is painted at half strength.
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
    else:
        strength = RETURNED_STRENGTH if state is BadgeState.RETURNED else 1.0
        _paint_shape(
            painter, _outline(severity, body), theme.severity(severity), theme.alarm_outline, strength
        )
        sign = theme.text if state is BadgeState.RETURNED else theme.on_severity(severity)
        _paint_sign(painter, _sign_rect(severity, body), str(severity.rank), sign)
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
    if severity is None or state is BadgeState.SHELVED:
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
        colour.setAlphaF(RETURNED_STRENGTH if state is BadgeState.RETURNED else 1.0)
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
    words = {
        BadgeState.UNACKNOWLEDGED: "not acknowledged",
        BadgeState.ACKNOWLEDGED: "acknowledged",
        BadgeState.RETURNED: "returned to normal",
        BadgeState.SHELVED: "shelved",
    }
    noun = "alert" if group.count == 1 else "alerts"
    return f"{group.count} open {noun}, worst: {group.severity.value}, {words[group.state]}"


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
