"""Which alerts the database may not have heard the latest of."""

from hypothesis import given, settings
from hypothesis import strategies as st

from console.station.alerts.unsettled import Unsettled
from models.records.device import DeviceId
from models.records.threshold import ThresholdId


def key(number: int) -> tuple[DeviceId, ThresholdId]:
    return DeviceId(number), ThresholdId(number)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(told=st.lists(st.integers(0, 4)), later=st.lists(st.integers(0, 4)), waiting=st.integers(0, 30))
def test_what_waits_and_what_was_told_since_is_unsettled(
    told: list[int], later: list[int], waiting: int
) -> None:
    unsettled = Unsettled(lambda: waiting)
    unsettled.note(key(number) for number in told)
    settled = unsettled.settled()
    unsettled.note(key(number) for number in later)
    expected = told[max(0, len(told) - waiting) :] + later
    assert unsettled.keys(settled) == {key(number) for number in expected}


def test_findings_of_an_earlier_run_make_everything_told_since_unsettled() -> None:
    unsettled = Unsettled(lambda: 100)
    unsettled.note([key(1)])
    assert unsettled.keys(unsettled.settled()) == {key(1)}
