"""Latest values, states and the last minutes of every device, whichever way they came. No Qt.

Fed by `bridge.py` on the window's thread with batches from the station's socket and rows from the database;
read by panels. The newest reading of a device wins, so both ways may bring the same one.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from console.bridge.catalogue import Catalogue
from console.bridge.series_buffer import Floats, Rows, Samples, SeriesBuffer
from console.bridge.signal_store import NO_SIGNALS, SignalArrays, SignalStore
from models.metrics import METRIC_COUNT, METRIC_INDEX
from models.quantities import Quantity
from models.records.device import Device, DeviceId, DeviceState, DeviceStatus
from models.records.signal import Signal

STALE_PERIODS = 3
STALE_AT_LEAST_S = 3.0
_CLOCK_STEP_S = 60.0


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest reading of a device.

    Attributes:
        values: In METRICS' order, None where there is no good value.
        quality: Bit i set = metric i is bound on this device and had no good value.
        recorded_unix: Unix seconds.
        signals: By `signals.id`, of the site's own signals that the device has; None where there is no good
            value.
    """

    values: tuple[float | None, ...]
    quality: int
    recorded_unix: float
    signals: Mapping[int, float | None] = field(default_factory=dict[int, float | None])

    def value_of(self, quantity: Quantity) -> float | None:
        """Return the value of a quantity, None where there is no good one."""
        if isinstance(quantity, Signal):
            return self.signals.get(quantity.id)
        index = METRIC_INDEX[quantity.key]
        return None if self.quality >> index & 1 else self.values[index]


@dataclass(frozen=True, slots=True)
class ReadingArrays:
    """n readings as arrays.

    Attributes:
        devices: int64, shape (n,).
        times: float64, shape (n,), Unix seconds.
        values: float64, shape (n, METRIC_COUNT), NaN = no good value.
        quality: int16, shape (n,).
        signals: Of the site's own signals, m values in all.
    """

    devices: NDArray[np.int64]
    times: Floats
    values: Floats
    quality: NDArray[np.int16]
    signals: SignalArrays = NO_SIGNALS


class LiveStore:
    """What is known of every configured device right now. One thread uses it."""

    def __init__(self, now: Callable[[], float]) -> None:
        """Store the clock: `now` returns Unix seconds."""
        self._now = now
        self._devices: dict[DeviceId, Device] = {}
        self._row_of: dict[int, int] = {}
        self._ids: Rows = np.empty(0, dtype=np.int64)
        self._sorted_ids: Rows = np.empty(0, dtype=np.int64)
        self._sorted_rows: Rows = np.empty(0, dtype=np.int64)
        self._buffer = SeriesBuffer()
        self._signals = SignalStore()
        self._values: Floats = np.empty((0, METRIC_COUNT))
        self._quality: NDArray[np.int16] = np.empty(0, dtype=np.int16)
        self._recorded: Floats = np.empty(0)
        self._states: dict[DeviceId, DeviceState] = {}

    def latest(self, id: DeviceId) -> Latest | None:
        """Return the newest reading, however old; None where none is known."""
        row = self._row_of.get(id)
        if row is None or self._recorded[row] == -np.inf:
            return None
        values = tuple(None if math.isnan(value) else value for value in self._values[row].tolist())
        return Latest(values, int(self._quality[row]), float(self._recorded[row]), self._signals.latest(id))

    def age_s(self, id: DeviceId, now_unix: float) -> float | None:
        """Return the seconds since the newest reading, never below 0; None where none is known."""
        row = self._row_of.get(id)
        if row is None or self._recorded[row] == -np.inf:
            return None
        return max(0.0, now_unix - float(self._recorded[row]))

    def good_age_s(self, id: DeviceId, now_unix: float) -> float | None:
        """Return the age of the newest reading if one of its values is good; None otherwise."""
        latest = self.latest(id)
        if latest is None:
            return None
        known = (*latest.values, *latest.signals.values())
        return self.age_s(id, now_unix) if any(value is not None for value in known) else None

    def is_stale(self, id: DeviceId, now_unix: float) -> bool:
        """Tell whether the newest reading is too old to be shown as live, or there is none.

        The limit is three periods, but at least 3 s.
        """
        age_s = self.age_s(id, now_unix)
        device = self._devices.get(id)
        if age_s is None or device is None:
            return True
        return age_s > max(STALE_PERIODS * device.period_s, STALE_AT_LEAST_S)

    def series(self, id: DeviceId, quantity: Quantity, since_unix: float) -> tuple[Floats, Floats]:
        """Return times and values of one quantity from `since_unix` on, oldest first.

        Where readings are missing for longer than the stale limit, one NaN stands in between, so that a line
        drawn through the values breaks there as it does at values without good quality.
        """
        row = self._row_of.get(id)
        if row is None:
            return np.empty(0), np.empty(0)
        if isinstance(quantity, Signal):
            times, values = self._signals.series(id, quantity.id, since_unix)
        else:
            times, values = self._buffer.column(row, METRIC_INDEX[quantity.key], since_unix)
        limit_s = max(STALE_PERIODS * self._devices[id].period_s, STALE_AT_LEAST_S)
        gaps = np.flatnonzero(np.diff(times) > limit_s) + 1
        if len(gaps):
            times, values = np.insert(times, gaps, times[gaps - 1] + limit_s), np.insert(values, gaps, np.nan)
        return times, values

    def state(self, id: DeviceId) -> DeviceState:
        """Return what was last found about a device; offline with a reason where it is not configured."""
        state = self._states.get(id)
        if state is not None:
            return state
        return DeviceState(id, DeviceStatus.OFFLINE, "This device is not configured.", None)

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Make room for another set of devices. Those that stay keep their values, samples and states."""
        old_rows, old = self._row_of, self._devices
        self._devices = {device.id: device for device in catalogue.devices}
        self._row_of = {device.id: row for row, device in enumerate(catalogue.devices)}
        if not _same_rings(old, self._devices):
            self._rebuild(catalogue, old_rows)
        self._signals.set_catalogue(catalogue)
        self._states = {
            device.id: self._states.get(device.id) or state_from_device(device)
            for device in catalogue.devices
        }

    def add(self, readings: ReadingArrays) -> frozenset[int]:
        """Take readings in; returns the devices whose latest value changed. Unknown devices are left out."""
        self._signals.add(readings.devices, readings.times, readings.signals)
        known, rows = self._rows_of(readings.devices)
        times, values = readings.times[known], readings.values[known]
        self._forget_after_clock_step(rows, times)
        taken = self._buffer.insert(rows, times, values)
        rows, times = rows[taken], times[taken]
        # A device that occurs twice: assignment by index keeps the last, so the newest must come last.
        order = np.argsort(times, kind="stable")
        rows = rows[order]
        self._recorded[rows] = times[order]
        self._values[rows] = values[taken][order]
        self._quality[rows] = readings.quality[known][taken][order]
        return frozenset(readings.devices[known][taken].tolist())

    def add_history(self, id: DeviceId, samples: Samples) -> None:
        """Put older samples into a device's ring; its latest value stays as it is."""
        row = self._row_of.get(id)
        if row is not None and len(samples.times):
            self._buffer.merge(row, samples)
            self._signals.add_history(id, samples)

    def set_states(self, states: Iterable[DeviceState]) -> frozenset[int]:
        """Take device states in; returns the devices whose state changed. Unknown devices are left out."""
        changed = [
            state
            for state in states
            if state.device in self._row_of and self._states.get(state.device) != state
        ]
        self._states.update({state.device: state for state in changed})
        return frozenset(int(state.device) for state in changed)

    def _rebuild(self, catalogue: Catalogue, old_rows: Mapping[int, int]) -> None:
        count = len(catalogue.devices)
        kept = {row: old_rows[id] for id, row in self._row_of.items() if id in old_rows}
        self._buffer = self._buffer.rebuilt([device.period_s for device in catalogue.devices], kept)
        values, quality, recorded = self._values, self._quality, self._recorded
        self._values = np.full((count, METRIC_COUNT), np.nan)
        self._quality = np.zeros(count, dtype=np.int16)
        self._recorded = np.full(count, -np.inf)
        new, old = list(kept.keys()), list(kept.values())
        self._values[new], self._quality[new], self._recorded[new] = values[old], quality[old], recorded[old]
        ids = np.array(list(self._row_of), dtype=np.int64)
        self._sorted_rows = np.argsort(ids)
        self._sorted_ids = ids[self._sorted_rows]
        self._ids = ids

    def _rows_of(self, devices: NDArray[np.int64]) -> tuple[NDArray[np.bool_], Rows]:
        if not len(self._sorted_ids):
            return np.zeros(len(devices), dtype=np.bool_), np.empty(0, dtype=np.int64)
        at = np.minimum(np.searchsorted(self._sorted_ids, devices), len(self._sorted_ids) - 1)
        known = self._sorted_ids[at] == devices
        return known, self._sorted_rows[at[known]]

    def _forget_after_clock_step(self, rows: Rows, times: Floats) -> None:
        # A station whose clock was set back would be ignored until its clock caught up with samples that lie
        # in the future; those are what is wrong, so they go.
        newest = self._buffer.newest[rows]
        stepped = (times < newest) & (newest > self._now() + _CLOCK_STEP_S)
        if stepped.any():
            self._buffer.clear(rows[stepped])
            self._signals.clear(self._ids[rows[stepped]])


def state_from_device(device: Device) -> DeviceState:
    """Return the state that the catalogue carries: the last one written to the database."""
    return DeviceState(device.id, device.status, device.status_detail, device.last_seen_at)


def newer_state(
    old: DeviceState, status: DeviceStatus, detail: str, last_seen_unix: float | None
) -> DeviceState:
    """Return `old` with what a station's message says; the moment of last contact never goes missing."""
    seen = old.last_seen_at if last_seen_unix is None else datetime.fromtimestamp(last_seen_unix, UTC)
    return replace(old, status=status, detail=detail, last_seen_at=seen)


def _same_rings(old: Mapping[DeviceId, Device], new: Mapping[DeviceId, Device]) -> bool:
    return [(device.id, device.period_s) for device in old.values()] == [
        (device.id, device.period_s) for device in new.values()
    ]
