from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from console.station.outbox import Counts, Outbox
from console.station.store import Load
from models.records.alert import Transition, TransitionKind
from models.records.device import DeviceId, DeviceState, DeviceStatus
from models.records.reading import Reading
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


def test_readings_come_out_in_order_and_in_batches() -> None:
    outbox = Outbox(waiting_limit=100, batch=2)
    outbox.put_readings(readings(3))
    assert [reading.recorded_unix for reading in taken(outbox).readings] == [0.0, 1.0]
    outbox.settle(stored=2)
    assert [reading.recorded_unix for reading in taken(outbox).readings] == [2.0]


def test_full_memory_drops_the_oldest_reading_and_counts_it() -> None:
    outbox = Outbox(waiting_limit=3, batch=10)
    outbox.put_readings(readings(5))
    assert [reading.recorded_unix for reading in taken(outbox).readings] == [2.0, 3.0, 4.0]
    assert outbox.counts() == Counts(taken=5, stored=0, waiting=3, dropped=2)


def test_load_in_flight_is_never_dropped() -> None:
    outbox = Outbox(waiting_limit=3, batch=10)
    outbox.put_readings(readings(3))
    taken(outbox)
    outbox.put_readings(readings(2, first=10))
    assert outbox.counts() == Counts(taken=5, stored=0, waiting=3, dropped=2)


def test_latest_state_of_a_device_replaces_the_one_that_waits() -> None:
    outbox = Outbox(100, 10)
    outbox.put_states([state("first")], is_urgent=False)
    outbox.put_states([state("second")], is_urgent=False)
    assert taken(outbox).states == [state("second")]


def test_oldest_transition_is_dropped_and_counted_where_memory_is_full() -> None:
    outbox = Outbox(waiting_limit=2, batch=10)
    outbox.put_transitions([transition(at) for at in (1.0, 2.0, 3.0)])
    assert taken(outbox).transitions == [transition(2.0), transition(3.0)]
    assert outbox.dropped_transitions == 1


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


@given(
    st.lists(st.one_of(st.integers(0, 7), st.sampled_from(["store", "decline"]))),
    st.integers(1, 10),
    st.integers(1, 4),
)
def test_taken_is_always_stored_waiting_and_dropped(
    steps: list[int | str], waiting_limit: int, batch: int
) -> None:
    outbox = Outbox(waiting_limit, batch)
    settle = {"store": lambda n: outbox.settle(stored=n), "decline": lambda n: outbox.settle(dropped=n)}
    for step in steps:
        match step:
            case int():
                outbox.put_readings(readings(step))
            case str():
                load = outbox.take() or Load()
                settle[step](len(load.readings))
        counts = outbox.counts()
        assert counts.taken == counts.stored + counts.waiting + counts.dropped
        assert counts.waiting <= waiting_limit
