"""A block of readings as the spool keeps it: columns one behind the other, compressed, with a checksum.

Columns rather than rows, because neighbours in a column resemble each other: a thousand readings of ordinary
devices take 20 to 30 bytes each, of random numbers 53 (raw: 74). zlib's level 1 is as good here as level 6,
for a third of the time.

Readings without signals are kept as the release before keeps them ("R1"); those with some are followed by
three more columns: which reading a value belongs to, which signal it is, and the value ("R2").
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from msgspec import structs

from models.metrics import METRIC_COUNT
from models.records.device import DeviceId
from models.records.reading import Reading
from models.records.signal import SignalId, SignalSample

_PLAIN, _WITH_SIGNALS = b"R1", b"R2"
_LEVEL = 1
_HEADER = len(_PLAIN) + 4
_COUNTS = struct.Struct("<II")
_BYTES_A_READING = 8 + 8 + 8 * METRIC_COUNT + 2 + 8
_BYTES_A_SIGNAL = 4 + 4 + 8


class BlockDamaged(Exception):
    """The bytes are not what was kept."""


@dataclass(frozen=True, slots=True)
class Block:
    """Readings, ready for the disk.

    Attributes:
        first_unix, last_unix: Earliest and latest moment in it, Unix seconds.
        payload: What `readings_of` opens.
    """

    count: int
    first_unix: float
    last_unix: float
    payload: bytes


def block_of(readings: Sequence[Reading]) -> Block:
    """Pack readings, at least one, into a block."""
    count = len(readings)
    times = np.fromiter((reading.recorded_unix for reading in readings), "<f8", count)
    # None becomes NaN; a reading holds no other NaN.
    values = np.array([reading.values for reading in readings], dtype="<f8")
    columns = b"".join(
        (
            np.fromiter((reading.device for reading in readings), "<i8", count).tobytes(),
            times.tobytes(),
            values.T.tobytes(),
            np.fromiter((reading.quality for reading in readings), "<i2", count).tobytes(),
            np.fromiter((reading.epoch for reading in readings), "<i8", count).tobytes(),
        )
    )
    signals = _signal_columns(readings)
    packed = zlib.compress(signals + columns, _LEVEL)
    payload = (_WITH_SIGNALS if signals else _PLAIN) + zlib.crc32(packed).to_bytes(4, "little") + packed
    return Block(count, float(times.min()), float(times.max()), payload)


def readings_of(payload: bytes) -> list[Reading]:
    """Return what was packed, in order.

    Raises:
        BlockDamaged: A byte was altered or is missing.
    """
    form, packed = payload[: len(_PLAIN)], payload[_HEADER:]
    is_known = form in (_PLAIN, _WITH_SIGNALS)
    if not is_known or zlib.crc32(packed).to_bytes(4, "little") != payload[len(_PLAIN) : _HEADER]:
        raise BlockDamaged("its checksum is wrong")
    try:
        columns = memoryview(zlib.decompress(packed))
    except zlib.error as error:
        raise BlockDamaged(str(error)) from error
    if form == _PLAIN:
        return _plain_readings(columns)
    if len(columns) < _COUNTS.size:
        raise BlockDamaged("it is incomplete")
    count, samples = _COUNTS.unpack_from(columns)
    first = _COUNTS.size + samples * _BYTES_A_SIGNAL
    if len(columns) != first + count * _BYTES_A_READING:
        raise BlockDamaged("it is incomplete")
    signals = _signals_of(columns[_COUNTS.size : first], samples)
    return [
        structs.replace(reading, signals=tuple(signals[place])) if place in signals else reading
        for place, reading in enumerate(_plain_readings(columns[first:]))
    ]


def _plain_readings(columns: memoryview) -> list[Reading]:
    count, rest = divmod(len(columns), _BYTES_A_READING)
    if rest:
        raise BlockDamaged(f"it holds {METRIC_COUNT} metrics no longer, or is incomplete")
    ends = np.cumsum([8 * count, 8 * count, 8 * METRIC_COUNT * count, 2 * count])
    devices = np.frombuffer(columns[: ends[0]], "<i8").tolist()
    times = np.frombuffer(columns[ends[0] : ends[1]], "<f8").tolist()
    table = np.frombuffer(columns[ends[1] : ends[2]], "<f8").reshape(METRIC_COUNT, count)
    quality = np.frombuffer(columns[ends[2] : ends[3]], "<i2").tolist()
    epochs = np.frombuffer(columns[ends[3] :], "<i8").tolist()
    is_complete = not np.isnan(table).any()
    values = zip(*table.tolist(), strict=True)
    if not is_complete:
        values = (tuple(None if value != value else value for value in row) for row in values)
    return [
        Reading(DeviceId(device), at_unix, row, bits, epoch)
        for device, at_unix, row, bits, epoch in zip(devices, times, values, quality, epochs, strict=True)
    ]


def _signal_columns(readings: Sequence[Reading]) -> bytes:
    """Return how many readings and values there are, then the three columns; nothing without any signal."""
    samples = [(place, one) for place, reading in enumerate(readings) for one in reading.signals]
    if not samples:
        return b""
    count = len(samples)
    return b"".join(
        (
            _COUNTS.pack(len(readings), count),
            np.fromiter((place for place, _ in samples), "<i4", count).tobytes(),
            np.fromiter((one.signal for _, one in samples), "<i4", count).tobytes(),
            np.array([one.value for _, one in samples], dtype="<f8").tobytes(),
        )
    )


def _signals_of(columns: memoryview, count: int) -> dict[int, list[SignalSample]]:
    """Return the signals of each reading, by its place in the block."""
    places = np.frombuffer(columns[: 4 * count], "<i4").tolist()
    signals = np.frombuffer(columns[4 * count : 8 * count], "<i4").tolist()
    values = np.frombuffer(columns[8 * count :], "<f8").tolist()
    found: dict[int, list[SignalSample]] = {}
    for place, signal, value in zip(places, signals, values, strict=True):
        sample = SignalSample(SignalId(signal), None if value != value else value)
        found.setdefault(place, []).append(sample)
    return found
