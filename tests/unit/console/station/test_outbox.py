from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from console.station.outbox import Copies, Lot, Outbox
from console.station.store import Load
from console.station.tally import STORED, Counts, Fate
from models.records.alert import Transition, TransitionKind
from models.records.device import DeviceId, DeviceState, DeviceStatus
from models.records.reading import Reading
from models.records.station_alert import Acknowledgement
from models.records.threshold import Severity, ThresholdId

MakeReading = Callable[..., Reading]


def readings(count: int, first: int = 0) -> list[Reading]:
    return [Reading(DeviceId(1), float(first + index), (None,) * 6) for index in range(count)]


def state(detail: str) -> DeviceState:
    return DeviceState(DeviceId(1), DeviceStatus.ERROR, detail, None)


def transition(at: float) -> Transition:
    return Transition(
        TransitionKind.RAISED, DeviceId(1), ThresholdId(1), Severity.INFO, at, None, None, "text"
    )


def taken(outbox: Outbox) -> Load:
    load = outbox.take()
    assert load is not None
    return load


def lent(outbox: Outbox, waited_s: float = 1.0) -> Lot:
    lot = outbox.lend(waited_s, 100)
    assert lot is not None
    return lot


class Hands:
    """A clock that the state machine turns."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def turn(self, seconds: float) -> None:
        self.now_s += seconds

    def monotonic(self) -> float:
        return self.now_s

    def unix(self) -> float:
        return self.now_s


def test_readings_come_out_in_order_and_in_batches() -> None:
    outbox = Outbox(waiting_limit=100, batch=2)
    outbox.put_readings(readings(3))
    assert [reading.recorded_unix for reading in taken(outbox).readings] == [0.0, 1.0]
    outbox.settle()
    assert [reading.recorded_unix for reading in taken(outbox).readings] == [2.0]


def test_full_memory_drops_the_oldest_reading_and_counts_it() -> None:
    outbox = Outbox(waiting_limit=3, batch=10)
    outbox.put_readings(readings(5))
    assert [reading.recorded_unix for reading in taken(outbox).readings] == [2.0, 3.0, 4.0]
    assert outbox.counts() == Counts(taken=2, in_memory=3, dropped=2)


def test_load_in_flight_is_never_dropped() -> None:
    outbox = Outbox(waiting_limit=3, batch=10)
    outbox.put_readings(readings(3))
    taken(outbox)
    outbox.put_readings(readings(2, first=10))
    assert outbox.counts() == Counts(taken=2, in_memory=3, dropped=2)


def test_latest_state_of_a_device_replaces_the_one_that_waits() -> None:
    outbox = Outbox(100, 10)
    outbox.put_states([state("first")], is_urgent=False)
    outbox.put_states([state("second")], is_urgent=False)
    assert taken(outbox).states == [state("second")]


def test_oldest_transition_is_dropped_and_counted_where_memory_is_full() -> None:
    outbox = Outbox(waiting_limit=2, batch=10)
    outbox.put_transitions([transition(at) for at in (1.0, 2.0, 3.0)])
    assert taken(outbox).transitions == [transition(2.0), transition(3.0)]
    assert outbox.counts().dropped_findings == 1


def test_transition_wakes_the_writer_at_once() -> None:
    outbox = Outbox(100, 10)
    outbox.put_transitions([transition(1.0)])
    assert outbox.wait(60.0)


def test_full_batch_wakes_the_writer_at_once() -> None:
    outbox = Outbox(100, 2)
    outbox.put_readings(readings(2))
    assert outbox.wait(60.0)


def test_closed_outbox_is_waited_for_until_it_is_empty() -> None:
    outbox = Outbox(100, 10)
    outbox.put_readings(readings(1))
    outbox.close()
    assert outbox.wait(60.0)
    taken(outbox)
    assert not outbox.wait(60.0)


def test_empty_outbox_has_nothing_to_take() -> None:
    assert Outbox(100, 10).take() is None


def test_states_keep_the_epoch_under_which_they_were_found() -> None:
    outbox = Outbox(100, 10)
    outbox.put_states([state("first")], is_urgent=False, epochs={DeviceId(1): 7})
    assert taken(outbox).epochs == {DeviceId(1): 7}


def test_load_put_back_is_taken_again_before_what_came_later() -> None:
    outbox = Outbox(100, 10)
    outbox.put_readings(readings(2))
    taken(outbox)
    outbox.put_readings(readings(1, first=5))
    outbox.put_back()
    assert [reading.recorded_unix for reading in taken(outbox).readings] == [0.0, 1.0, 5.0]


def test_readings_are_lent_once_they_have_waited_long_enough(clock) -> None:
    outbox = Outbox(100, 10, clock)
    outbox.put_readings(readings(1))
    assert outbox.lend(1.0, 100) is None
    clock.turn(1.0)
    outbox.put_readings(readings(1, first=1))
    assert lent(outbox).readings == readings(2)


def test_load_in_flight_is_lent_as_a_copy_once_it_takes_long(clock) -> None:
    outbox = Outbox(100, 10, clock)
    outbox.put_readings(readings(2))
    taken(outbox)
    clock.turn(1.0)
    lot = lent(outbox)
    assert lot.hand_readings == readings(2)
    assert outbox.kept(lot, Copies(blocks=[4])) == Copies()
    assert outbox.copies() == Copies(blocks=[4])
    assert (outbox.counts().spooled, outbox.counts().in_memory) == (2, 0)


def test_copy_of_a_load_that_was_written_meanwhile_is_unwanted(clock) -> None:
    outbox = Outbox(100, 10, clock)
    outbox.put_readings(readings(2))
    taken(outbox)
    clock.turn(1.0)
    lot = lent(outbox)
    outbox.settle()
    assert outbox.kept(lot, Copies(blocks=[4])) == Copies(blocks=[4])
    assert (outbox.counts().stored, outbox.counts().spooled) == (2, 0)


def test_findings_wait_for_those_that_are_in_the_spool() -> None:
    outbox = Outbox(100, 10)
    outbox.put_transitions([transition(1.0)])
    lot = lent(outbox, 0.0)
    outbox.put_transitions([transition(2.0)])
    assert outbox.take() is None
    outbox.kept(lot, Copies())
    assert outbox.take() is None
    outbox.record(lambda tally: tally.replay(0, 1, STORED))
    assert taken(outbox).transitions == [transition(2.0)]


def test_findings_behind_a_load_in_flight_do_not_come_before_it_in_the_spool() -> None:
    outbox = Outbox(100, 10)
    outbox.put_transitions([transition(1.0)])
    taken(outbox)
    outbox.put_transitions([transition(2.0)])
    lot = lent(outbox, 0.0)
    assert [*lot.hand_findings, *lot.findings] == [transition(1.0), transition(2.0)]


def test_load_ends_where_a_transition_follows_an_acknowledgement() -> None:
    act = Acknowledgement("ticket", DeviceId(1), ThresholdId(1), 1.5)
    outbox = Outbox(100, 10)
    outbox.put_findings([transition(1.0), act, transition(2.0)])
    first = taken(outbox)
    outbox.settle()
    assert (first.transitions, first.acts) == ([transition(1.0)], [act])
    assert taken(outbox).transitions == [transition(2.0)]


def test_readings_are_dropped_before_any_finding_is() -> None:
    outbox = Outbox(waiting_limit=3, batch=10)
    outbox.put_transitions([transition(1.0), transition(2.0)])
    outbox.put_readings(readings(5))
    load = taken(outbox)
    assert (len(load.transitions), load.readings) == (2, readings(1, first=4))


class Life(RuleBasedStateMachine):
    """Whatever two threads do at the outbox's ends: every reading and finding is in exactly one place."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Hands()
        self.outbox = Outbox(waiting_limit=12, batch=4, clock=self.clock)
        self.made = 0
        self.found = 0
        self.is_taken = False
        self.lot: Lot | None = None

    @rule(count=st.integers(0, 6))
    def put(self, count: int) -> None:
        self.clock.turn(0.4)
        self.outbox.put_readings(readings(count, first=self.made))
        self.made += count

    @rule()
    def find(self) -> None:
        self.outbox.put_transitions([transition(float(self.found))])
        self.found += 1

    @precondition(lambda self: not self.is_taken)
    @rule(limit=st.integers(1, 4))
    def take(self, limit: int) -> None:
        self.is_taken = self.outbox.take(limit) is not None

    @precondition(lambda self: self.is_taken)
    @rule(declined=st.integers(0, 1))
    def settle(self, declined: int) -> None:
        self.outbox.settle(Fate(quarantined=declined))
        self.is_taken = False

    @precondition(lambda self: self.is_taken and not (self.lot and self.lot.hand))
    @rule()
    def put_back(self) -> None:
        self.outbox.put_back()
        self.is_taken = False

    @precondition(lambda self: self.lot is None)
    @rule(waited_s=st.sampled_from([0.0, 1.0]))
    def lend(self, waited_s: float) -> None:
        self.lot = self.outbox.lend(waited_s, 5)

    @precondition(lambda self: self.lot is not None)
    @rule(is_kept=st.booleans())
    def give_back(self, is_kept: bool) -> None:
        ends = {True: lambda lot: self.outbox.kept(lot, Copies([1])), False: self.outbox.not_kept}
        ends[is_kept](self.lot)
        self.lot = None

    @precondition(lambda self: self.outbox.counts().spooled and not self.is_taken and self.lot is None)
    @rule()
    def replay(self) -> None:
        spooled, findings = self.outbox.counts().spooled, self.outbox.counts().spooled_findings
        self.outbox.record(lambda tally: tally.replay(spooled, findings, STORED))

    @invariant()
    def every_reading_is_somewhere(self) -> None:
        counts = self.outbox.counts()
        assert counts.taken == counts.stored + counts.spooled + counts.quarantined + counts.dropped
        assert counts.taken + counts.in_memory == self.made
        assert counts.waiting == counts.in_memory + counts.spooled
        assert min(counts.in_memory, counts.spooled, counts.spooled_findings) >= 0

    @invariant()
    def memory_is_bounded(self) -> None:
        # What is lent or in flight is not dropped; it is bounded by itself.
        assert self.outbox.counts().in_memory <= 12 + 4 + 5


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
