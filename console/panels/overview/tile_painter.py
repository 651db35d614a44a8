"""Draws one tile into a picture of its own, so that the board only has to copy pictures while it scrolls.

Three layers, by how often they change: labels and units are alike for every tile with the same metrics and
are drawn once per set; sparklines move a pixel in ten seconds and are drawn that often; digits, bars and the
state are drawn when values came, at most once a second. Frame and badge are not in the picture, because they
flash: the board paints them below and above it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap

from console.panels.overview.grid import GridStyle
from console.panels.overview.ordering import NO_AREA
from console.panels.overview.tile_face import TileFace
from console.panels.wording import digits_text
from console.widgets.analog_bar import Limit, paint_analog_bar, span_of
from console.widgets.fonts import text_font
from console.widgets.severity_badge import HEIGHT as BADGE_HEIGHT
from console.widgets.severity_badge import WIDTH as BADGE_WIDTH
from console.widgets.sparkline import paint_sparkline
from console.widgets.stale_hatching import paint_hatching
from console.widgets.status_lamp import SIZE as LAMP_SIZE
from console.widgets.status_lamp import lamp_state_of, paint_lamp
from console.widgets.theme import Theme
from models.metrics import METRICS
from models.quantities import Quantity, states_of

SPARK_S = 600.0
_SHORTEST_SPARK_S = 60.0
"""Seconds a sparkline shows."""

_PAD = 10
_HEADER = 28
_ROW = 22
_FOOTER = 22
_GAP = 8
_COUNT_ROOM = 26
_MIN_WIDTH = 300
_LEAST_WORD = 30
_MARK_WIDTH = 30

_LEAST_RANGE = 0.1
"""A sparkline's height means at least this share of the bar's range: noise must not look like an event."""

LimitsByMetric = Mapping[str, tuple[Limit, ...]]
"""Limits by the key of a quantity; those without limits may be missing."""

Series = Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]]
"""Times and values by the key of a quantity."""


@dataclass(frozen=True, slots=True)
class _Columns:
    """Left edge and width of what stands in a metric's row, in logical pixels."""

    label: tuple[float, float]
    value: tuple[float, float]
    unit: tuple[float, float]
    bar: tuple[float, float]
    spark: tuple[float, float]


def badge_rect(tile_width: float, count: int) -> QRectF:
    """Return where the badge of a tile goes, in the tile's own coordinates; wider where it shows a count."""
    width = BADGE_WIDTH + (_COUNT_ROOM if count > 1 else 0)
    return QRectF(tile_width - _PAD - width, 6, width, BADGE_HEIGHT)


class TilePainter:
    """Draws tiles of one width in one theme. Made anew when either changes."""

    def __init__(self, theme: Theme, width: int, pixel_ratio: float) -> None:
        self.theme = theme
        self.width = width
        self._ratio = pixel_ratio
        self._name_font = text_font(14, QFont.Weight.DemiBold)
        self._label_font = text_font(12)
        self._value_font = text_font(14, QFont.Weight.DemiBold)
        self._foot_font = text_font(11)
        self._name_metrics = QFontMetricsF(self._name_font)
        self._foot_metrics = QFontMetricsF(self._foot_font)
        self._label_metrics = QFontMetricsF(self._label_font)
        self._value_metrics = QFontMetricsF(self._value_font)
        self._columns = self._make_columns()
        self._skeletons: dict[tuple[Quantity, ...], QPixmap] = {}
        self._long_labels: set[str] = set()

    @staticmethod
    def grid_style() -> GridStyle:
        """Return the sizes that the layout needs."""
        return GridStyle(
            tile_min_width=_MIN_WIDTH,
            tile_base_height=_HEADER + _FOOTER + 6,
            metric_height=_ROW,
            heading_height=34,
            gap=10,
        )

    def sparks(
        self, face: TileFace, height: int, series: Series, limits: LimitsByMetric, now_unix: float
    ) -> QPixmap:
        """Draw the sparklines of a tile. `series` holds every metric of the face."""
        picture = self._blank(height)
        painter = QPainter(picture)
        left, width = self._columns.spark
        for row, metric in enumerate(face.metrics):
            times, values = series[metric.quantity.key]
            rect = QRectF(left, self._row_top(row) + 3, width, _ROW - 6)
            low, high = span_of(metric.quantity.span, limits.get(metric.quantity.key, ()))
            paint_sparkline(
                painter,
                rect,
                times,
                values,
                self.theme,
                since_unix=_spark_since(times, now_unix),
                until_unix=now_unix,
                least_range=(high - low) * _LEAST_RANGE,
            )
        painter.end()
        return picture

    def content(
        self,
        face: TileFace,
        height: int,
        limits: LimitsByMetric,
        sparks: QPixmap,
        *,
        shows_area: bool,
    ) -> QPixmap:
        """Draw everything of a tile that does not flash.

        Args:
            face: What to show.
            height: Of the tile, logical pixels.
            sparks: From `sparks`.
            shows_area: Name the area at the foot instead of the device's type.
        """
        picture = self._blank(height)
        painter = QPainter(picture)
        painter.drawPixmap(0, 0, self._skeleton(tuple(metric.quantity for metric in face.metrics)))
        painter.drawPixmap(0, 0, sparks)
        self._paint_header(painter, face)
        for row, metric in enumerate(face.metrics):
            self._paint_metric(
                painter, row, metric.quantity, metric.value if metric.is_live else None, limits
            )
        self._paint_foot(painter, face, height, shows_area=shows_area)
        painter.end()
        return picture

    def _make_columns(self) -> _Columns:
        label_width = max(QFontMetricsF(self._label_font).horizontalAdvance(m.label) for m in METRICS) + 4
        unit_width = max(QFontMetricsF(self._label_font).horizontalAdvance(m.unit) for m in METRICS) + 2
        value_width = QFontMetricsF(self._value_font).horizontalAdvance("−10,000.0")
        value_left = _PAD + label_width
        unit_left = value_left + value_width + 4
        bar_left = unit_left + unit_width + _GAP
        rest = self.width - _PAD - bar_left
        bar_width = max(24.0, (rest - _GAP) * 0.48)
        spark_left = bar_left + bar_width + _GAP
        return _Columns(
            (_PAD, label_width),
            (value_left, value_width),
            (unit_left, unit_width),
            (bar_left, bar_width),
            (spark_left, max(12.0, self.width - _PAD - spark_left)),
        )

    def _blank(self, height: int) -> QPixmap:
        picture = QPixmap(round(self.width * self._ratio), round(height * self._ratio))
        picture.setDevicePixelRatio(self._ratio)
        picture.fill(QColor(0, 0, 0, 0))
        return picture

    def _skeleton(self, quantities: tuple[Quantity, ...]) -> QPixmap:
        picture = self._skeletons.get(quantities)
        if picture is None:
            picture = self._blank(_HEADER + max(1, len(quantities)) * _ROW)
            painter = QPainter(picture)
            painter.setPen(self.theme.muted)
            painter.setFont(self._label_font)
            words = self._label_metrics
            for row, quantity in enumerate(quantities):
                # A site may call its signals anything; the six fit. What does not is painted with its value.
                if words.horizontalAdvance(quantity.label) <= self._columns.label[1]:
                    self._text(painter, self._columns.label, row, quantity.label)
                else:
                    self._long_labels.add(quantity.label)
                unit = self._columns.unit
                shown = words.elidedText(quantity.unit, Qt.TextElideMode.ElideRight, unit[1])
                self._text(painter, unit, row, shown)
            painter.end()
            self._skeletons[quantities] = picture
        return picture

    def _paint_header(self, painter: QPainter, face: TileFace) -> None:
        standing = face.standing
        lamp = QRectF(_PAD, (_HEADER - LAMP_SIZE) / 2 + 1, LAMP_SIZE, LAMP_SIZE)
        paint_lamp(painter, lamp, lamp_state_of(standing.status, is_stale=standing.is_stale), self.theme)
        left = lamp.right() + 7
        right = (
            badge_rect(self.width, standing.alert.count).left() - 6 if standing.alert else self.width - _PAD
        )
        name = self._name_metrics.elidedText(standing.device.name, Qt.TextElideMode.ElideMiddle, right - left)
        painter.setPen(self.theme.text)
        painter.setFont(self._name_font)
        painter.drawText(QRectF(left, 1, right - left, _HEADER), Qt.AlignmentFlag.AlignVCenter, name)

    def _paint_metric(
        self,
        painter: QPainter,
        row: int,
        quantity: Quantity,
        value: float | None,
        limits: LimitsByMetric,
    ) -> None:
        left, width = self._columns.value
        rect = QRectF(left, self._row_top(row), width, _ROW)
        is_state = bool(states_of(quantity))
        if value is None:
            rect = QRectF(rect.right() - _MARK_WIDTH, rect.top() + 3, _MARK_WIDTH, rect.height() - 6)
            self._paint_long_label(painter, row, quantity, rect.left())
            painter.setFont(self._value_font)
            painter.setPen(self.theme.text)
            paint_hatching(painter, rect, self.theme)
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, "?")
        else:
            text = digits_text(quantity, value) if is_state else self._fitting(quantity, value, width)
            wide = self._value_metrics.horizontalAdvance(text)
            self._paint_long_label(painter, row, quantity, max(rect.left(), rect.right() - wide))
            painter.setFont(self._value_font)
            painter.setPen(self.theme.value)
            if wide > width:
                rect.setRight(sum(self._columns.bar))
                text = self._value_metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
            side = Qt.AlignmentFlag.AlignRight if wide <= width else Qt.AlignmentFlag.AlignLeft
            painter.drawText(rect, side | Qt.AlignmentFlag.AlignVCenter, text)
        if is_state:
            # A name has no place between two ends: no bar, and its room for a long one.
            return
        own = limits.get(quantity.key, ())
        left, width = self._columns.bar
        bar = QRectF(left, self._row_top(row) + 5, width, _ROW - 10)
        paint_analog_bar(
            painter, bar, value, span_of(quantity.span, own, value), own, self.theme, is_stale=value is None
        )

    def _paint_long_label(self, painter: QPainter, row: int, quantity: Quantity, until: float) -> None:
        """Paint a label that the skeleton has no room for, up to where the value begins."""
        if quantity.label not in self._long_labels:
            return
        left = self._columns.label[0]
        room = until - 6 - left
        shown = self._label_metrics.elidedText(quantity.label, Qt.TextElideMode.ElideRight, room)
        painter.setFont(self._label_font)
        painter.setPen(self.theme.muted)
        self._text(painter, (left, room), row, shown)

    def _fitting(self, quantity: Quantity, value: float, width: float) -> str:
        """Return a value as exactly as there is room for: one that was cut off would read as another."""
        words = self._value_metrics
        text = digits_text(quantity, value)
        if words.horizontalAdvance(text) <= width:
            return text
        # "1.235e7" rather than "1.235e+07".
        short = [re.sub(r"e\+?(-?)0*", r"e\1", f"{value:.{digits}e}") for digits in (4, 3, 2)]
        minus = [text.replace("-", "\N{MINUS SIGN}") for text in (f"{value:,.0f}", f"{value:.0f}", *short)]
        return next((text for text in minus if words.horizontalAdvance(text) <= width), minus[-1])

    def _paint_foot(self, painter: QPainter, face: TileFace, height: int, *, shows_area: bool) -> None:
        device = face.standing.device
        place = (device.location or NO_AREA) if shows_area else device.type
        if face.more:
            # First, so that a long place does not push it out.
            place = f"+{face.more} more · {place}"
        foot = QRectF(_PAD, height - _FOOTER - 2, self.width - 2 * _PAD, _FOOTER)
        painter.setFont(self._foot_font)
        if face.trouble:
            paint_hatching(painter, QRectF(foot.left(), foot.top() + 6, 14, foot.height() - 12), self.theme)
            foot.setLeft(foot.left() + 20)
        said = face.trouble or "live"
        painter.setPen(self.theme.text if face.trouble else self.theme.muted)
        used = self._foot_text(painter, foot, said, is_left=bool(face.trouble))
        if face.trouble:
            foot.setLeft(foot.left() + used + _GAP)
        else:
            foot.setRight(foot.right() - used - _GAP)
        painter.setPen(self.theme.muted)
        if foot.width() > _LEAST_WORD:
            self._foot_text(painter, foot, place, is_left=not face.trouble)

    def _foot_text(self, painter: QPainter, rect: QRectF, text: str, *, is_left: bool) -> float:
        shown = self._foot_metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, rect.width())
        side = Qt.AlignmentFlag.AlignLeft if is_left else Qt.AlignmentFlag.AlignRight
        painter.drawText(rect, side | Qt.AlignmentFlag.AlignVCenter, shown)
        return self._foot_metrics.horizontalAdvance(shown)

    def _text(self, painter: QPainter, column: tuple[float, float], row: int, text: str) -> None:
        rect = QRectF(column[0], self._row_top(row), column[1], _ROW)
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, text)

    @staticmethod
    def _row_top(row: int) -> float:
        return float(_HEADER + row * _ROW)


def spark_span_s(series: Series, now_unix: float) -> float:
    """Return the shortest time that a sparkline of these metrics shows, seconds."""
    return min((now_unix - _spark_since(times, now_unix) for times, _ in series.values()), default=SPARK_S)


def _spark_since(times: np.ndarray, now_unix: float) -> float:
    """Return where a sparkline begins: 10 min ago, or later for a device that is known for a shorter time."""
    if not len(times):
        return now_unix - SPARK_S
    return max(now_unix - SPARK_S, min(float(times[0]), now_unix - _SHORTEST_SPARK_S))
