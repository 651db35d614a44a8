"""What to show of one quantity of one device: its value, and whether that is the present. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.bridge.live_store import Latest
from models.metrics import METRIC_INDEX
from models.quantities import Quantity
from models.records.signal import Signal


@dataclass(frozen=True, slots=True)
class MetricFace:
    """One quantity as shown.

    Attributes:
        quantity: A metric, or a signal of the site's own.
        value: In the quantity's unit; None where there is no good value at all.
        is_live: Whether the value may be shown as the present one: fresh and of good quality.
    """

    quantity: Quantity
    value: float | None
    is_live: bool


def faces_of(
    quantities: Sequence[Quantity], latest: Latest | None, *, is_stale: bool
) -> tuple[MetricFace, ...]:
    """Return the faces of what a device has tags for, in the order given.

    Args:
        quantities: Of the device.
        latest: Newest reading, None where there is none.
        is_stale: Whether the newest reading is too old to count as the present.
    """
    return tuple(
        MetricFace(
            quantity,
            None if latest is None else _known(latest, quantity),
            latest is not None and not is_stale and latest.value_of(quantity) is not None,
        )
        for quantity in quantities
    )


def _known(latest: Latest, quantity: Quantity) -> float | None:
    """Return the value that is known, also one that is not good."""
    if isinstance(quantity, Signal):
        return latest.value_of(quantity)
    return latest.values[METRIC_INDEX[quantity.key]]
