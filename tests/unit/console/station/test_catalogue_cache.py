from collections.abc import Callable, Iterator

import pytest

from console.station.catalogue_cache import CatalogueCache
from console.station.health import LoopHealth
from console.station.memory.plan_memory import RememberedPlan
from console.station.store import Change, Plan
from console.station.tuning import Tuning
from models.errors import NeedsSetup
from models.records.device import Device, DeviceStatus
from models.records.station_alert import StationAlerts

WaitUntil = Callable[[Callable[[], bool]], None]
MakeDevice = Callable[..., Device]


class Bench:
    """A catalogue cache on a fake store, and the plans it handed out."""

    def __init__(self, store, tuning: Tuning) -> None:
        self.store = store
        self.plans: list[Plan] = []
        self.health = LoopHealth()
        self.refusal: Exception | None = None
        self.alerts_heard = 0
        self.rollouts_heard = 0
        self.kept: RememberedPlan | None = None
        self.recalled: list[RememberedPlan] = []
        self.cache = CatalogueCache(
            *(store, tuning, self.health, self.plans.append, self.prepare),
            on_alerts=self.hear_alerts,
            on_rollouts=self.hear_rollouts,
            recall=lambda: self.kept,
            on_recall=self.recalled.append,
        )

    def hear_alerts(self) -> None:
        self.alerts_heard += 1

    def hear_rollouts(self) -> None:
        self.rollouts_heard += 1

    def prepare(self) -> None:
        if self.refusal is not None:
            raise self.refusal


@pytest.fixture
def bench(store, tuning: Tuning, make_device: MakeDevice) -> Iterator[Bench]:
    store.plan = Plan((make_device(1),), (), ())
    bench = Bench(store, tuning)
    yield bench
    bench.cache.stop()


def test_plan_is_handed_out_at_the_start(bench: Bench, wait_until: WaitUntil) -> None:
    bench.cache.start()
    wait_until(lambda: bench.plans == [bench.store.plan])
    assert bench.cache.trouble == ""


def test_announced_change_is_handed_out(bench: Bench, wait_until: WaitUntil, make_device: MakeDevice) -> None:
    bench.cache.start()
    wait_until(lambda: len(bench.plans) == 1)
    changed = Plan((make_device(1), make_device(2)), (), ())
    bench.store.announce(changed)
    wait_until(lambda: bench.plans[1:] == [changed])


def test_status_written_by_a_station_is_no_change(
    bench: Bench, wait_until: WaitUntil, make_device: MakeDevice
) -> None:
    bench.cache.start()
    wait_until(lambda: len(bench.plans) == 1)
    bench.store.announce(Plan((make_device(1, status=DeviceStatus.ONLINE),), (), ()))
    wait_until(lambda: bench.health.passes == 2)
    assert len(bench.plans) == 1


def test_database_away_at_the_start_is_waited_for(bench: Bench, wait_until: WaitUntil) -> None:
    bench.store.is_away = True
    bench.cache.start()
    wait_until(lambda: bench.cache.trouble == "The database does not answer.")
    bench.store.is_away = False
    wait_until(lambda: len(bench.plans) == 1)


def test_database_that_is_not_set_up_is_named_and_waited_for(bench: Bench, wait_until: WaitUntil) -> None:
    bench.refusal = NeedsSetup("It is empty; run: main.py db init.")
    bench.cache.start()
    wait_until(lambda: bench.cache.trouble == "It is empty; run: main.py db init.")
    bench.refusal = None
    wait_until(lambda: len(bench.plans) == 1)


def test_change_made_while_the_connection_was_cut_is_handed_out_after(
    bench: Bench, wait_until: WaitUntil, make_device: MakeDevice
) -> None:
    bench.cache.start()
    wait_until(lambda: len(bench.plans) == 1)
    bench.store.is_away = True
    wait_until(lambda: bool(bench.cache.trouble))
    bench.store.plan = Plan((make_device(5),), (), ())
    bench.store.is_away = False
    wait_until(lambda: bench.plans[1:] == [bench.store.plan])


def test_alerts_are_asked_for_at_the_start_and_when_they_are_announced(
    bench: Bench, wait_until: WaitUntil
) -> None:
    bench.cache.start()
    wait_until(lambda: bench.alerts_heard == 1)
    bench.store.announce_change(Change.ALERTS)
    wait_until(lambda: bench.alerts_heard == 2)
    assert len(bench.plans) == 1


def test_rollouts_are_passed_on_when_they_are_announced(bench: Bench, wait_until: WaitUntil) -> None:
    bench.cache.start()
    wait_until(lambda: len(bench.plans) == 1)
    bench.store.announce_change(Change.FIRMWARE)
    wait_until(lambda: bench.rollouts_heard == 1)
    assert len(bench.plans) == 1


def remembered(make_device: MakeDevice) -> RememberedPlan:
    return RememberedPlan(Plan((make_device(7),), (), ()), StationAlerts(), 0.0)


def test_what_is_remembered_is_handed_out_once_while_the_database_is_away_at_the_start(
    bench: Bench, wait_until: WaitUntil, make_device: MakeDevice
) -> None:
    bench.kept = remembered(make_device)
    bench.store.is_away = True
    bench.cache.start()
    wait_until(lambda: bench.health.failures >= 3)
    assert bench.recalled == [bench.kept]
    assert bench.cache.remembered.startswith("The station works by what it knew at 1970-01-01 ")


def test_plan_of_the_database_replaces_what_was_remembered_even_where_it_is_the_same(
    bench: Bench, wait_until: WaitUntil, make_device: MakeDevice
) -> None:
    bench.kept = remembered(make_device)
    bench.store.is_away = True
    bench.cache.start()
    wait_until(lambda: bool(bench.recalled))
    bench.store.plan = bench.kept.plan
    bench.store.is_away = False
    wait_until(lambda: bench.plans == [bench.store.plan])
    assert (bench.cache.trouble, bench.cache.remembered) == ("", "")


def test_nothing_remembered_is_used_where_the_database_is_there_and_refuses(
    bench: Bench, wait_until: WaitUntil, make_device: MakeDevice
) -> None:
    bench.kept = remembered(make_device)
    bench.refusal = NeedsSetup("It is empty; run: main.py db init.")
    bench.cache.start()
    wait_until(lambda: bench.health.failures >= 2)
    assert bench.recalled == []


def test_nothing_remembered_is_used_once_the_database_gave_a_plan(
    bench: Bench, wait_until: WaitUntil, make_device: MakeDevice
) -> None:
    bench.kept = remembered(make_device)
    bench.cache.start()
    wait_until(lambda: len(bench.plans) == 1)
    bench.store.is_away = True
    wait_until(lambda: bench.health.failures >= 2)
    assert bench.recalled == []
    assert bench.cache.trouble == "The database does not answer."
