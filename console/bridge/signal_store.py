"""Latest values and the last minutes of the site's own signals: beside the six metrics of `live_store.py`.

A signal of a device is a ring of its own, so that a device pays for what it has. Used by one thread.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from console.bridge.catalogue import Catalogue
from console.bridge.series_buffer import Floats, Rows, Samples, SeriesBuffer
from models.records.device import DeviceId

_SIGNAL_BITS = 24
"""A device's number is shifted by these to make one key with a signal's; a site has a thousand at most."""


@dataclass(frozen=True, slots=True)
class SignalArrays:
    """m values of signals that belong to n readings.

    Attributes:
        rows: int64, shape (m,): to which of the readings each belongs.
        signals: int64, shape (m,), `signals.id`.
        values: float64, shape (m,), NaN = no good value.
    """

    rows: Rows
    signals: Rows
    values: Floats


NO_SIGNALS = SignalArrays(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0))


class SignalStore:
    """What is known of every signal of every configured device."""

    def __init__(self) -> None:
        """Begin without devices."""
        self._wanted: list[tuple[int, int, float]] = []
        self._keys: Rows = np.empty(0, dtype=np.int64)
        self._row_of: dict[tuple[int, int], int] = {}
        self._of_device: dict[int, tuple[tuple[int, int], ...]] = {}
        self._buffer = SeriesBuffer((), 1, np.float64)
        self._latest: Floats = np.empty(0)

    def latest(self, device: DeviceId) -> dict[int, float | None]:
        """Return the newest value of each signal that the device has, by `signals.id`; None = no good one."""
        own = self._of_device.get(device, ())
        return {signal: None if np.isnan(value := self._latest[row]) else float(value) for signal, row in own}

    def series(self, device: DeviceId, signal: int, since_unix: float) -> tuple[Floats, Floats]:
        """Return times and values from `since_unix` on, oldest first; NaN = no good value."""
        row = self._row_of.get((device, signal))
        return (np.empty(0), np.empty(0)) if row is None else self._buffer.column(row, 0, since_unix)

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Make room for what is configured now; what stays keeps its samples."""
        wanted = [
            (int(device.id), int(signal.id), device.period_s)
            for device in catalogue.devices
            for signal in catalogue.signals_of(device.id)
        ]
        # In the order of keys, which the search in `add` goes by.
        wanted.sort()
        if wanted == self._wanted:
            return
        self._wanted = wanted
        row_of = {(device, signal): row for row, (device, signal, _) in enumerate(wanted)}
        kept = {row: self._row_of[key] for key, row in row_of.items() if key in self._row_of}
        latest = np.full(len(wanted), np.nan)
        latest[list(kept)] = self._latest[list(kept.values())]
        self._buffer = self._buffer.rebuilt([period_s for _, _, period_s in wanted], kept)
        self._latest, self._row_of = latest, row_of
        self._keys = np.array(
            [device << _SIGNAL_BITS | signal for device, signal, _ in wanted], dtype=np.int64
        )
        grouped: dict[int, list[tuple[int, int]]] = {}
        for (device, signal), row in row_of.items():
            grouped.setdefault(device, []).append((signal, row))
        self._of_device = {device: tuple(own) for device, own in grouped.items()}

    def add(self, devices: NDArray[np.int64], times: Floats, arrays: SignalArrays) -> None:
        """Take values in; of what is not configured, or not newer than what is known, none."""
        if not len(arrays.rows) or not len(self._keys):
            return
        wanted = devices[arrays.rows] << _SIGNAL_BITS | arrays.signals
        rows = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
        known = self._keys[rows] == wanted
        rows, values, at = rows[known], arrays.values[known], times[arrays.rows[known]]
        taken = self._buffer.insert(rows, at, values[:, np.newaxis])
        # One that occurs twice: assignment by index keeps the last, so the newest must come last.
        order = np.argsort(at[taken], kind="stable")
        self._latest[rows[taken][order]] = values[taken][order]

    def add_history(self, device: DeviceId, samples: Samples) -> None:
        """Put older samples into the rings of a device; latest values stay as they are."""
        for signal, values in samples.signals.items():
            row = self._row_of.get((device, signal))
            if row is not None:
                self._buffer.merge(row, Samples(samples.times, values[:, np.newaxis]))

    def clear(self, devices: NDArray[np.int64]) -> None:
        """Forget everything of these devices."""
        rows = [row for device in devices.tolist() for _, row in self._of_device.get(device, ())]
        self._buffer.clear(np.array(rows, dtype=np.int64))
