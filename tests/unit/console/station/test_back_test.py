"""The back-test on a real database: the live evaluator's episodes, what people did, progress and cancel."""

import random
import time
from dataclasses import replace

import pytest
from msgspec import structs

from console.station import back_test, sample_memory
from console.station.back_test import (
    BackTest,
    BackTestCancelled,
    NotReplayable,
    SampleMemory,
    run_back_test,
)
from console.station.evaluator import Evaluator
from models.metrics import METRIC_COUNT
from models.quantities import Quantities
from models.queries.alerts import acknowledge, active_alerts, apply_transitions
from models.queries.catalogue import current_person, import_devices, load_devices, load_thresholds
from models.queries.readings import insert_readings
from models.queries.signals import add_signals
from models.records.alert import TransitionKind
from models.records.device import Device, Tag
from models.records.device_entry import DeviceEntry
from models.records.reading import Reading
from models.records.signal import Signal, SignalSample
from models.records.threshold import DEVICE_METRIC, RuleKind, Threshold
from models.upkeep.rollups import refresh_rollups

HOURS_S = 3 * 3600.0
REST = (None,) * (METRIC_COUNT - 1)


@pytest.fixture
def until() -> float:
    return float(int(time.time()))


@pytest.fixture
def connection(shared_database):
    with shared_database.transaction() as opened:
        yield opened
        opened.get_transaction().rollback()


@pytest.fixture
def stored(connection, make_device, make_threshold) -> tuple[Device, Threshold]:
    import_devices(connection, [DeviceEntry(make_device(), (make_threshold(),))])
    return load_devices(connection)[0], load_thresholds(connection)[0]


def reading(device: Device, at: float, value: float | None) -> Reading:
    return Reading(device.id, at, (value, *REST), int(value is None))


def random_history(device: Device, until: float, seed: int) -> list[Reading]:
    """Three hours with excursions, bad values and gaps, mostly calm."""
    chance, at, level, found = random.Random(seed), until - HOURS_S, 60.0, list[Reading]()
    while at < until:
        for _ in range(chance.choice([20, 90, 400])):
            found.append(
                reading(device, at, None if chance.random() < 0.02 else level + chance.gauss(0, 1.5))
            )
            at = round(at + chance.choice([1.0, 1.0, 1.0, 1.001]), 6)
        level = chance.choice([60.0, 62.0, 64.0, 69.0, 72.0])
        at += chance.choice([0.0, 0.0, 5.0, 200.0])
    return [one for one in found if one.recorded_unix < until]


def store(connection, readings: list[Reading], seed: int) -> None:
    """Most of them condensed, some marked again by late ones, the last minutes not yet."""
    late = random.Random(seed).sample(readings, len(readings) // 50)
    insert_readings(connection, [one for one in readings if one not in late])
    refresh_rollups(connection)
    insert_readings(connection, late)


def live(device: Device, threshold: Threshold, readings: list[Reading]) -> list[tuple[float, str]]:
    evaluator = Evaluator(device, [threshold], ())
    found = [one for each in readings for one in evaluator.judge(each)]
    return [(one.at_unix, one.message) for one in found if one.kind is TransitionKind.RAISED]


def run(connection, device: Device, threshold: Threshold, until: float, **given: object) -> BackTest:
    facts = {"memory": SampleMemory(), "on_progress": lambda _: None, "is_cancelled": lambda: False} | given
    return run_back_test(connection, device, threshold, until - HOURS_S, until, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_back_test_of_stored_readings_finds_what_was_raised_live(connection, stored, until, seed) -> None:
    device, threshold = stored
    readings = random_history(device, until, seed)
    store(connection, readings, seed)
    memory = SampleMemory()
    for tried in (
        threshold,
        replace(threshold, deadband=2.0, on_delay_s=10.0, off_delay_s=20.0),
        replace(threshold, rule=RuleKind.RATE_OF_CHANGE, max_value=None, amount=6.0, deadband=0.5),
        replace(threshold, rule=RuleKind.BAD_QUALITY, max_value=None),
    ):
        test = run(connection, device, tried, until, memory=memory)
        found = [(episode.began_unix, episode.message) for episode in test.episodes]
        assert found == live(device, tried, readings)
        assert test.count == len(found) > 0


def test_a_back_test_of_a_signal_finds_what_was_raised_live(connection, until, make_device, make_threshold):
    [flow] = add_signals(connection, [Signal("flow", "Flow", "m³/h", 1, (0.0, 500.0), (0.0, 50.0))])
    site = Quantities([flow])
    device = make_device(tags=(Tag("flow", "holding:0:float32"),))
    import_devices(connection, [DeviceEntry(device, (make_threshold(metric="flow"),))])
    [device], [threshold] = load_devices(connection), load_thresholds(connection)
    readings = [
        structs.replace(one, values=(None, *REST), quality=0, signals=(SignalSample(flow.id, one.values[0]),))
        for one in random_history(device, until, 4)
    ]
    store(connection, readings, 4)
    for tried in (
        replace(threshold, deadband=2.0, on_delay_s=10.0, off_delay_s=20.0),
        replace(threshold, rule=RuleKind.RATE_OF_CHANGE, max_value=None, amount=6.0, deadband=0.5),
        replace(threshold, rule=RuleKind.BAD_QUALITY, max_value=None),
    ):
        test = run(connection, device, tried, until, quantities=site)
        evaluator = Evaluator(device, [tried], (), quantities=site)
        found = [one for each in readings for one in evaluator.judge(each)]
        assert [(episode.began_unix, episode.message) for episode in test.episodes] == [
            (one.at_unix, one.message) for one in found if one.kind is TransitionKind.RAISED
        ]
        assert test.count > 0


def test_what_was_read_once_is_not_read_again_while_a_limit_is_dragged(
    connection, stored, until, monkeypatch
) -> None:
    device, threshold = stored
    store(connection, random_history(device, until, 5), 5)
    memory = SampleMemory()
    first = run(connection, device, threshold, until, memory=memory)
    monkeypatch.setattr("console.station.sample_memory.samples", None)
    monkeypatch.setattr("console.station.sample_memory.minute_bounds", None)
    again = run(connection, device, threshold, until, memory=memory)
    assert again.episodes == first.episodes


def test_a_limit_that_is_never_passed_reads_only_what_is_not_condensed(
    connection, stored, until, monkeypatch
) -> None:
    device, threshold = stored
    insert_readings(connection, [reading(device, until - HOURS_S + 2 * place, 60.0) for place in range(5000)])
    refresh_rollups(connection)
    read: list[int] = []
    true_samples = sample_memory.samples

    def counted(*given):
        times, signs = true_samples(*given)
        read.append(len(times))
        return times, signs

    monkeypatch.setattr(sample_memory, "samples", counted)
    assert run(connection, device, threshold, until).count == 0
    assert sum(read) <= 11 * 60 / 2  # the last ten minutes or so are condensed later


def test_alerts_that_somebody_acted_on_are_told_from_those_that_would_have_been_missed(
    connection, stored, until
) -> None:
    device, threshold = stored
    began = until - 3000.0
    values = [60.0] * 100 + [75.0] * 100 + [60.0] * 100 + [90.0] * 100 + [60.0] * 100
    readings = [reading(device, began + place, value) for place, value in enumerate(values)]
    insert_readings(connection, readings)
    evaluator = Evaluator(device, [threshold], ())
    for transition in (one for each in readings for one in evaluator.judge(each)):
        apply_transitions(connection, [transition])
        active = [alert.id for alert in active_alerts(connection)]
        acknowledge(connection, active, current_person(connection))
    test = run(connection, device, replace(threshold, max_value=80.0), until)
    assert (test.recorded, len(test.acted_on), test.count) == (2, 2, 1)
    assert [alert.value_at_trigger for alert in test.missed] == [75.0]


def test_progress_rises_to_one(connection, stored, until) -> None:
    device, threshold = stored
    store(connection, random_history(device, until, 6), 6)
    told: list[float] = []
    run(connection, device, threshold, until, on_progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_back_test_that_nobody_wants_any_more_ends(connection, stored, until) -> None:
    device, threshold = stored
    store(connection, random_history(device, until, 7), 7)
    with pytest.raises(BackTestCancelled):
        run(connection, device, threshold, until, is_cancelled=lambda: True)


def test_an_episode_that_still_stands_has_no_end(connection, stored, until) -> None:
    device, threshold = stored
    insert_readings(connection, [reading(device, until - 10.0 + place, 80.0) for place in range(10)])
    (episode,) = run(connection, device, threshold, until).episodes
    assert (episode.began_unix, episode.ended_unix, episode.limit) == (until - 10.0, None, 70.0)
    assert episode.message == "Temperature 80.0 °C is above the limit of 70 °C"


def test_a_period_without_readings_finds_nothing(connection, stored, until) -> None:
    assert run(connection, *stored, until).count == 0


def test_of_very_many_episodes_an_even_choice_is_listed(connection, stored, until, monkeypatch) -> None:
    device, threshold = stored
    monkeypatch.setattr(back_test, "EPISODES_AT_MOST", 50)
    values = [60.0 + 20.0 * (place % 2) for place in range(400)]
    insert_readings(
        connection, [reading(device, until - 400.0 + place, each) for place, each in enumerate(values)]
    )
    test = run(connection, device, threshold, until)
    assert (test.count, len(test.episodes)) == (200, 50)
    assert [test.episodes[place].began_unix for place in (0, -1)] == [until - 399.0, until - 1.0]


def test_clocks_and_thresholds_that_cannot_be_judged_are_refused_in_a_sentence(
    connection, stored, until
) -> None:
    device, threshold = stored
    clock = replace(threshold, rule=RuleKind.CLOCK, metric=DEVICE_METRIC, max_value=None, amount=5.0)
    with pytest.raises(NotReplayable, match="clocks showed is not stored"):
        run(connection, device, clock, until)
    events = replace(clock, rule=RuleKind.DEVICE_EVENT, amount=None)
    with pytest.raises(NotReplayable, match="What devices reported is not stored"):
        run(connection, device, events, until)
    with pytest.raises(NotReplayable, match=r"limit of Humidity\) cannot be judged: no tag"):
        run(connection, device, replace(threshold, metric="humidity"), until)
