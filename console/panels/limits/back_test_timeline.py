"""When it alerted: what really came above, what would come below, on the time axis of the chart above it.

Grey and blue; alarm colours belong to alerts, and these are none that asks for anybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.panels.limits.back_test_words import BackTestReport
from console.widgets.chart_geometry import AXIS_PX
from console.widgets.fonts import SMALL_PX, text_font
from console.widgets.theme import Theme, ThemeSource

_LEFT_PX, _RIGHT_PX = AXIS_PX + 4, 8
"""As in a compact TimeChart, so that moments stand below each other."""
_HEAD_PX = 17
_LANE_PX = 20
_LEAST_PX = 2.0
_MARK_PX = 5.0


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of a lane. `is_acted_on`: somebody did something about it; `is_missed`: it would not be."""

    began_unix: float
    ended_unix: float
    is_acted_on: bool = False
    is_missed: bool = False


def real_spans(report: BackTestReport) -> list[Span]:
    """Return what really came, and above it what somebody acted on."""
    until = report.test.until_unix
    spans = [Span(e.began_unix, until if e.ended_unix is None else e.ended_unix) for e in report.real]
    missed = {alert.id for alert in report.test.missed}
    for alert in report.test.acted_on:
        over_at = alert.cleared_at or alert.resolved_at
        ended = until if over_at is None else over_at.timestamp()
        spans.append(Span(alert.triggered_at.timestamp(), ended, True, alert.id in missed))
    return spans


def replayed_spans(report: BackTestReport) -> list[Span]:
    """Return what would have come."""
    until = report.test.until_unix
    return [Span(e.began_unix, until if e.ended_unix is None else e.ended_unix) for e in report.test.episodes]


class BackTestTimeline(QWidget):
    """Two lanes. A click leads to the moment below the pointer.

    Attributes:
        pointed: The person wants to see a moment (Unix seconds).
    """

    pointed = Signal(float)

    def __init__(self, theme_source: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("back-test-timeline")
        self.setAccessibleName("When it alerted, really and in the back-test")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._themes = theme_source
        self._real: Sequence[Span] = ()
        self._replayed: Sequence[Span] = ()
        self._counts: tuple[int, int] | None = None
        self._old = ""
        self._since, self._until = 0.0, 1.0
        theme_source.changed.connect(self.update)

    def show_report(self, report: BackTestReport | None) -> None:
        """Show another result; None = nothing is known."""
        self._real = real_spans(report) if report is not None else ()
        self._replayed = replayed_spans(report) if report is not None else ()
        self._counts = (report.test.recorded, report.test.count) if report is not None else None
        self._old = ""
        self.setAccessibleDescription(
            f"{report.test.recorded} alerts really came, {report.test.count} would come" if report else ""
        )
        self.update()

    def set_old(self, words: str) -> None:
        """Pale the lower lane, and say why: it is about settings that have changed since."""
        if words != self._old:
            self._old = words
            self.update()

    def show_range(self, since_unix: float, until_unix: float) -> None:
        """Show the stretch that the chart shows."""
        self._since, self._until = since_unix, max(until_unix, since_unix + 1.0)
        self.update()

    def sizeHint(self) -> QSize:
        """Two lanes, each with its words above it."""
        return QSize(400, 2 * (_HEAD_PX + _LANE_PX) + 6)

    def minimumSizeHint(self) -> QSize:
        """As low as it is."""
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint both lanes."""
        painter = QPainter(self)
        theme = self._themes.theme
        real, replayed = (f"{count:,}" for count in self._counts) if self._counts else ("–", "–")
        upper = QRectF(_LEFT_PX, _HEAD_PX, self.width() - _LEFT_PX - _RIGHT_PX, _LANE_PX)
        lower = upper.translated(0, _HEAD_PX + _LANE_PX)
        acted = sum(span.is_acted_on for span in self._real)
        missed = sum(span.is_missed for span in self._real)
        words = f"Really came: {real}" + (f"   ▲ acted on: {acted}" if acted else "")
        words += f"   ✕ would be missed: {missed}" if missed else ""
        self._paint_lane(painter, theme, upper, words, self._real, theme.equipment)
        blue = QColor(theme.focus)
        if self._old:
            blue.setAlphaF(0.35)
        again = f"   ({self._old})" if self._old and self._counts else ""
        self._paint_lane(painter, theme, lower, f"Would come: {replayed}{again}", self._replayed, blue)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Lead to the moment below the pointer."""
        x = event.position().x()
        if event.button() is Qt.MouseButton.LeftButton and _LEFT_PX <= x <= self.width() - _RIGHT_PX:
            part = (x - _LEFT_PX) / max(1, self.width() - _LEFT_PX - _RIGHT_PX)
            self.pointed.emit(self._since + part * (self._until - self._since))

    # -- private ---------------------------------------------------------------------------------------

    def _paint_lane(
        self,
        painter: QPainter,
        theme: Theme,
        lane: QRectF,
        words: str,
        spans: Sequence[Span],
        colour: QColor,
    ) -> None:
        painter.setFont(text_font(SMALL_PX + 1, QFont.Weight.DemiBold))
        painter.setPen(theme.text)
        room = QRectF(lane.left(), lane.top() - _HEAD_PX, lane.width(), _HEAD_PX)
        metrics = QFontMetricsF(painter.font())
        painter.drawText(
            room,
            Qt.AlignmentFlag.AlignVCenter,
            metrics.elidedText(words, Qt.TextElideMode.ElideRight, lane.width()),
        )
        painter.fillRect(lane, theme.surface)
        painter.setPen(QPen(theme.line, 1))
        painter.drawRect(lane.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setClipRect(lane)
        last = -1.0
        for span in spans:
            rect = self._rect(span, lane)
            # Thousands of short ones would be painted over each other; one a pixel is as good.
            if rect is None or (not span.is_acted_on and rect.right() <= last + 0.5):
                continue
            if not span.is_acted_on:
                painter.fillRect(rect.adjusted(0, 4, 0, -1), colour)
                last = rect.right()
        for span in spans:
            rect = self._rect(span, lane)
            if span.is_acted_on and rect is not None:
                _paint_acted_on(painter, theme, rect, is_missed=span.is_missed)
        painter.setClipping(False)

    def _rect(self, span: Span, lane: QRectF) -> QRectF | None:
        if span.ended_unix < self._since or span.began_unix > self._until:
            return None
        scale = lane.width() / (self._until - self._since)
        left = lane.left() + (max(span.began_unix, self._since) - self._since) * scale
        right = lane.left() + (min(span.ended_unix, self._until) - self._since) * scale
        return QRectF(left, lane.top(), max(_LEAST_PX, right - left), lane.height())


def _paint_acted_on(painter: QPainter, theme: Theme, rect: QRectF, *, is_missed: bool) -> None:
    """Mark one that somebody acted on by a triangle, and one that would be missed by a cross."""
    painter.fillRect(rect.adjusted(0, 4, 0, -1), theme.text)
    x, top = rect.left() + min(rect.width(), _MARK_PX) / 2, rect.top() + 2
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if is_missed:
        middle = QPointF(x, rect.center().y())
        painter.setPen(QPen(theme.surface, 5))
        for pen in (QPen(theme.surface, 5), QPen(theme.text, 2)):
            painter.setPen(pen)
            reach = _MARK_PX
            painter.drawLine(QLineF(middle - QPointF(reach, reach), middle + QPointF(reach, reach)))
            painter.drawLine(QLineF(middle - QPointF(reach, -reach), middle + QPointF(reach, -reach)))
    else:
        painter.setPen(QPen(theme.surface, 1))
        painter.setBrush(theme.text)
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(x, top),
                    QPointF(x - _MARK_PX, top + 2 * _MARK_PX),
                    QPointF(x + _MARK_PX, top + 2 * _MARK_PX),
                ]
            )
        )
    painter.restore()
