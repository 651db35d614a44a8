import threading
from collections.abc import Callable

import pytest

from console.station.health import LoopHealth
from console.station.tuning import Tuning
from console.station.upkeep import Upkeep
from models.errors import DatabaseAway


@pytest.fixture
def upkeep(store, clock, tuning: Tuning) -> Upkeep:
    return Upkeep(store, clock, tuning, LoopHealth())


def test_partitions_are_made_at_the_start_and_hourly(upkeep: Upkeep, store, clock) -> None:
    start = clock.monotonic()
    for after_s in (0, 1, 3599, 3600, 7199, 7200):
        upkeep.run_due(start + after_s)
    assert store.partitions_made == 3


def test_rollups_are_refreshed_every_minute(upkeep: Upkeep, store, clock) -> None:
    start = clock.monotonic()
    for after_s in (0, 59, 60, 61, 119, 120):
        upkeep.run_due(start + after_s)
    assert store.rollups_made == 2


def test_what_failed_stays_due(upkeep: Upkeep, store, clock) -> None:
    store.is_away = True
    with pytest.raises(DatabaseAway):
        upkeep.run_due(clock.monotonic())
    store.is_away = False
    upkeep.run_due(clock.monotonic())
    assert store.partitions_made == 1


def test_thread_ends_when_told_and_may_be_told_twice(
    upkeep: Upkeep, store, wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    upkeep.start()
    wait_until(lambda: store.partitions_made == 1)
    upkeep.stop()
    upkeep.stop()


def test_stopping_does_not_wait_for_a_frozen_database(
    upkeep: Upkeep, store, wait_until: Callable[[Callable[[], bool]], None], caplog: pytest.LogCaptureFixture
) -> None:
    store.frozen = threading.Event()
    upkeep.start()
    wait_until(lambda: store.attempts == 1)
    upkeep.stop()
    assert caplog.messages == ["The thread station-upkeep had not ended when the station stopped"]
    store.frozen.set()
