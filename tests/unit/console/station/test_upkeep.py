import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from console.station.health import LoopHealth
from console.station.tuning import Tuning
from console.station.upkeep import Upkeep
from models.errors import DatabaseAway, NotAllowed, StorageError


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


def test_the_end_of_the_audit_trail_is_kept_at_the_start_and_hourly(store, clock, tuning: Tuning) -> None:
    kept: list[None] = []
    upkeep = Upkeep(store, clock, tuning, LoopHealth(), lambda: kept.append(None))
    start = clock.monotonic()
    for after_s in (0, 1, 3599, 3600, 7199, 7200):
        upkeep.run_due(start + after_s)
    assert len(kept) == 3


def test_a_full_disk_does_not_keep_the_upkeep_from_its_work(
    store, clock, tuning: Tuning, caplog: pytest.LogCaptureFixture
) -> None:
    def full() -> None:
        raise OSError("no room")

    upkeep = Upkeep(store, clock, tuning, LoopHealth(), full)
    upkeep.run_due(clock.monotonic())
    upkeep.run_due(clock.monotonic() + 60)
    assert (store.partitions_made, store.rollups_made) == (1, 1)
    assert caplog.messages == ["The end of the audit trail could not be kept on this computer: no room"]


def test_who_keeps_stations_from_writing_is_looked_for_every_two_seconds(
    upkeep: Upkeep, store, clock, caplog: pytest.LogCaptureFixture
) -> None:
    store.in_the_way = [3]
    start = clock.monotonic()
    upkeep.run_due(start + 1.9)
    assert store.in_the_way == [3]
    upkeep.run_due(start + 2)
    assert "Ended 3 sessions of persons that kept stations from writing" in caplog.messages


@pytest.mark.parametrize(("failure", "attempts"), [(DatabaseAway("away"), 2), (NotAllowed("no"), 1)])
def test_an_anchor_is_tried_again_at_once_where_the_database_was_away_and_not_where_it_refuses(
    store, clock, tuning: Tuning, failure: StorageError, attempts: int
) -> None:
    tried: list[None] = []

    def fail() -> None:
        tried.append(None)
        raise failure

    upkeep = Upkeep(store, clock, tuning, LoopHealth(), fail)
    for after_s in (0, 1):
        with suppress(StorageError):
            upkeep.run_due(clock.monotonic() + after_s)
    assert len(tried) == attempts


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
