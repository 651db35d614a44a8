"""The pens of a chart by number, name, value and unit: what stands above the plot, and what a click hits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from console.widgets.chart_geometry import LEGEND_ROW_PX
from console.widgets.chart_layers import Layer
from console.widgets.fonts import SMALL_PX, text_font
from console.widgets.pen import Pen
from console.widgets.theme import Theme

_TAG = 16
_GAP = 6
_BETWEEN = 18
_LEAST_LABEL = 56
_MARGIN = 4
_STATE_PX = 56


@dataclass(frozen=True, slots=True)
class Chip:
    """One pen's place in the legend."""

    index: int
    rect: QRectF
    label_width: float
    value_width: float


class Legend:
    """The legend of one chart; its values change at most once a second, faster ones cannot be read."""

    def __init__(self) -> None:
        self._chips: list[Chip] = []
        self._layer = Layer()
        self._second = -1
        self._values: tuple[str, ...] = ()

    def lay_out(self, pens: Sequence[Pen], width: float) -> int:
        """Give each pen its place; returns how many rows that takes."""
        self._chips = lay_out_chips(pens, width - 2 * _MARGIN, _STATE_PX)
        for place, chip in enumerate(self._chips):
            self._chips[place] = replace(chip, rect=chip.rect.translated(_MARGIN, 0))
        self._layer.drop()
        self._second = -1
        return rows_of(self._chips)

    def chip_at(self, x: float, y: float) -> int | None:
        """Return which pen's place lies at a pixel."""
        return next((chip.index for chip in self._chips if chip.rect.contains(x, y)), None)

    def paint(
        self,
        painter: QPainter,
        size: QSize,
        ratio: float,
        theme: Theme,
        pens: Sequence[Pen],
        colours: Sequence[QColor],
        focus: int | None,
        second: int,
        read: Callable[[Pen], str],
    ) -> None:
        """Paint it at the chart's top left; `read` gives a pen's text and is asked when `second` changes."""
        if second != self._second:
            self._second = second
            self._values = tuple(read(pen) for pen in pens)
        key = (size.width(), size.height(), ratio, theme.name, self._values, focus)
        picture = self._layer.picture(
            key,
            size,
            ratio,
            theme.background,
            lambda inner: paint_chips(inner, self._chips, pens, self._values, colours, focus, theme),
        )
        painter.drawPixmap(0, 0, picture)


def lay_out_chips(pens: Sequence[Pen], width: float, reserved_px: float) -> list[Chip]:
    """Return where each pen stands, in as many rows as needed.

    Args:
        pens: In order.
        width: Of the chart.
        reserved_px: Kept free at the right of the first row, for the state of the chart.
    """
    label_metrics = QFontMetricsF(text_font(12))
    value_metrics = QFontMetricsF(text_font(12, QFont.Weight.DemiBold))
    chips: list[Chip] = []
    x, row = 0.0, 0
    for index, pen in enumerate(pens):
        # Widths follow the widest value the span allows, not the present one: the legend must not dance.
        value_width = value_metrics.horizontalAdvance(pen.widest_text) + 10
        room = width - (reserved_px if row == 0 else 0)
        label_width = label_metrics.horizontalAdvance(pen.label) + 2
        total = _TAG + _GAP + label_width + _GAP + value_width
        if x > 0 and x + total > room:
            x, row = 0.0, row + 1
            room = width
        if x + total > room:
            label_width = max(_LEAST_LABEL, label_width - (x + total - room))
            total = _TAG + _GAP + label_width + _GAP + value_width
        chips.append(
            Chip(index, QRectF(x, row * LEGEND_ROW_PX, total, LEGEND_ROW_PX), label_width, value_width)
        )
        x += total + _BETWEEN
    return chips


def rows_of(chips: Sequence[Chip]) -> int:
    """Return how many rows the chips take."""
    return round(chips[-1].rect.top() / LEGEND_ROW_PX) + 1 if chips else 0


def paint_chips(
    painter: QPainter,
    chips: Sequence[Chip],
    pens: Sequence[Pen],
    values: Sequence[str],
    colours: Sequence[QColor],
    focus: int | None,
    theme: Theme,
) -> None:
    """Paint the chips; `values` holds a text a pen, "?" where the value is not good."""
    value_font = text_font(12, QFont.Weight.DemiBold)
    value_metrics = QFontMetricsF(value_font)
    for chip in chips:
        pen, rect = pens[chip.index], chip.rect
        if chip.index == focus:
            painter.fillRect(rect.adjusted(-3, 2, 3, -2), theme.selection)
        paint_pen_tag(
            painter, QPointF(rect.left(), rect.center().y()), chip.index, colours[chip.index], theme
        )
        font = text_font(12)
        painter.setFont(font)
        painter.setPen(theme.text)
        left = rect.left() + _TAG + _GAP
        label = QFontMetricsF(font).elidedText(pen.label, Qt.TextElideMode.ElideRight, chip.label_width)
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(left, rect.top(), chip.label_width, rect.height()), middle, label)
        painter.setFont(value_font)
        painter.setPen(theme.value)
        room = QRectF(left + chip.label_width + _GAP, rect.top(), chip.value_width, rect.height())
        # A value that lost its last digits or its unit without a sign would read as another.
        value = value_metrics.elidedText(values[chip.index], Qt.TextElideMode.ElideRight, chip.value_width)
        painter.drawText(room, middle, value)


def paint_pen_tag(painter: QPainter, left_middle: QPointF, index: int, colour: QColor, theme: Theme) -> None:
    """Paint a pen's number on its colour, 16 × 14 px: curves can be told apart without seeing colours."""
    rect = QRectF(left_middle.x(), round(left_middle.y()) - 7, _TAG, 14)
    painter.fillRect(rect, colour)
    painter.setFont(text_font(SMALL_PX, QFont.Weight.DemiBold))
    painter.setPen(ink_on(colour))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, str(index + 1))


def ink_on(colour: QColor) -> QColor:
    """Return black or white, whichever reads better on `colour`."""
    # Relative luminance by WCAG 2.1 with gamma 2.2; black and white contrast equally at 0.179.
    light = 0.2126 * colour.redF() ** 2.2 + 0.7152 * colour.greenF() ** 2.2 + 0.0722 * colour.blueF() ** 2.2
    return QColor("#000000") if light > 0.179 else QColor("#FFFFFF")
