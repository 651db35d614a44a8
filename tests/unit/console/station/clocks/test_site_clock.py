import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.station.clocks.clock_watch import ClockWatch
from console.station.clocks.site_clock import SiteClock
from models.records.station import ConditionKind

AT = 1_700_000_000.0


class Hands:
    """A computer's two clocks: one that runs, one that can be set."""

    def __init__(self) -> None:
        self.running_s = 5000.0
        self.set_s = AT - 5000.0

    def running(self) -> float:
        return self.running_s

    def wall(self) -> float:
        return self.running_s + self.set_s


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def clock(hands: Hands) -> SiteClock:
    return SiteClock(0.0, hands.wall, hands.running)


def learn(clock: SiteClock, hands: Hands, ahead_s: float, round_trip_s: float = 0.002) -> None:
    """Let the database say that it is `ahead_s` ahead of the computer's first clock."""
    sent_s = hands.running_s
    hands.running_s += round_trip_s
    clock.learn(sent_s + round_trip_s / 2 + AT - 5000.0 + ahead_s, sent_s, hands.running_s)


def test_before_the_first_contact_it_is_the_computers_clock(clock, hands):
    assert clock.unix() == AT
    assert not clock.is_known


def test_before_the_first_contact_it_knows_what_was_measured_last_time(hands):
    assert SiteClock(30.0, hands.wall, hands.running).unix() == AT - 30.0


def test_first_contact_sets_it_at_once(clock, hands):
    learn(clock, hands, 0.4)
    assert clock.unix() == pytest.approx(hands.wall() + 0.4, abs=1e-6)


def test_setting_the_computers_clock_changes_nothing(clock, hands):
    learn(clock, hands, 0.0)
    before = clock.unix()
    hands.set_s += 86_400.0
    assert clock.unix() == before
    assert clock.wall_ahead_s() == pytest.approx(86_400.0, abs=1e-3)


def test_small_difference_is_caught_up_with_slowly(clock, hands):
    learn(clock, hands, 0.0)
    learn(clock, hands, 0.1, round_trip_s=0.001)
    began = clock.unix() - hands.wall()
    hands.running_s += 5.0
    assert clock.unix() - hands.wall() == pytest.approx(began + 0.05, abs=1e-3)
    hands.running_s += 60.0
    assert clock.unix() - hands.wall() == pytest.approx(0.1, abs=1e-3)


def test_database_whose_clock_moved_is_followed_at_once_and_said_so(clock, hands, caplog):
    learn(clock, hands, 0.0)
    learn(clock, hands, 60.0)
    assert clock.unix() == pytest.approx(hands.wall() + 60.0, abs=1e-3)
    assert "The database's clock moved by +60.000 s" in caplog.text


def test_answer_with_the_shortest_round_trip_is_trusted(clock, hands):
    learn(clock, hands, 0.0, round_trip_s=0.001)
    sent_s = hands.running_s
    hands.running_s += 0.8
    clock.learn(
        sent_s + AT - 5000.0, sent_s, hands.running_s
    )  # answered late: half of it looks like an offset
    hands.running_s += 100.0
    assert clock.unix() == pytest.approx(hands.wall(), abs=1e-3)


def test_slow_answer_is_not_taken_for_a_clock_that_moved(clock, hands, caplog):
    learn(clock, hands, 0.0)
    sent_s = hands.running_s
    hands.running_s += 3.0
    clock.learn(sent_s + AT - 5000.0, sent_s, hands.running_s)
    assert "moved" not in caplog.text
    assert clock.unix() == pytest.approx(hands.wall(), abs=1e-3)


@given(
    st.lists(
        st.tuples(st.floats(0.0, 30.0), st.floats(-0.9, 0.9), st.floats(0.0, 0.5)), min_size=2, max_size=30
    )
)
@settings(deadline=None)
def test_it_never_runs_backwards_while_the_database_keeps_its_clock(steps) -> None:
    hands = Hands()
    clock = SiteClock(0.0, hands.wall, hands.running)
    learn(clock, hands, 0.0)
    last = clock.unix()
    for wait_s, jump_s, error in steps:
        hands.running_s += wait_s
        hands.set_s += jump_s * 1000.0
        sent_s = hands.running_s
        hands.running_s += 0.9
        # The database looks at its clock at any moment of the round trip.
        clock.learn(sent_s + error + AT - 5000.0, sent_s, hands.running_s)
        assert clock.unix() >= last
        last = clock.unix()


def test_clock_too_far_off_is_said_once_with_its_figure_and_forgotten_when_near(clock, hands):
    watch = ClockWatch(clock)
    learn(clock, hands, 0.0)
    said = []
    for set_s in (0.9, 1.1, 0.7, 0.4):
        hands.set_s = AT - 5000.0 + set_s
        watch.look()
        said.append([one.kind for one in watch.conditions()])
    offset = [ConditionKind.CLOCK_OFFSET]
    assert said == [[], offset, offset, []]


def test_clock_that_is_behind_is_said_to_be_behind(clock, hands):
    watch = ClockWatch(clock)
    learn(clock, hands, 3600.0)
    watch.look()
    assert watch.conditions()[0].sentence.startswith(
        "This computer's clock is 3,600.0 s behind the database's."
    )


def test_nothing_is_said_before_the_database_told_its_time(clock):
    watch = ClockWatch(clock)
    watch.look()
    assert (watch.ahead_s, watch.conditions()) == (None, ())
