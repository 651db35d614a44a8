"""A block of readings as the spool keeps it: columns one behind the other, compressed, with a checksum.

Columns rather than rows, because neighbours in a column resemble each other: a thousand readings of ordinary
devices take 20 to 30 bytes each, of random numbers 53 (raw: 74). zlib's level 1 is as good here as level 6,
for a third of the time.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.metrics import METRIC_COUNT
from models.records.device import DeviceId
from models.records.reading import Reading

_FORMAT = b"R1"
_LEVEL = 1
_HEADER = len(_FORMAT) + 4
_BYTES_A_READING = 8 + 8 + 8 * METRIC_COUNT + 2 + 8


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
    packed = zlib.compress(columns, _LEVEL)
    payload = _FORMAT + zlib.crc32(packed).to_bytes(4, "little") + packed
    return Block(count, float(times.min()), float(times.max()), payload)


def readings_of(payload: bytes) -> list[Reading]:
    """Return what was packed, in order.

    Raises:
        BlockDamaged: A byte was altered or is missing.
    """
    packed = payload[_HEADER:]
    if payload[: len(_FORMAT)] != _FORMAT or zlib.crc32(packed).to_bytes(4, "little") != payload[2:_HEADER]:
        raise BlockDamaged("its checksum is wrong")
    try:
        columns = memoryview(zlib.decompress(packed))
    except zlib.error as error:
        raise BlockDamaged(str(error)) from error
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
