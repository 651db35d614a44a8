from collections.abc import Callable, Iterator

import pytest

from console.station.catalogue_cache import CatalogueCache
from console.station.health import LoopHealth
from console.station.store import Plan
from console.station.tuning import Tuning
from models.errors import NeedsSetup
from models.records.device import Device, DeviceStatus

WaitUntil = Callable[[Callable[[], bool]], None]
MakeDevice = Callable[..., Device]


class Bench:
    """A catalogue cache on a fake store, and the plans it handed out."""

    def __init__(self, store, tuning: Tuning) -> None:
        self.store = store
        self.plans: list[Plan] = []
        self.health = LoopHealth()
        self.refusal: Exception | None = None
        self.cache = CatalogueCache(store, tuning, self.health, self.plans.append, self.prepare)

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
