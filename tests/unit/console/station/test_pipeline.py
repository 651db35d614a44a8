import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel

from console.catalogue.binding import Binding
from console.catalogue.errors import CatalogueFault
from console.settings import Settings
from console.station import assignment
from console.station.clocks.site_clock import SiteClock
from console.station.errors import AlreadyRunning
from console.station.pipeline import Station
from console.station.store import Plan
from console.station.tuning import Tuning
from drivers.driver import DriverSpec
from drivers.errors import LineLost, NeedsHuman
from drivers.values import Quality, RawValue, bad
from models.records.alert import OpenEpisode, TransitionKind
from models.records.device import Device, DeviceId, DeviceState, DeviceStatus, Tag
from models.records.device_health import DeviceHealth
from models.records.reading import Reading
from models.records.station import ConditionKind, StationReport
from models.records.station_alert import StationAlert
from models.records.threshold import DEVICE_METRIC, RuleKind, Severity, Threshold, ThresholdId

ONE, TWO = DeviceId(1), DeviceId(2)


class FakeFeed:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []
        self.states: dict[DeviceId, DeviceState] = {}
        self.figures: list[StationReport] = []
        self.health: dict[DeviceId, DeviceHealth] = {}
        self.alerts: dict[tuple[DeviceId, ThresholdId], StationAlert] = {}
        self.is_open = False

    async def start(self, tickets, desk=None, workbench=None) -> None:
        del tickets
        self.desk = desk
        self.is_open = True

    async def stop(self) -> None:
        self.is_open = False

    def publish_readings(self, readings) -> None:
        self.readings += readings

    def set_states(self, states, owners) -> None:
        self.owners = dict(owners)
        self.states = {state.device: state for state in states}

    def publish_states(self, states) -> None:
        self.states.update({state.device: state for state in states})

    def release(self, devices) -> None:
        self.released = list(devices)

    def publish_alerts(self, changes, gone) -> None:
        self.alerts.update({(one.device, one.threshold): one for one in changes})
        for key in gone:
            self.alerts.pop(key, None)

    def publish_health(self, records) -> None:
        self.health.update((record.device, record) for record in records)

    def publish_figures(self, figures: StationReport) -> None:
        self.figures.append(figures)


class Wire(BaseModel):
    """Settings of the fake protocol."""

    host: str
    unit: int


class Plant:
    """All fake devices by unit: the hub of the fake protocol."""

    def __init__(self, make_driver) -> None:
        self.make_driver = make_driver
        self.drivers = {}
        self.is_closed = False

    def of(self, unit: int):
        return self.drivers.setdefault(unit, self.make_driver())

    def driver(self, settings: Wire, _addresses: object):
        return self.of(settings.unit)

    async def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def plant(make_driver, monkeypatch: pytest.MonkeyPatch) -> Plant:
    plant = Plant(make_driver)

    def bind(device: Device, _open_secret: object) -> Binding:
        spec = DriverSpec("fake", "Fake", Wire, str, "", lambda: plant, lambda *_: None)  # type: ignore[arg-type]
        known = {"modbus-tcp": spec}
        try:
            return Binding(known[device.driver], Wire(**device.connection), ("a",))  # type: ignore[arg-type]
        except KeyError:
            raise CatalogueFault(f"{device.name}: no driver is called {device.driver}.") from None

    monkeypatch.setattr(assignment, "bind", bind)
    return plant


@pytest.fixture
def feed() -> FakeFeed:
    return FakeFeed()


@pytest.fixture
async def station(
    store, tuning: Tuning, tmp_path: Path, feed: FakeFeed, plant: Plant
) -> AsyncIterator[Station]:
    quick = replace(
        tuning,
        report_s=0.02,
        judge_s=0.02,
        last_seen_s=0.05,
        probe=replace(tuning.probe, first_s=0.02, longest_s=0.1),
    )
    station = Station(Settings(tmp_path), None, feed, store=store, tuning=quick)  # type: ignore[arg-type]
    yield station
    await station.stop()


@pytest.fixture
def quick_device(make_device) -> Callable[..., Device]:
    return lambda id=1, **changes: make_device(id, period_s=0.04, **changes)


async def test_value_travels_from_the_device_to_database_and_feed(
    station: Station, store, feed: FakeFeed, plant: Plant, quick_device, until
) -> None:
    store.plan = Plan((quick_device(),), (), ())
    await station.start()
    await until(lambda: len(store.readings) >= 3 and len(feed.readings) >= 3)
    assert store.readings[0].values[0] == 42.0
    assert feed.states[ONE].status is DeviceStatus.ONLINE


async def test_alert_is_raised_once_and_cleared_once(
    station: Station, store, plant: Plant, quick_device, make_threshold, until
) -> None:
    level = [80.0]
    plant.of(1).values = lambda: [RawValue(level[0], Quality.GOOD, asyncio.get_running_loop().time())]
    store.plan = Plan((quick_device(),), (make_threshold(),), ())
    await station.start()
    await until(lambda: len(store.readings) >= 4)
    level[0] = 20.0
    await until(lambda: len(store.transitions) == 2)
    assert [one.kind for one in store.transitions] == [TransitionKind.RAISED, TransitionKind.CLEARED]


async def test_episode_open_since_before_the_start_is_cleared_without_being_raised_again(
    station: Station, store, plant: Plant, quick_device, make_threshold, until
) -> None:
    store.plan = Plan((quick_device(),), (make_threshold(),), (OpenEpisode(ThresholdId(1), ONE, 1.0, False),))
    await station.start()
    await until(lambda: len(store.transitions) == 1)
    assert store.transitions[0].kind is TransitionKind.CLEARED


async def test_threshold_switched_off_ends_its_episode(
    station: Station, store, plant: Plant, quick_device, make_threshold, until
) -> None:
    store.plan = Plan((quick_device(),), (make_threshold(max_value=10.0),), ())
    await station.start()
    await until(lambda: len(store.transitions) == 1)
    store.announce(Plan((quick_device(),), (make_threshold(max_value=10.0, enabled=False),), ()))
    await until(lambda: len(store.transitions) == 2)
    assert store.transitions[1].message == "Ended because the limit of Drive 1 was switched off"


async def test_lost_device_goes_offline_and_comes_back_by_itself(
    station: Station, store, feed: FakeFeed, plant: Plant, quick_device, until
) -> None:
    store.plan = Plan((quick_device(1), quick_device(2)), (), ())
    await station.start()
    await until(lambda: len(feed.readings) > 4)
    plant.of(1).error = LineLost("No answer from 127.0.0.1.")
    await until(lambda: feed.states[ONE].status is DeviceStatus.OFFLINE)
    assert feed.states[ONE].detail == "No answer from 127.0.0.1."
    assert feed.states[TWO].status is DeviceStatus.ONLINE
    plant.of(1).error = None
    await until(lambda: feed.states[ONE].status is DeviceStatus.ONLINE)
    statuses = [state.status for state in store.states if state.device == ONE]
    await until(lambda: DeviceStatus.OFFLINE in [s.status for s in store.states if s.device == ONE])
    assert statuses[0] is DeviceStatus.ONLINE


async def test_lost_line_makes_no_readings(
    station: Station, store, plant: Plant, quick_device, until
) -> None:
    plant.of(1).error = LineLost("gone")
    store.plan = Plan((quick_device(),), (), ())
    await station.start()
    await until(lambda: plant.of(1).read_count > 3)
    assert station.figures().readings_taken == 0


async def test_device_that_needs_a_person_is_in_error_with_its_sentence(
    station: Station, store, feed: FakeFeed, plant: Plant, quick_device, until
) -> None:
    plant.of(1).open_error = NeedsHuman("Trust the certificate of 127.0.0.1.")
    store.plan = Plan((quick_device(),), (), ())
    await station.start()
    await until(lambda: feed.states.get(ONE, None) is not None and bool(feed.states[ONE].detail))
    assert feed.states[ONE].status is DeviceStatus.ERROR
    assert feed.states[ONE].detail == "Trust the certificate of 127.0.0.1."


async def test_bad_value_is_stored_as_absent_and_marked(
    station: Station, store, feed: FakeFeed, plant: Plant, quick_device, until
) -> None:
    plant.of(1).values = lambda: [bad("not a number", asyncio.get_running_loop().time())]
    store.plan = Plan((quick_device(),), (), ())
    await station.start()
    await until(lambda: len(store.readings) >= 2)
    assert (store.readings[0].values[0], store.readings[0].quality) == (None, 1)
    assert feed.states[ONE].detail == "Answers, but without a usable value: Temperature (not a number)."


async def test_healthy_device_whose_value_turns_bad_says_so_and_forgets_it_again(
    station: Station, store, feed: FakeFeed, plant: Plant, quick_device, until
) -> None:
    store.plan = Plan((quick_device(),), (), ())
    await station.start()
    await until(lambda: len(feed.readings) > 3)
    healthy = plant.of(1).values
    plant.of(1).values = lambda: [bad("not a number", 0.0)]
    await until(lambda: feed.states[ONE].status is DeviceStatus.ERROR)
    plant.of(1).values = healthy
    await until(lambda: feed.states[ONE].status is DeviceStatus.ONLINE)
    assert feed.states[ONE].detail == ""


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"driver": "telepathy"}, "Drive 1: no driver is called telepathy."),
        ({"tags": ()}, "Drive 1 has no tags; give it at least one address to read."),
    ],
)
async def test_device_that_cannot_be_polled_says_why_and_stops_no_other(
    station: Station, store, feed: FakeFeed, plant: Plant, quick_device, until, changes, sentence: str
) -> None:
    store.plan = Plan((quick_device(1, **changes), quick_device(2)), (), ())
    await station.start()
    await until(lambda: any(reading.device == TWO for reading in store.readings))
    assert (feed.states[ONE].status, feed.states[ONE].detail) == (DeviceStatus.ERROR, sentence)


async def test_driver_that_breaks_its_promise_stops_no_other(
    station: Station,
    store,
    feed: FakeFeed,
    plant: Plant,
    quick_device,
    until,
    caplog: pytest.LogCaptureFixture,
) -> None:
    plant.of(1).values = lambda: []
    store.plan = Plan((quick_device(1), quick_device(2)), (), ())
    await station.start()
    await until(lambda: len(store.readings) > 4)
    assert {reading.device for reading in store.readings} == {TWO}
    assert feed.states[ONE].status is DeviceStatus.ERROR
    caplog.clear()


async def test_device_added_while_running_is_polled_and_a_removed_one_is_not(
    station: Station, store, plant: Plant, quick_device, until
) -> None:
    store.plan = Plan((quick_device(1),), (), ())
    await station.start()
    await until(lambda: plant.of(1).read_count > 1)
    store.announce(Plan((quick_device(2),), (), ()))
    await until(lambda: plant.of(2).read_count > 1 and plant.of(1).closed == 1)
    assert station.figures().configured == 1


async def test_changed_limit_is_judged_by_at_once_without_touching_the_driver(
    station: Station, store, plant: Plant, quick_device, make_threshold, until
) -> None:
    store.plan = Plan((quick_device(),), (make_threshold(max_value=70.0),), ())
    await station.start()
    await until(lambda: plant.of(1).read_count > 2)
    store.announce(Plan((quick_device(),), (make_threshold(max_value=10.0),), ()))
    await until(lambda: len(store.transitions) == 1)
    assert plant.of(1).opened == 1


async def test_figures_agree_and_tell_of_a_database_that_is_away(
    station: Station, store, feed: FakeFeed, plant: Plant, quick_device, until
) -> None:
    store.plan = Plan((quick_device(),), (), ())
    await station.start()
    await until(lambda: len(store.readings) > 1 and bool(feed.figures))
    await until(lambda: feed.figures[-1].database == "live")
    store.is_away = True
    await until(lambda: feed.figures[-1].database != "live" and feed.figures[-1].waiting > 2)
    store.is_away = False
    await until(lambda: feed.figures[-1].database == "live" and feed.figures[-1].waiting <= 2)
    for figures in feed.figures:
        durable = figures.readings_stored + figures.spooled + figures.quarantined + figures.dropped
        assert figures.readings_taken == durable
    assert feed.figures[-1].collecting == 1


async def test_database_away_at_the_start_is_waited_for(
    station: Station, store, feed: FakeFeed, plant: Plant, quick_device, until
) -> None:
    store.is_away = True
    store.plan = Plan((quick_device(),), (), ())
    await station.start()
    await until(lambda: bool(feed.figures) and feed.figures[-1].database == "The database does not answer.")
    store.is_away = False
    await until(lambda: len(store.readings) > 1)


async def test_clean_stop_stores_every_reading_and_when_devices_were_last_seen(
    station: Station, store, feed: FakeFeed, plant: Plant, quick_device, until
) -> None:
    store.plan = Plan((quick_device(),), (), ())
    await station.start()
    await until(lambda: len(feed.readings) > 3)
    await station.stop()
    figures = station.figures()
    assert (figures.waiting, figures.dropped) == (0, 0)
    assert figures.readings_taken == figures.readings_stored == len(store.readings)
    assert store.states[-1].status is DeviceStatus.ONLINE
    assert store.states[-1].last_seen_at.timestamp() == store.readings[-1].recorded_unix
    assert (plant.of(1).closed, plant.is_closed, feed.is_open) == (1, True, False)
    await station.stop()


async def test_second_station_on_the_same_folder_refuses_with_a_sentence(
    station: Station, store, tuning: Tuning, tmp_path: Path
) -> None:
    await station.start()
    second = Station(Settings(tmp_path), None, store=store, tuning=tuning)  # type: ignore[arg-type]
    with pytest.raises(AlreadyRunning, match="A station already polls for"):
        await second.start()
    await second.stop()


async def test_time_of_last_contact_is_written_now_and_then(
    station: Station, store, plant: Plant, quick_device, until
) -> None:
    plant.of(1).values = lambda: [RawValue(1.0, Quality.GOOD, asyncio.get_running_loop().time())]
    store.plan = Plan((quick_device(),), (), ())
    await station.start()
    await until(lambda: len({state.last_seen_at for state in store.states}) >= 3)


@pytest.fixture
def offline(make_threshold) -> Callable[..., Threshold]:
    def make(id: int = 9, **changes: object) -> Threshold:
        facts = {"metric": DEVICE_METRIC, "max_value": None, "rule": RuleKind.OFFLINE, "on_delay_s": 0.1}
        return make_threshold(id, **(facts | changes))

    return make


async def test_device_that_never_answered_since_the_start_is_raised_after_its_delay(
    station: Station, store, plant: Plant, quick_device, offline, until
) -> None:
    plant.of(1).open_error = LineLost("No answer from 127.0.0.1.")
    store.plan = Plan((quick_device(),), (offline(),), ())
    await station.start()
    await until(lambda: len(store.transitions) == 1)
    assert store.transitions[0].message == "The device does not answer"
    plant.of(1).open_error = None
    await until(lambda: len(store.transitions) == 2)
    assert store.transitions[1].kind is TransitionKind.CLEARED


async def test_device_that_cannot_even_be_polled_is_raised_as_well(
    station: Station, store, plant: Plant, quick_device, offline, until
) -> None:
    store.plan = Plan((quick_device(driver="profinet"),), (offline(),), ())
    await station.start()
    await until(lambda: len(store.transitions) == 1)
    assert store.transitions[0].message == "The device cannot be read; its status says why"


async def test_silence_of_a_subscribed_value_is_found_without_another_reading(
    station: Station, store, plant: Plant, quick_device, make_threshold, until
) -> None:
    missing = make_threshold(rule=RuleKind.NO_DATA, max_value=None, amount=3.0)
    store.plan = Plan((quick_device(),), (missing,), ())
    await station.start()
    await until(lambda: len(store.readings) > 2)
    plant.of(1).error = LineLost("gone")
    await until(lambda: len(store.transitions) == 1)
    assert store.transitions[0].message == "Temperature has had no good value for 0.12 s"


async def test_clock_of_a_device_is_watched_by_the_times_that_it_sends(
    station: Station, store, plant: Plant, quick_device, offline, until
) -> None:
    moments = itertools.count(5000.0)
    plant.of(1).values = lambda: [RawValue(1.0, Quality.GOOD, time.time(), time.time() + next(moments))]
    clock = offline(rule=RuleKind.CLOCK, amount=60.0, on_delay_s=0.0)
    store.plan = Plan((quick_device(),), (clock,), ())
    await station.start()
    await until(lambda: len(store.transitions) == 1)
    assert store.transitions[0].value > 5000.0


async def test_owner_sees_at_the_device_which_alert_cannot_be_judged(
    station: Station, store, feed: FakeFeed, plant: Plant, quick_device, make_threshold, offline, until,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    absent = make_threshold(metric="humidity", severity=Severity.INFO)
    clock = offline(rule=RuleKind.CLOCK, amount=5.0)
    store.plan = Plan((quick_device(),), (absent, clock), ())
    await station.start()
    await until(lambda: feed.states.get(ONE) is not None and feed.states[ONE].status is DeviceStatus.ONLINE)
    assert feed.states[ONE].detail == (
        "The info alert (limit of Humidity) cannot be judged: no tag is bound to it. "
        "The alert on its clock cannot be judged: it sends no time of its own."
    )
    assert caplog.text.count("(limit of Humidity) cannot be judged") == 1


async def test_alert_whose_tag_was_taken_away_ends_instead_of_standing_for_ever(
    station: Station, store, plant: Plant, quick_device, make_threshold, until
) -> None:
    store.plan = Plan((quick_device(),), (make_threshold(max_value=10.0),), ())
    await station.start()
    await until(lambda: len(store.transitions) == 1)
    other = quick_device(tags=(Tag("humidity", "holding:0:uint16"),))
    store.announce(Plan((other,), (make_threshold(max_value=10.0),), ()))
    await until(lambda: len(store.transitions) == 2)
    assert store.transitions[1].message == (
        "Ended because the limit of Drive 1 was changed so that it cannot be judged"
    )


async def test_threshold_switched_on_again_raises_anew_where_its_condition_stands(
    station: Station, store, plant: Plant, quick_device, make_threshold, until
) -> None:
    on, off = make_threshold(max_value=10.0), make_threshold(max_value=10.0, enabled=False)
    store.plan = Plan((quick_device(),), (on,), ())
    await station.start()
    for transitions, plan in ((1, off), (2, on), (3, on)):
        await until(lambda count=transitions: len(store.transitions) == count)
        store.announce(Plan((quick_device(),), (plan,), ()))
    kinds = [one.kind for one in store.transitions]
    assert kinds == [TransitionKind.RAISED, TransitionKind.CLEARED, TransitionKind.RAISED]


async def test_database_is_told_the_time(station: Station, store, until) -> None:
    await station.start()
    await until(lambda: store.times_passed > 2)


async def test_setting_the_computers_clock_changes_no_time_and_begins_or_ends_no_alert(
    store, tuning: Tuning, tmp_path: Path, plant: Plant, quick_device, make_threshold, offline, until
) -> None:
    set_s = [0.0]
    clock = SiteClock(wall=lambda: time.time() + set_s[0])
    plant.of(1).values = lambda: [RawValue(42.0, Quality.GOOD, clock.wall(), time.time())]
    plant.of(2).open_error = LineLost("No answer from 127.0.0.1.")
    rules = (
        offline(1, on_delay_s=2.0),
        offline(2, rule=RuleKind.CLOCK, amount=5.0, on_delay_s=0.0),
        make_threshold(3, rule=RuleKind.NO_DATA, max_value=None, amount=100.0),  # 4 s: no slow process
        make_threshold(4, rule=RuleKind.RATE_OF_CHANGE, max_value=None, amount=1.0),
        offline(5, device=2, on_delay_s=60.0),
    )
    store.plan = Plan((quick_device(1), quick_device(2)), rules, ())
    quick = replace(tuning, judge_s=0.02, probe=replace(tuning.probe, first_s=0.02, longest_s=0.1))
    station = Station(Settings(tmp_path), None, store=store, clock=clock, tuning=quick)  # type: ignore[arg-type]
    began = time.time()
    await station.start()
    for jump_s in (0.0, 86_400.0, -3_600.0, -7 * 86_400.0, 40.0, 7.0, 0.0):
        set_s[0] = jump_s
        enough = len(store.readings) + 5
        await until(lambda enough=enough: len(store.readings) >= enough)
    await station.stop()
    stamps = [reading.recorded_unix for reading in store.readings]
    assert store.transitions == []
    assert all(earlier < later for earlier, later in itertools.pairwise(stamps))
    assert began - 0.1 <= stamps[0] <= stamps[-1] <= time.time() + 0.1


async def test_computer_whose_clock_is_wrong_says_so(store, tuning: Tuning, tmp_path: Path, until) -> None:
    clock = SiteClock(wall=lambda: time.time() + 7.0)
    station = Station(Settings(tmp_path), None, store=store, clock=clock, tuning=tuning)  # type: ignore[arg-type]
    await station.start()
    await until(lambda: clock.is_known)
    station._report()
    figures = station.figures()
    await station.stop()
    assert figures.clock_offset_s == pytest.approx(7.0, abs=0.5)
    assert [one.kind for one in figures.conditions] == [ConditionKind.CLOCK_OFFSET]
    assert "7.0 s ahead of the database's" in figures.conditions[0].sentence
