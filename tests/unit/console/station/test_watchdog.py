import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from console.settings import Settings
from console.station.database_thread import DatabaseThread, Turn
from console.station.exit_codes import HUNG
from console.station.health import Health, LoopHealth
from console.station.pipeline import Station
from console.station.tuning import Tuning
from console.station.watchdog import Watchdog
from models.records.station import ConditionKind
from models.records.threshold import Severity

ROOT = Path(__file__).resolve().parents[4]
HANGS = "The database's upkeep made no progress for"


class Loop:
    """A loop on a thread of the station's, which hangs at its first step until the test lets it go."""

    def __init__(self, health: LoopHealth) -> None:
        self.let_go = threading.Event()
        self.turns: list[Turn] = []
        self.left_behind: list[bool] = []
        self.thread = DatabaseThread("station-test", self._run, 1.0, health=health, step_limit_s=10.0)

    def _run(self, turn: Turn) -> None:
        self.turns.append(turn)
        self.let_go.wait(5.0)
        self.left_behind.append(self.thread.is_left_behind())
        turn.wait(5.0)


class Process:
    """Stands for the process: notes how it would have been ended."""

    def __init__(self) -> None:
        self.codes: list[int] = []


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
def process() -> Process:
    return Process()


@pytest.fixture
def watchdog(health: Health, clock, tuning: Tuning, tmp_path: Path, process: Process) -> Watchdog:
    return Watchdog(health, clock, tuning, tmp_path / "logs" / "faults.txt", end=process.codes.append)


@pytest.fixture
def hanging(health: Health) -> Iterator[Loop]:
    loop = Loop(health.upkeep)
    loop.thread.start()
    yield loop
    loop.let_go.set()
    loop.thread.stop()


def look(watchdog: Watchdog, clock, seconds: float) -> list[bool]:
    """Let so much time pass, looked at twice a second."""
    verdicts: list[bool] = []
    for _ in range(round(seconds / 0.5)):
        clock.turn(0.5)
        verdicts.append(watchdog.look())
    return verdicts


def test_a_loop_that_shows_no_life_is_started_again_with_its_stack_in_the_log(
    watchdog: Watchdog, clock, hanging: Loop, caplog: pytest.LogCaptureFixture, wait_until
) -> None:
    wait_until(lambda: len(hanging.turns) == 1)
    assert all(look(watchdog, clock, 10))
    assert look(watchdog, clock, 1) == [True, False]
    wait_until(lambda: len(hanging.turns) == 2)
    assert hanging.turns[0].is_set()
    assert not hanging.turns[1].is_set()
    assert "self.let_go.wait" in caplog.text
    assert watchdog.look()


def test_people_are_told_of_it_for_ten_minutes(
    watchdog: Watchdog, clock, hanging: Loop, health: Health
) -> None:
    look(watchdog, clock, 11)
    (condition,) = watchdog.conditions()
    assert (condition.kind, condition.severity) == (ConditionKind.LOOP_RESTARTED, Severity.WARNING)
    assert condition.since_unix == clock.unix()
    assert condition.sentence == f"{HANGS} 10 s and was started again."
    assert health.upkeep.restarts == 1
    hanging.let_go.set()
    clock.turn(601)
    assert watchdog.conditions() == ()


def test_a_thread_that_was_given_up_knows_it_when_it_wakes(
    watchdog: Watchdog, clock, hanging: Loop, wait_until
) -> None:
    look(watchdog, clock, 11)
    wait_until(lambda: len(hanging.turns) == 2)
    hanging.let_go.set()
    wait_until(lambda: len(hanging.left_behind) == 2)
    assert sorted(hanging.left_behind) == [False, True]


def test_a_thread_that_was_given_up_beats_no_more_for_the_one_in_its_place(
    watchdog: Watchdog, clock, hanging: Loop, health: Health, wait_until
) -> None:
    look(watchdog, clock, 11)
    wait_until(lambda: len(hanging.turns) == 2)
    beats = health.upkeep.pulse.beats
    hanging.turns[0].step()
    hanging.turns[0].is_set()
    assert health.upkeep.pulse.beats == beats


def test_a_step_may_take_as_long_as_it_says(watchdog: Watchdog, clock, health: Health) -> None:
    health.upkeep.revive = lambda: None
    health.upkeep.pulse.beat(60.0, "bringing rollups up to date")
    assert all(look(watchdog, clock, 60))
    assert not all(look(watchdog, clock, 1))
    assert watchdog.conditions()[0].sentence == (
        f"{HANGS} 60 s while bringing rollups up to date and was started again."
    )


def test_a_loop_that_waits_on_purpose_may_wait_as_long_as_it_likes(
    watchdog: Watchdog, clock, health: Health
) -> None:
    health.upkeep.pulse.rest()
    assert all(look(watchdog, clock, 100))


def test_rounds_that_end_are_a_sign_of_life(watchdog: Watchdog, clock, health: Health) -> None:
    health.poller.pulse.beat(10.0)
    for _ in range(30):
        health.poller.passes += 1
        assert look(watchdog, clock, 1) == [True, True]


def test_a_process_that_was_stopped_itself_takes_no_loop_for_hanging(
    watchdog: Watchdog, clock, health: Health
) -> None:
    health.upkeep.pulse.beat(10.0)
    watchdog.look()
    clock.turn(3600.0)
    assert watchdog.look()


def test_what_hangs_again_is_given_twice_as_long(
    watchdog: Watchdog, clock, hanging: Loop, health: Health, wait_until
) -> None:
    look(watchdog, clock, 11)
    wait_until(lambda: len(hanging.turns) == 2)
    watchdog.look()
    look(watchdog, clock, 19)
    assert health.upkeep.restarts == 1
    look(watchdog, clock, 2)
    assert health.upkeep.restarts == 2


def test_too_many_threads_that_hang_end_the_process(
    health: Health, clock, tuning: Tuning, process: Process, hanging: Loop, capsys
) -> None:
    watchdog = Watchdog(health, clock, replace(tuning, left_behind=0), end=process.codes.append)
    look(watchdog, clock, 12)
    assert process.codes == [HUNG]
    assert capsys.readouterr().err.endswith(
        "The station ends itself to be started again. 1 of its threads hang.\n"
    )


async def test_an_event_loop_that_does_not_turn_ends_the_process_with_every_stack(
    health: Health, tuning: Tuning, tmp_path: Path, process: Process, capsys
) -> None:
    faults = tmp_path / "logs" / "faults.txt"
    quick = replace(tuning, watch_s=0.01, loop_limit_s=0.1)
    ended = threading.Event()
    watchdog = Watchdog(
        health, _Monotonic(), quick, faults, end=lambda code: (process.codes.append(code), ended.set())
    )
    watchdog.start()
    ended.wait(5.0)  # a driver that blocks the loop
    await asyncio.to_thread(watchdog.stop)
    assert process.codes == [HUNG]
    assert "ended.wait(5.0)" in capsys.readouterr().err or "test_an_event_loop_that" in faults.read_text()
    assert "Its event loop has not turned for 0 s" in faults.read_text()


async def test_an_event_loop_that_turns_is_let_alone_and_reported_well(
    health: Health, tuning: Tuning, process: Process, until: Callable
) -> None:
    well: list[None] = []
    quick = replace(tuning, watch_s=0.005, loop_limit_s=0.5)
    watchdog = Watchdog(
        health, _Monotonic(), quick, on_well=lambda: well.append(None), end=process.codes.append
    )
    watchdog.start()
    await until(lambda: len(well) > 10)
    await asyncio.to_thread(watchdog.stop)
    assert process.codes == []


async def test_every_thread_of_a_station_is_looked_after(
    store, tuning: Tuning, tmp_path: Path, until: Callable
) -> None:
    station = Station(Settings(tmp_path), None, store=store, tuning=tuning)  # pyright: ignore
    before = set(threading.enumerate())
    await station.start()
    try:
        threads = {
            one for one in threading.enumerate() if one not in before and one.name.startswith("station-")
        }
        watched = {loop.pulse.thread for loop in station.health.loops() if loop.pulse.limit_s or loop.revive}
        assert {one.name for one in threads - watched} == {"station-watchdog"}
    finally:
        await station.stop()


class _Monotonic:
    def monotonic(self) -> float:
        return time.monotonic()

    def unix(self) -> float:
        return time.time()


def test_what_cannot_be_started_again_is_told_once(
    watchdog: Watchdog, clock, health: Health, caplog: pytest.LogCaptureFixture
) -> None:
    health.spool.pulse.beat(30.0)
    assert not all(look(watchdog, clock, 40))
    (condition,) = watchdog.conditions()
    assert condition.sentence.startswith("The spool made no progress for 30 s; nothing can be started")
    assert len(caplog.records) == 1
