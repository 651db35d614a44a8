import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.station.spool.block import BlockDamaged, block_of, readings_of
from models.metrics import METRIC_COUNT
from models.records.device import DeviceId
from models.records.reading import Reading
from models.records.signal import SignalId, SignalSample

numbers = st.floats(allow_nan=False, allow_infinity=False)
samples = st.builds(SignalSample, signal=st.integers(1, 2**31 - 1).map(SignalId), value=st.none() | numbers)
some_readings = st.lists(
    st.builds(
        Reading,
        device=st.integers(1, 2**62).map(DeviceId),
        recorded_unix=st.floats(0, 4e9),
        values=st.tuples(*[st.none() | numbers] * METRIC_COUNT),
        quality=st.integers(0, 63),
        epoch=st.integers(0, 2**62),
        signals=st.lists(samples, max_size=3).map(tuple),
    ),
    min_size=1,
    max_size=20,
)


@settings(max_examples=50)
@given(some_readings)
def test_block_gives_back_every_reading_as_it_was(readings: list[Reading]) -> None:
    block = block_of(readings)
    assert readings_of(block.payload) == readings
    assert block.count == len(readings)


def test_readings_without_signals_are_kept_as_the_release_before_keeps_them(readings) -> None:
    # What that release wrote of one reading: device, time, six values, quality, epoch.
    columns = struct.pack("<qd6dhq", 7, 1_700_000_000.5, 1.0, 2.0, 3.0, 4.0, 5.0, float("nan"), 32, 9)
    packed = zlib.compress(columns, 1)
    payload = b"R1" + zlib.crc32(packed).to_bytes(4, "little") + packed
    reading = Reading(DeviceId(7), 1_700_000_000.5, (1.0, 2.0, 3.0, 4.0, 5.0, None), 32, 9)
    assert readings_of(payload) == [reading]
    assert block_of([reading]).payload == payload


@pytest.mark.parametrize("missing", [1, 90, 119])
def test_signals_that_are_cut_short_are_damaged_though_the_checksum_is_right(missing: int) -> None:
    reading = Reading(DeviceId(7), 1.0, (None,) * METRIC_COUNT, signals=(SignalSample(SignalId(1), 2.0),))
    columns = zlib.decompress(block_of([reading]).payload[6:])
    packed = zlib.compress(columns[: len(columns) - missing])
    with pytest.raises(BlockDamaged, match="incomplete"):
        readings_of(b"R2" + zlib.crc32(packed).to_bytes(4, "little") + packed)


def test_block_knows_the_time_it_covers(readings) -> None:
    block = block_of(readings(3))
    assert (block.first_unix, block.last_unix) == (1_700_000_000.0, 1_700_000_002.0)


@pytest.mark.parametrize("place", [0, 3, 20, -1])
def test_altered_byte_is_noticed(readings, place: int) -> None:
    payload = bytearray(block_of(readings(50)).payload)
    payload[place] ^= 1
    with pytest.raises(BlockDamaged):
        readings_of(bytes(payload))


def test_missing_end_is_noticed(readings) -> None:
    with pytest.raises(BlockDamaged):
        readings_of(block_of(readings(50)).payload[:-4])


def test_block_whose_checksum_is_right_and_whose_rest_is_not_is_damaged() -> None:
    packed = zlib.compress(b"columns")[:-3]
    with pytest.raises(BlockDamaged, match="incomplete"):
        readings_of(b"R1" + zlib.crc32(packed).to_bytes(4, "little") + packed)
