"""Which connection needs somebody first."""

import pytest

from models.connection_order import UNTOLD_S, Trouble, trouble_of, worst_first
from models.records.device import DeviceId
from models.records.device_health import DeviceHealth, TagRead

NOW = 1_800_000_000.0


def health(**changes) -> DeviceHealth:
    base = {"as_of_unix": NOW - 2.0, "polls_answered": 10, "good_read_unix": NOW - 1.0}
    return DeviceHealth(DeviceId(1), **{**base, **changes})


FAILS = health(failure="No answer.", good_read_unix=NOW - 60.0)
LONG = health(failure="No answer.", good_read_unix=NOW - 600.0)
OLD = health(as_of_unix=NOW - UNTOLD_S - 1.0)
BAD = health(tags=(TagRead("rpm", None, "bad", "refused"),))
ERRORS = health(recent_errors=b"\x00\x03", errors={"timeout": 3})
SLOW = health(round_trip_p99_ms=900.0)
WELL = health(round_trip_p99_ms=5.0)


@pytest.mark.parametrize(
    ("one", "trouble"),
    [
        (FAILS, Trouble.FAILS),
        (OLD, Trouble.UNTOLD),
        (None, Trouble.UNTOLD),
        (health(polls_answered=0), Trouble.UNTOLD),
        (BAD, Trouble.BAD_VALUES),
        (ERRORS, Trouble.ERRORS),
        (WELL, Trouble.NONE),
    ],
)
def test_trouble_is_the_worst_there_is(one, trouble) -> None:
    assert trouble_of(one, NOW) is trouble


def test_worst_comes_first_and_the_unknown_never_counts_as_well() -> None:
    shuffled = [WELL, ERRORS, None, FAILS, SLOW, BAD, LONG, OLD]
    assert sorted(shuffled, key=lambda one: worst_first(one, NOW)) == [
        *(LONG, FAILS),
        *(None, OLD),
        *(BAD, ERRORS),
        *(SLOW, WELL),
    ]
