"""Which quantity of which device a curve is of, and how a chart is told."""

from collections.abc import Sequence
from typing import NamedTuple

from console.bridge.catalogue import Catalogue
from console.bridge.live_store import STALE_AT_LEAST_S, STALE_PERIODS
from console.widgets import pen as chart
from console.widgets.analog_bar import Limit, limits_of, span_of
from models.quantities import Quantity, states_of
from models.records.device import DeviceId


class Pen(NamedTuple):
    """One quantity of one device."""

    device: DeviceId
    quantity: Quantity

    @property
    def key(self) -> str:
        """Name of the pen within a chart."""
        return f"{self.device}/{self.quantity.key}"


def label_of(pen: Pen, catalogue: Catalogue) -> str:
    """Return how a pen is called: device and quantity."""
    device = catalogue.device(pen.device)
    return f"{device.name if device else 'Removed device'} · {pen.quantity.label}"


def limits_of_pen(pen: Pen, catalogue: Catalogue) -> tuple[Limit, ...]:
    """Return the limits of a pen's quantity, ascending."""
    return limits_of(catalogue.thresholds_of(pen.device, pen.quantity.key))


def chart_pens(pens: Sequence[Pen], catalogue: Catalogue) -> list[chart.Pen]:
    """Return the pens as a chart is told of them."""
    return [
        chart.Pen(
            key=pen.key,
            label=label_of(pen, catalogue),
            unit=pen.quantity.unit,
            decimals=pen.quantity.decimals,
            span=span_of(pen.quantity.span, limits_of_pen(pen, catalogue)),
            gap_s=gap_s_of(pen, catalogue),
            states=states_of(pen.quantity),
        )
        for pen in pens
    ]


def gap_s_of(pen: Pen, catalogue: Catalogue) -> float:
    """Return the silence in seconds from which on a curve is broken: where a value counts as stale."""
    device = catalogue.device(pen.device)
    return max(STALE_PERIODS * device.period_s, STALE_AT_LEAST_S) if device else STALE_AT_LEAST_S
