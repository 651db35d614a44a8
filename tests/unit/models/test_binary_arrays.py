import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models.binary_arrays import (
    BigintArray,
    DoubleArray,
    SmallintArray,
    TimestampArray,
    driver_cursor,
    integers_from_binary,
    numbers_from_binary,
    postgres_us,
    unix_from_binary,
)

few = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def echoed(connection, array, kind):
    with driver_cursor(connection) as cursor:
        cursor.execute(f"SELECT %s::{kind}".encode(), (array,))
        return cursor.pgresult.get_value(0, 0)


@few
@given(arrays.arrays(np.float64, st.integers(0, 20), elements=st.floats(allow_nan=False)))
def test_numbers_come_back_as_they_went(shared_connection, numbers):
    data = echoed(shared_connection, DoubleArray(numbers), "double precision[]")
    assert numbers_from_binary(data).tolist() == numbers.tolist()


@few
@given(st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), min_size=1, max_size=20))
def test_missing_numbers_arrive_as_null(shared_connection, numbers):
    values = np.array(numbers, dtype=np.float64)
    with driver_cursor(shared_connection) as cursor:
        cursor.execute(b"SELECT %s", (DoubleArray(values, np.isnan(values)),))
        assert cursor.fetchone() == (numbers,)


@few
@given(arrays.arrays(np.float64, st.integers(0, 20), elements=st.floats(0, 4e9)))
def test_moments_come_back_to_the_microsecond(shared_connection, unix):
    data = echoed(shared_connection, TimestampArray(postgres_us(unix)), "timestamptz[]")
    np.testing.assert_allclose(unix_from_binary(data), unix, rtol=0, atol=1e-6)


def test_moments_that_never_come_are_infinite(shared_connection):
    with driver_cursor(shared_connection) as cursor:
        cursor.execute(b"SELECT '{-infinity,1970-01-01Z,infinity}'::timestamptz[]")
        data = cursor.pgresult.get_value(0, 0)
    assert unix_from_binary(data).tolist() == [float("-inf"), 0.0, float("inf")]


def test_integers_of_every_width_come_back(shared_connection):
    wide = np.array([-(2**62), 0, 2**62])
    narrow = np.array([-32768, 0, 32767], dtype=np.int16)
    assert (
        integers_from_binary(echoed(shared_connection, BigintArray(wide), "bigint[]")).tolist()
        == wide.tolist()
    )
    data = echoed(shared_connection, SmallintArray(narrow), "smallint[]")
    assert integers_from_binary(data, width=2).tolist() == narrow.tolist()


def test_no_rows_aggregated_is_an_empty_column():
    assert numbers_from_binary(None).tolist() == []
