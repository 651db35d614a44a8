import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.station.spool.block import BlockDamaged, block_of, readings_of
from models.metrics import METRIC_COUNT
from models.records.device import DeviceId
from models.records.reading import Reading

numbers = st.floats(allow_nan=False, allow_infinity=False)
some_readings = st.lists(
    st.builds(
        Reading,
        device=st.integers(1, 2**62).map(DeviceId),
        recorded_unix=st.floats(0, 4e9),
        values=st.tuples(*[st.none() | numbers] * METRIC_COUNT),
        quality=st.integers(0, 63),
        epoch=st.integers(0, 2**62),
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
