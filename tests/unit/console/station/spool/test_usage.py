import pytest

from console.station.spool.conditions import Gauge, duration_text
from console.station.spool.usage import Usage
from console.station.tally import Counts


def test_room_is_what_is_left_by_the_present_rate() -> None:
    usage = Usage()
    usage.note_counts(Counts(taken=0), 10.0)
    usage.note_counts(Counts(taken=900, in_memory=100), 11.0)
    assert usage.room_s(600_000) == pytest.approx(10.0)


def test_room_is_unknown_where_nothing_is_made() -> None:
    usage = Usage()
    usage.note_counts(Counts(taken=5), 10.0)
    usage.note_counts(Counts(taken=5), 11.0)
    assert usage.room_s(600_000) is None


def test_one_quiet_second_does_not_empty_the_gauge() -> None:
    usage = Usage()
    usage.note_counts(Counts(taken=0), 10.0)
    usage.note_counts(Counts(taken=1000), 11.0)
    usage.note_counts(Counts(taken=1000), 12.0)
    assert usage.room_s(600_000) == pytest.approx(10.0, rel=0.05)


def test_dropping_is_shown_for_a_while_after_the_last() -> None:
    usage = Usage()
    usage.note_counts(Counts(dropped=3), 10.0)
    usage.note_counts(Counts(dropped=3), 500.0)
    assert usage.is_dropping(600.0, 600.0)
    assert not usage.is_dropping(611.0, 600.0)


def test_what_a_person_gave_up_is_not_called_lost() -> None:
    usage = Usage()
    usage.note_counts(Counts(dropped=3, discarded=3), 10.0)
    assert not usage.is_dropping(10.0, 600.0)


def test_gauge_warns_before_it_is_full() -> None:
    assert Gauge(80, 100).is_filling
    assert not Gauge(79, 100).is_filling
    assert not Gauge(0, 0).is_filling


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(40.0, "40 s"), (720.0, "12 min"), (19_200.0, "5 h 20 min"), (864_000.0, "10 days")],
)
def test_durations_are_words(seconds: float, words: str) -> None:
    assert duration_text(seconds) == words
