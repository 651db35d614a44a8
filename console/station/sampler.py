"""Step ②: raw values → one reading: scale, offset, plausibility, quality.

One Sampler a device. Its work happens once a device and period, so everything that can be known beforehand is
unpacked in the constructor.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.station.clocks.receive_times import ReceiveTimes
from drivers.errors import DriverBug
from drivers.values import Quality, RawValue
from models.metrics import METRIC_COUNT, METRIC_INDEX
from models.quantities import THE_SIX, Quantities, Quantity
from models.records.device import Device, Tag
from models.records.reading import Reading
from models.records.signal import SignalSample

_METRICS_ALONE = (1 << METRIC_COUNT) - 1
_LANES = 8
_GOOD = Quality.GOOD
"""Naming a member of an enum looks it up anew each time, at the cost of ten attributes."""

_Step = tuple[int, float, float, float, float]
"""Place, scale, offset, and the lowest and highest plausible value of a tag."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What becomes of one tag's raw values. Signals have their places behind the metrics'."""

    metric_index: int
    quantity: Quantity
    scale: float
    offset: float
    low: float
    high: float

    @property
    def step(self) -> _Step:
        """What each value meets: a tuple is unpacked at once, where each attribute costs a look-up."""
        return self.metric_index, self.scale, self.offset, self.low, self.high


class Sampler:
    """Turns what a driver read into a reading, and says what is wrong with the values that are not in it."""

    def __init__(
        self,
        device: Device,
        clock_step_s: float,
        before: "Sampler | None" = None,
        quantities: Quantities = THE_SIX,
    ) -> None:
        """Prepare for a device's tags. Those of what is not measured at this site are left out.

        Args:
            device: Its tags and period.
            clock_step_s: A clock set back by less than this does not make a reading older than the last.
            before: Who sampled this device until now: the times of its readings go on, none comes twice.
            quantities: What can be measured at the site.
        """
        self._device = device.id
        self._name = device.name
        self._clock_step_s = clock_step_s
        signals = quantities.signals_of(device)
        self._signals = tuple(signal.id for signal in signals)
        self._absent = (None,) * (METRIC_COUNT + len(signals))
        places = METRIC_INDEX | {signal.key: METRIC_COUNT + i for i, signal in enumerate(signals)}
        self._plans = tuple(_plan(tag, quantities, places) for tag in device.tags)
        self._steps = tuple(plan and plan.step for plan in self._plans)
        self._tag_count = len(device.tags)
        self._period_s = device.period_s
        self._recorded_unix = before.recorded_unix if before else 0.0
        self._lane = before.lane if before else 0
        self._jumps = before.jumps if before else 0

    @property
    def recorded_unix(self) -> float:
        """Time of the latest reading, Unix seconds; 0 before the first."""
        return self._recorded_unix

    @property
    def lane(self) -> int:
        """How often the site's clock was set back so far that this device's readings followed it."""
        return self._lane

    @property
    def jumps(self) -> int:
        """How often the computer's clock had jumped when the device last answered."""
        return self._jumps

    def reading_from(self, values: Sequence[RawValue], times: ReceiveTimes, epoch: int = 0) -> Reading:
        """Return the reading of one poll. A device that answered makes a reading even without a good value.

        Args:
            values: One a tag, in the order of the tags.
            times: Dates them by the site's clock; its now stands in where they carry no newer time than the
                previous reading, as a subscription that had nothing to say since.
            epoch: Of the lease under which the device was polled; 0 = without one.

        Returns:
            A reading whose time is later than the previous one's, unless the site's clock was set back by
            more than the step that is bridged; of no other reading of this sampler's in any case.

        Raises:
            DriverBug: Not one value a tag.
        """
        if len(values) != self._tag_count:
            raise DriverBug(
                f"{self._name}: the driver returned {len(values)} values for {self._tag_count} tags; "
                "report this with the log."
            )
        engineering: list[float | None] = list(self._absent)
        quality = 0
        received_unix = 0.0
        for step, raw in zip(self._steps, values, strict=True):
            received = raw.received_unix
            if received > received_unix:
                received_unix = received
            if step is None:
                continue
            place, scale, offset, low, high = step
            value = raw.value
            if value is not None and raw.quality is _GOOD:
                value = value * scale + offset
                # Also false for NaN; what is infinite lies outside every plausible range.
                if low <= value <= high:
                    engineering[place] = value
                    continue
            quality |= 1 << place
        if quality:
            # Two tags may serve one metric: where one of them is good, the metric has a good value.
            for index in range(METRIC_COUNT):
                if engineering[index] is not None:
                    quality &= ~(1 << index)
        if times.jumps == self._jumps:
            received_unix = times.site_unix(received_unix, self._period_s)
        else:
            # Dated by a clock that was set since: nobody knows by how much its time is wrong.
            self._jumps = times.jumps
            received_unix = times.now_unix
        stamp = self._stamp(received_unix, times.now_unix)
        if not self._signals:
            return Reading(self._device, stamp, tuple(engineering), quality, epoch)
        signals = tuple(map(SignalSample, self._signals, engineering[METRIC_COUNT:]))
        metrics = tuple(engineering[:METRIC_COUNT])
        return Reading(self._device, stamp, metrics, quality & _METRICS_ALONE, epoch, signals)

    def faults(self, values: Sequence[RawValue]) -> tuple[str, ...]:
        """Return one clause for each value that is not in the reading: "Temperature (not a number)".

        Texts hold no changing figures, so that a fault that lasts is one fault.
        """
        return tuple(
            f"{plan.quantity.label} ({reason})"
            for plan, raw in zip(self._plans, values, strict=True)
            if plan is not None and (reason := _fault(plan, raw))
        )

    def _stamp(self, received_unix: float, now_unix: float) -> float:
        # PostgreSQL keeps microseconds; rounding here, and first, keeps readings apart as rows, too. After
        # the clock was set back far, moments come round again. Only each eighth microsecond is used, after
        # each such step the next of the eight, so that no reading takes the place of an older one.
        last = self._recorded_unix
        stamp = self._rounded(received_unix)
        if stamp <= last:
            stamp = self._rounded(now_unix)
            if last - self._clock_step_s < stamp <= last:
                stamp = self._rounded(last + _LANES * 1e-6)
            elif stamp <= last:
                self._lane += 1
                stamp = self._rounded(now_unix)
        self._recorded_unix = stamp
        return stamp

    def _rounded(self, unix: float) -> float:
        microseconds = round(unix * 1e6)
        return (microseconds - microseconds % _LANES + self._lane % _LANES) / 1e6


def _plan(tag: Tag, quantities: Quantities, places: Mapping[str, int]) -> _Plan | None:
    quantity = quantities.find(tag.metric)
    if quantity is None:
        return None
    low, high = quantity.plausible
    return _Plan(places[tag.metric], quantity, float(tag.scale), float(tag.offset), low, high)


def _fault(plan: _Plan, raw: RawValue) -> str:
    if raw.value is None or raw.quality is Quality.BAD:
        return raw.detail or "no value"
    if raw.quality is not Quality.GOOD:
        return raw.detail or "uncertain"
    value = raw.value * plan.scale + plan.offset
    if plan.low <= value <= plan.high:
        return ""
    if not math.isfinite(value):
        return "not a finite number"
    span = f"{plan.low:,.10g} to {plan.high:,.10g} {plan.quantity.unit}".rstrip()
    return f"outside the plausible {span}; check scale, wiring and sensor"
