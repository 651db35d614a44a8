"""The value scale of every unit in a chart: fitted to what is shown, and steady between frames."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from console.widgets.analog_bar import Limit, normal_band_of
from console.widgets.chart_curves import Curve
from console.widgets.chart_geometry import Frame
from console.widgets.pen import Pen
from console.widgets.value_axis import ValueScale, scale_for, steadied

_TICK_PX = 34
_LEAST_SHARE_OF_SPAN = 0.02


class ChartScales:
    """Scales by unit. `by_unit` is read-only for others, and changes in place."""

    def __init__(self) -> None:
        self.by_unit: dict[str, ValueScale] = {}

    def forget(self) -> None:
        """Fit every scale afresh next time."""
        self.by_unit.clear()

    def holds(self, unit: str, values: np.ndarray) -> bool:
        """Whether all of `values` lie within the unit's scale."""
        scale = self.by_unit[unit]
        return not values.size or (scale.low <= float(values.min()) and float(values.max()) <= scale.high)

    def fit(
        self,
        pens: Sequence[Pen],
        units: Iterable[str],
        curves: Iterable[Curve],
        frame: Frame,
        limits: Mapping[str, Sequence[Limit]],
        *,
        holds_limits: bool = False,
    ) -> bool:
        """Fit the scale of every unit to the curves within the frame.

        Args:
            pens: Of the chart; a unit without values shows their spans.
            units: To be fitted.
            curves: What will be drawn.
            frame: Says which columns are shown, and how high the plot is.
            limits: By unit: limits worth showing, where that does not flatten the curves.
            holds_limits: Show them whatever becomes of the curves: they are what the chart is about.

        Returns:
            Whether any value is shown.
        """
        first, last = frame.since_unix / frame.column_s, frame.until_unix / frame.column_s
        most_ticks = max(2, min(8, int(frame.geometry.plot.height() / _TICK_PX)))
        found: dict[str, list[float]] = {}
        for curve in curves:
            if (bounds := curve.extremes(first, last)) is not None:
                found.setdefault(curve.unit, []).extend(bounds)
        for unit in units:
            spans = [pen.span for pen in pens if pen.unit == unit] or [(0.0, 1.0)]
            if unit not in found:
                low, high = min(low for low, _ in spans), max(high for _, high in spans)
                self.by_unit[unit] = scale_for(low, high, most_ticks, air=0.0)
                continue
            span = max(high - low for low, high in spans)
            low, high = _with_limits(limits.get(unit, ()), min(found[unit]), max(found[unit]), span)
            if holds_limits:
                ends = [limit.value for limit in limits.get(unit, ())]
                low, high = min(low, *ends, high), max(low, *ends, high)
            # Noise of a hundredth of the metric's span must not look like an event.
            missing = max(0.0, span * _LEAST_SHARE_OF_SPAN - (high - low))
            # What a metric never goes below needs no room, unless a device says otherwise.
            floor = min(*(low for low, _ in spans), low)
            low, high = max(floor, low - missing / 2), high + missing / 2
            self.by_unit[unit] = steadied(self.by_unit.get(unit), low, high, most_ticks, floor)
        return bool(found)


def _with_limits(limits: Sequence[Limit], low: float, high: float, span: float) -> tuple[float, float]:
    """Widen the range to the nearest limits, as long as the curve does not become a flat line by it."""
    reach = max(3.0 * (high - low), 0.25 * span)
    band_low, band_high = normal_band_of(tuple(limits))
    widened_low = band_low if band_low is not None and low - reach <= band_low < low else low
    widened_high = band_high if band_high is not None and high < band_high <= high + reach else high
    return widened_low, widened_high
