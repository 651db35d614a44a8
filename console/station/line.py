"""What the pipeline keeps for one device between two polls: its sampler and its evaluator."""

from collections.abc import Iterable

from console.station.clocks.source_clock import SourceClock
from console.station.evaluator import Evaluator
from console.station.sampler import Sampler
from drivers.events import asks_for_events
from models.quantities import THE_SIX, Quantities
from models.records.device import Device
from models.records.threshold import Threshold, ThresholdId

_CLOCK_CANNOT_BE_JUDGED = "The alert on its clock cannot be judged: it sends no time of its own."


class Line:
    """One device's stations ② and ③.

    Attributes:
        is_clean: Whether the device's state is known to be online without a fault: nearly always, and then a
            poll changes nothing about it.
        event_trouble: Why the device reports no events, one sentence; empty while it does, or need not.
        has_lost_events: Whether it was said that some of its events were lost.
    """

    __slots__ = (
        "_is_retired",
        "_made_from",
        "clock",
        "device",
        "evaluator",
        "event_trouble",
        "has_lost_events",
        "is_clean",
        "sampler",
    )

    def __init__(
        self,
        device: Device,
        thresholds: tuple[Threshold, ...],
        standing: Iterable[ThresholdId],
        clock_step_s: float,
        before: "Line | None",
        quantities: Quantities = THE_SIX,
    ) -> None:
        """Make sampler and evaluator.

        Args:
            device: Its tags and period.
            thresholds: Enabled ones of this device.
            standing: Those with an open episode whose condition has not ended.
            clock_step_s: See `Tuning.clock_step_s`.
            before: The line this one replaces: its readings' times go on, none comes twice; and so do delays
                of thresholds that judge as before.
            quantities: What can be measured at the site.
        """
        self.device = device
        self.sampler = Sampler(device, clock_step_s, before.sampler if before else None, quantities)
        going_on = before if before and not before.is_retired else None
        self.evaluator = Evaluator(device, thresholds, standing, going_on and going_on.evaluator, quantities)
        self.clock = SourceClock()
        self.is_clean = False
        self.event_trouble = before.event_trouble if before else ""
        self.has_lost_events = before is not None and before.has_lost_events
        self._is_retired = False
        self._made_from = _essence(device, thresholds, quantities)

    @property
    def is_retired(self) -> bool:
        """Whether another station has judged the device since."""
        return self._is_retired

    def retire(self) -> None:
        """Let another line take its place: only the times of its readings go on."""
        self._is_retired = True

    def fits(
        self, device: Device, thresholds: tuple[Threshold, ...], quantities: Quantities = THE_SIX
    ) -> bool:
        """Whether this line would be made the same for a device as it is configured now."""
        return not self._is_retired and self._made_from == _essence(device, thresholds, quantities)

    @property
    def notes(self) -> tuple[str, ...]:
        """One sentence for each alert of the device that cannot be judged, or events that do not come."""
        has_mute_clock = self.evaluator.needs_clock and self.clock.is_mute
        return (
            *self.evaluator.unjudged,
            *((_CLOCK_CANNOT_BE_JUDGED,) if has_mute_clock else ()),
            *((self.event_trouble,) if self.event_trouble else ()),
        )


def _essence(device: Device, thresholds: tuple[Threshold, ...], quantities: Quantities) -> tuple[object, ...]:
    reports_events = asks_for_events(device.connection)
    return (
        device.name,
        device.tags,
        device.period_s,
        thresholds,
        quantities.signals_of(device),
        reports_events,
    )
