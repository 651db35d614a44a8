import logging
import threading
from collections.abc import Callable, Iterator

import pytest

from console.station.clocks.clock import SystemClock
from console.station.health import LoopHealth
from console.station.outbox import Outbox
from console.station.store import Load
from console.station.tuning import Tuning
from console.station.writer import Writer
from models.errors import CutOff, DatabaseAway, NotAllowed
from models.records.alert import Transition, TransitionKind
from models.records.device import DeviceId, DeviceState, DeviceStatus
from models.records.reading import Reading
from models.records.station import ConditionKind
from models.records.threshold import Severity, ThresholdId

WaitUntil = Callable[[Callable[[], bool]], None]


def reading(number: int) -> Reading:
    return Reading(DeviceId(number), 1_700_000_000.0, (1.0,) * 6)


def transition(threshold: int) -> Transition:
    return Transition(
        TransitionKind.RAISED, DeviceId(1), ThresholdId(threshold), Severity.INFO, 1.0, None, None, "text"
    )


def state(device: int) -> DeviceState:
    return DeviceState(DeviceId(device), DeviceStatus.ONLINE, "", None)


class Bench:
    """A writer between an outbox and a fake store."""

    def __init__(self, store, tuning: Tuning) -> None:
        self.store = store
        self.outbox = Outbox(tuning.waiting_limit, tuning.batch)
        self.health = LoopHealth()
        self.writer = Writer(store, self.outbox, SystemClock(), tuning, self.health)
        self.writer.start()


@pytest.fixture
def bench(store, tuning: Tuning) -> Iterator[Bench]:
    bench = Bench(store, tuning)
    yield bench
    bench.writer.stop()


def test_readings_transitions_and_states_are_written_together(bench: Bench, wait_until: WaitUntil) -> None:
    bench.outbox.put_readings([reading(1)])
    bench.outbox.put_states([state(1)], is_urgent=False)
    bench.outbox.put_transitions([transition(1)])
    wait_until(lambda: bench.store.readings == [reading(1)] and bench.store.states == [state(1)])
    wait_until(lambda: bench.store.transitions == [transition(1)])


def test_everything_waits_while_the_database_is_away_and_is_written_in_order_after(
    bench: Bench, wait_until: WaitUntil
) -> None:
    bench.store.is_away = True
    bench.outbox.put_readings([reading(1)])
    wait_until(lambda: bool(bench.writer.trouble))
    bench.outbox.put_readings([reading(2), reading(3)])
    assert bench.outbox.counts().waiting == 3
    bench.store.is_away = False
    wait_until(lambda: bench.store.readings == [reading(1), reading(2), reading(3)])
    wait_until(lambda: bench.outbox.counts().stored == 3 and not bench.writer.trouble)


def test_drill_is_told_as_what_it_is_and_an_absence_after_it_as_another(
    bench: Bench, wait_until: WaitUntil, monkeypatch
) -> None:
    refusals = [CutOff("Cut off for a drill until 03:12:40.", until="03:12:40")]

    def refuse(load: Load) -> None:
        raise refusals[-1]

    monkeypatch.setattr(bench.store, "write", refuse)
    bench.outbox.put_readings([reading(1)])
    wait_until(lambda: bool(bench.writer.conditions()))
    drill = bench.writer.conditions()[0]
    assert (drill.kind, drill.severity) == (ConditionKind.DRILL, Severity.INFO)
    assert drill.sentence.startswith("Drill until 03:12:40: readings are kept ")
    refusals.append(DatabaseAway("Nobody answers."))
    wait_until(lambda: bench.writer.conditions()[0].kind is ConditionKind.DATABASE_AWAY)


def test_nothing_is_given_up_while_the_station_lacks_the_right_to_write(
    bench: Bench, wait_until: WaitUntil, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = bench.store.write

    def refuse(load: Load) -> None:
        raise NotAllowed("only a station may do this")

    monkeypatch.setattr(bench.store, "write", refuse)
    bench.outbox.put_readings([reading(1), reading(2)])
    wait_until(lambda: bench.writer.trouble == "only a station may do this")
    monkeypatch.setattr(bench.store, "write", write)
    wait_until(lambda: bench.outbox.counts().stored == 2)
    assert bench.outbox.counts().dropped == 0


def test_absence_and_return_of_the_database_are_logged_once_each(
    bench: Bench, wait_until: WaitUntil, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "console.station.writer")
    bench.store.is_away = True
    bench.outbox.put_readings([reading(1)])
    wait_until(lambda: bench.store.attempts > 4)
    bench.store.is_away = False
    wait_until(lambda: bench.outbox.counts().stored == 1 and not bench.writer.trouble)
    wait_until(lambda: len(caplog.messages) == 2)
    assert caplog.messages[0] == "Readings are kept in memory: The database does not answer."


def test_declined_reading_does_not_block_its_neighbours(
    bench: Bench, wait_until: WaitUntil, caplog: pytest.LogCaptureFixture
) -> None:
    bench.store.declines = lambda item: isinstance(item, Reading) and item.device == 7
    bench.outbox.put_readings([reading(number) for number in range(20)])
    wait_until(lambda: bench.outbox.counts().waiting == 0)
    assert sorted(one.device for one in bench.store.readings) == [n for n in range(20) if n != 7]
    counts = bench.outbox.counts()
    assert (counts.taken, counts.stored, counts.dropped) == (20, 19, 1)
    assert next(m for m in caplog.messages if "declined" in m).startswith(
        "The database declined a reading of device 7"
    )
    caplog.clear()


def test_declined_transition_does_not_block_others_nor_readings(
    bench: Bench, wait_until: WaitUntil, caplog: pytest.LogCaptureFixture
) -> None:
    bench.store.declines = lambda item: isinstance(item, Transition) and item.threshold == 2
    bench.outbox.put_readings([reading(1)])
    bench.outbox.put_transitions([transition(1), transition(2), transition(3)])
    wait_until(lambda: bench.store.transitions == [transition(1), transition(3)])
    wait_until(lambda: bench.store.readings == [reading(1)])
    assert "declined an alert of device 1" in caplog.text
    caplog.clear()


def test_declined_state_does_not_block_others(
    bench: Bench, wait_until: WaitUntil, caplog: pytest.LogCaptureFixture
) -> None:
    bench.store.declines = lambda item: item == state(2)
    bench.outbox.put_states([state(1), state(2), state(3)], is_urgent=True)
    wait_until(lambda: bench.store.states == [state(1), state(3)])
    assert "declined the status of device 2" in caplog.text
    caplog.clear()


def test_missing_partition_is_made_and_the_load_written_whole(bench: Bench, wait_until: WaitUntil) -> None:
    bench.store.declines = lambda _: bench.store.partitions_made == 0
    bench.outbox.put_readings([reading(1), reading(2)])
    wait_until(lambda: bench.store.readings == [reading(1), reading(2)])
    assert bench.outbox.counts().dropped == 0


def test_mistake_of_our_own_costs_one_reading_not_the_writer(
    bench: Bench, wait_until: WaitUntil, caplog: pytest.LogCaptureFixture
) -> None:
    mistakes = {3: TypeError("a mistake")}

    def fail(item: object) -> bool:
        for mistake in filter(None, [mistakes.get(getattr(item, "device", 0))]):
            raise mistake
        return False

    bench.store.declines = fail
    bench.outbox.put_readings([reading(number) for number in range(6)])
    wait_until(lambda: bench.outbox.counts().waiting == 0)
    assert bench.outbox.counts().stored == 5
    assert "TypeError: a mistake" in bench.health.last_failure
    caplog.clear()


def test_stopping_writes_everything_that_waits(store, tuning: Tuning) -> None:
    bench = Bench(store, tuning)
    bench.outbox.put_readings([reading(number) for number in range(5000)])
    bench.writer.stop()
    assert len(store.readings) == 5000
    bench.writer.stop()


def test_stopping_gives_up_when_the_database_stays_away_and_says_how_much_is_lost(
    store, tuning: Tuning, caplog: pytest.LogCaptureFixture
) -> None:
    store.is_away = True
    bench = Bench(store, tuning)
    bench.outbox.put_readings([reading(1), reading(2)])
    bench.writer.stop()
    assert bench.outbox.counts().waiting == 2
    assert caplog.messages[-1] == (
        "2 readings could not be written before the end: The database does not answer."
    )
    caplog.clear()


def test_stopping_does_not_wait_for_a_frozen_database(
    store, tuning: Tuning, caplog: pytest.LogCaptureFixture
) -> None:
    store.frozen = threading.Event()
    bench = Bench(store, tuning)
    bench.outbox.put_readings([reading(1)])
    bench.writer.stop()
    assert "1 readings could not be written" in caplog.text
    caplog.clear()
    store.frozen.set()


def test_what_a_writer_that_hangs_had_in_hand_is_written_by_the_next_and_counted_once(
    store, tuning: Tuning, make_reading: Callable[..., Reading], wait_until: WaitUntil
) -> None:
    health = LoopHealth()
    outbox = Outbox(tuning.waiting_limit, tuning.batch)
    writer = Writer(store, outbox, SystemClock(), tuning, health)
    store.frozen = hangs = threading.Event()
    writer.start()
    outbox.put_readings([make_reading(at_unix=1.0)])
    wait_until(lambda: store.attempts == 1)
    store.frozen = None
    assert health.revive is not None
    health.revive()
    wait_until(lambda: outbox.counts().stored == 1)
    hangs.set()
    wait_until(lambda: [one.name for one in threading.enumerate()].count("station-writer") == 1)
    outbox.put_readings([make_reading(at_unix=2.0)])
    wait_until(lambda: outbox.counts().stored == 2)
    writer.stop()
    assert [reading.recorded_unix for reading in store.readings] == [1.0, 1.0, 2.0]
    assert (outbox.counts().taken, outbox.counts().waiting) == (2, 0)
