"""What the station's messages mean to the window: pure functions, no Qt.

A message whose arrays do not fit each other is treated like a frame that does not decode: after it nothing
from that connection can be trusted.
"""

from collections.abc import Iterable

import numpy as np

from console.bridge.live_store import LiveStore, ReadingArrays, newer_state
from console.bridge.signal_store import SignalArrays
from console.link.frames import FrameError
from console.link.messages import PROTOCOL, Hello, LiveBatch, StateChange
from models.metrics import METRIC_COUNT
from models.records.device import DeviceId, DeviceOverview, DeviceState, DeviceStatus


def refusal_of(hello: Hello) -> str | None:
    """Return why this window cannot understand that station, None where it can."""
    if hello.protocol == PROTOCOL:
        return None
    return (
        f"The station {hello.name} is version {hello.version} and speaks protocol {hello.protocol}, "
        f"this window {PROTOCOL}: start both from the same version."
    )


def readings_from_batch(batch: LiveBatch) -> ReadingArrays:
    """Turn a batch's bytes into arrays. Raises FrameError where their lengths disagree."""
    try:
        devices = np.frombuffer(batch.devices, dtype="<i8")
        times = np.frombuffer(batch.recorded_unix, dtype="<f8")
        values = np.frombuffer(batch.values, dtype="<f8").reshape(len(devices), METRIC_COUNT)
        quality = np.frombuffer(batch.quality, dtype="<i2")
        signals = SignalArrays(
            np.frombuffer(batch.signal_rows, dtype="<i4").astype(np.int64),
            np.frombuffer(batch.signals, dtype="<i4").astype(np.int64),
            np.frombuffer(batch.signal_values, dtype="<f8"),
        )
    except ValueError as error:
        raise FrameError(f"batch whose arrays are cut short: {error}") from error
    if not len(devices) == len(times) == len(quality):
        raise FrameError(f"batch of {len(devices)} devices, {len(times)} times and {len(quality)} qualities")
    rows = signals.rows
    if not len(rows) == len(signals.signals) == len(signals.values):
        raise FrameError(f"batch of {len(rows)} places of signals and {len(signals.values)} values")
    if len(rows) and not (rows.min() >= 0 and rows.max() < len(devices)):
        raise FrameError(f"batch of {len(devices)} devices whose signals belong to others")
    # An infinite or missing time would make its device look fresh for ever.
    sound = np.isfinite(times)
    if not sound.all():
        kept = sound[rows]
        places = np.cumsum(sound) - 1
        signals = SignalArrays(places[rows[kept]], signals.signals[kept], signals.values[kept])
        return ReadingArrays(devices[sound], times[sound], values[sound], quality[sound], signals)
    return ReadingArrays(devices, times, values, quality, signals)


def states_from_changes(changes: Iterable[StateChange], live: LiveStore) -> list[DeviceState]:
    """Return the states told. A status this version does not know is an error, never fine."""
    return [
        newer_state(
            live.state(DeviceId(change.device)),
            _status(change.status),
            change.detail,
            change.last_seen_unix,
        )
        for change in changes
    ]


def readings_from_overview(rows: list[DeviceOverview]) -> ReadingArrays:
    """Turn the database's latest readings into arrays; devices without any are left out."""
    known = [row for row in rows if row.last_reading_at is not None]
    values = np.full((len(known), METRIC_COUNT), np.nan)
    for index, row in enumerate(known):
        values[index] = [np.nan if value is None else value for value in row.values]
    return ReadingArrays(
        np.array([row.device for row in known], dtype=np.int64),
        np.array([row.last_reading_at.timestamp() for row in known if row.last_reading_at], dtype=np.float64),
        values,
        np.array([row.quality for row in known], dtype=np.int16),
        SignalArrays(
            np.array([place for place, row in enumerate(known) for _ in row.signals], dtype=np.int64),
            np.array([signal for row in known for signal, _ in row.signals], dtype=np.int64),
            np.array(
                [np.nan if value is None else value for row in known for _, value in row.signals],
                dtype=np.float64,
            ),
        ),
    )


def states_from_overview(rows: list[DeviceOverview]) -> list[DeviceState]:
    """Return the states as last written to the database."""
    return [DeviceState(row.device, row.status, row.status_detail, row.last_seen_at) for row in rows]


def _status(word: str) -> DeviceStatus:
    try:
        return DeviceStatus(word)
    except ValueError:
        return DeviceStatus.ERROR
