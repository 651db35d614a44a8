"""Where everything of a chart lies, and how moments and values become pixels."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QRectF

from console.widgets.decimate import FloatArray
from console.widgets.value_axis import ValueScale

AXIS_PX = 48
TIME_AXIS_PX = 22
TAG_PX = 20
LEGEND_ROW_PX = 24
UNIT_PX = 18

_PAD_PX = 8


@dataclass(frozen=True, slots=True)
class Geometry:
    """The rectangles of a chart of one size.

    Attributes:
        legend: Above the plot; empty in compact charts.
        plot: Where curves are.
        axes: Units with a visible axis, the one nearest to the plot first, each with its rectangle.
        time_axis: Below the plot.
        tags: Right of the plot, for the numbers of the pens.
    """

    legend: QRectF
    plot: QRectF
    axes: tuple[tuple[str, QRectF], ...]
    time_axis: QRectF
    tags: QRectF


def lay_out(width: int, height: int, units: tuple[str, ...], legend_rows: int, *, has_tags: bool) -> Geometry:
    """Return the geometry of a chart.

    As many axes are visible as leave the curves at least two thirds of the width; a hidden axis' pens are
    still drawn to their own scale, and their values are in legend and readout.

    Args:
        width, height: Of the whole chart, device-independent pixels.
        units: In the order of importance.
        legend_rows: 0 = none.
        has_tags: Whether room for the pens' numbers is kept at the right.
    """
    shown = max(1, min(len(units), int(width / 3 / AXIS_PX)))
    left = shown * AXIS_PX + (4 if shown else 0)
    legend_height = legend_rows * LEGEND_ROW_PX
    top = legend_height + UNIT_PX
    right = TAG_PX if has_tags else _PAD_PX
    plot = QRectF(left, top, max(16, width - left - right), max(16, height - top - TIME_AXIS_PX - 2))
    axes = tuple(
        (unit, QRectF(left - (index + 1) * AXIS_PX, top, AXIS_PX, plot.height()))
        for index, unit in enumerate(units[:shown])
    )
    return Geometry(
        legend=QRectF(0, 0, width, legend_height),
        plot=plot,
        axes=axes,
        time_axis=QRectF(plot.left(), plot.bottom(), plot.width(), TIME_AXIS_PX),
        tags=QRectF(plot.right(), plot.top(), right, plot.height()),
    )


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture: a stretch of time and the scales of its units, on one geometry.

    Attributes:
        since_unix, until_unix: Left and right edge of the plot.
        column_s: Seconds a pixel column.
        scales: By unit.
    """

    geometry: Geometry
    since_unix: float
    until_unix: float
    column_s: float
    scales: Mapping[str, ValueScale]

    def x_of(self, at_unix: float) -> float:
        """Return the pixel of a moment."""
        return self.geometry.plot.left() + (at_unix - self.since_unix) / self.column_s

    def time_at(self, x: float) -> float:
        """Return the moment at a pixel."""
        return self.since_unix + (x - self.geometry.plot.left()) * self.column_s

    def y_of(self, value: float, unit: str) -> float:
        """Return the pixel of a value of a unit."""
        scale = self.scales[unit]
        plot = self.geometry.plot
        return plot.bottom() - (value - scale.low) / (scale.high - scale.low) * plot.height()

    def xs_of(self, position: FloatArray) -> FloatArray:
        """Return pixels of positions counted in columns (time / column_s)."""
        return position - (self.since_unix / self.column_s - self.geometry.plot.left())

    def ys_of(self, values: FloatArray, unit: str) -> FloatArray:
        """Return pixels of values of a unit; far outside the plot they are cut to just outside."""
        scale = self.scales[unit]
        plot = self.geometry.plot
        ys = plot.bottom() - (values - scale.low) * (plot.height() / (scale.high - scale.low))
        # Qt's rasteriser works in 24.8 fixed point; a wild value must not overflow it.
        return ys.clip(-16_000.0, 16_000.0)
