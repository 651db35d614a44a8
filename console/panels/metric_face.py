"""What to show of one metric of one device: its value, and whether that is the present. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.bridge.live_store import Latest
from models.metrics import METRICS, Metric


@dataclass(frozen=True, slots=True)
class MetricFace:
    """One metric as shown.

    Attributes:
        index: Position in METRICS.
        value: In the metric's unit; None where there is no good value at all.
        is_live: Whether the value may be shown as the present one: fresh and of good quality.
    """

    index: int
    value: float | None
    is_live: bool

    @property
    def metric(self) -> Metric:
        """The metric shown."""
        return METRICS[self.index]


def faces_of(indexes: Sequence[int], latest: Latest | None, *, is_stale: bool) -> tuple[MetricFace, ...]:
    """Return the faces of the metrics that a device has tags for, in METRICS' order.

    Args:
        indexes: METRICS indexes, ascending.
        latest: Newest reading, None where there is none.
        is_stale: Whether the newest reading is too old to count as the present.
    """
    return tuple(
        MetricFace(
            index,
            latest.values[index] if latest is not None else None,
            latest is not None
            and not is_stale
            and not latest.quality >> index & 1
            and latest.values[index] is not None,
        )
        for index in indexes
    )
