import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from console.station.clocks.clock import SystemClock
from console.station.errors import DriverStuck
from console.station.health import Health
from console.station.polling.channel import PollTarget
from console.station.polling.poller import Poller
from console.station.tuning import Tuning
from drivers.errors import DriverBug, LineLost
from models.records.device import DeviceId

ONE, TWO = DeviceId(1), DeviceId(2)
MakeTarget = Callable[..., PollTarget]
TICK_S = 0.02


class Bench:
    """A poller whose ticks come when the test says so, and what it handed on."""

    def __init__(self, clock, tuning: Tuning) -> None:
        self.clock = clock
        self.health = Health()
        self.answers: list[DeviceId] = []
        self.failures: list[tuple[DeviceId, Exception]] = []
        self.poller = Poller(clock, tuning, self.health, self._on_outcomes)
        clock.turn(TICK_S / 2)  # the middle of ticks, so that rounding never decides in which one we are

    def _on_outcomes(self, answers, failures) -> None:
        self.answers += [device for device, _ in answers]
        self.failures += failures

    async def run(self, seconds: float, step_s: float = TICK_S) -> None:
        """Let that much time go by, tick by tick, and let everything happen that can."""
        for _ in range(round(seconds / step_s)):
            self.clock.turn(step_s)
            self.poller.advance(self.clock.monotonic())
            for _ in range(8):
                await asyncio.sleep(0)

    def errors_of(self, device: DeviceId) -> list[Exception]:
        return [error for failed, error in self.failures if failed == device]


@pytest.fixture
async def bench(clock) -> AsyncIterator[Bench]:
    bench = Bench(clock, replace(Tuning(), cancel_grace_s=0.5, close_limit_s=0.05))
    yield bench
    await bench.poller.stop()


async def test_device_is_opened_once_and_read_once_a_period(
    bench: Bench, make_driver, make_target: MakeTarget
) -> None:
    driver = make_driver()
    bench.poller.set_targets([make_target(driver)])
    await bench.run(10.0)
    assert driver.opened == 1
    assert driver.read_count in (10, 11)
    assert len(bench.answers) == driver.read_count
    assert bench.health.missed_periods == 0
    assert bench.health.due_periods == driver.read_count


async def test_device_that_sends_by_itself_is_read_in_the_tick_after_its_news(
    bench: Bench, make_pushing_driver, make_target: MakeTarget
) -> None:
    driver = make_pushing_driver()
    bench.poller.set_targets([make_target(driver)])
    await bench.run(10.0)
    for _ in range(10):
        await bench.run(0.8)
        before = driver.read_count
        driver.tell()
        await bench.run(2 * TICK_S)
        assert driver.read_count == before + 1
        await bench.run(0.2 - 2 * TICK_S)
    assert bench.health.missed_periods == 0
    assert bench.health.due_periods == driver.read_count


async def test_devices_of_one_period_are_spread_over_it(
    bench: Bench, make_driver, make_target: MakeTarget
) -> None:
    drivers = [make_driver() for _ in range(100)]
    bench.poller.set_targets([make_target(driver, id=n) for n, driver in enumerate(drivers, 1)])
    await bench.run(2.0)
    reads: list[int] = []
    for _ in range(50):
        before = sum(driver.read_count for driver in drivers)
        await bench.run(TICK_S)
        reads.append(sum(driver.read_count for driver in drivers) - before)
    # Every third tick carries polls, so that the station wakes up for several at once.
    assert (sum(reads), max(reads), reads.count(0)) == (100, 7, 34)


async def test_lost_device_is_probed_with_growing_pauses_of_at_most_five_seconds(
    bench: Bench, make_driver, make_target: MakeTarget
) -> None:
    driver = make_driver(open_error=LineLost("gone"))
    bench.poller.set_targets([make_target(driver)])
    await bench.run(30.0)
    before = driver.opened
    await bench.run(50.0)
    assert 10 <= driver.opened - before <= 17
    assert driver.read_count == 0


async def test_lost_device_is_polled_at_its_pace_again_once_it_answers(
    bench: Bench, make_driver, make_target: MakeTarget
) -> None:
    driver = make_driver(open_error=LineLost("gone"))
    bench.poller.set_targets([make_target(driver)])
    await bench.run(60.0)
    driver.open_error = None
    await bench.run(5.1)
    assert driver.read_count >= 1
    before = driver.read_count
    await bench.run(10.0)
    assert driver.read_count - before == 10


async def test_device_that_fails_while_read_is_opened_again(
    bench: Bench, make_driver, make_target: MakeTarget
) -> None:
    driver = make_driver()
    bench.poller.set_targets([make_target(driver)])
    await bench.run(3.0)
    driver.error = LineLost("reset")
    await bench.run(1.0 - 5 * TICK_S)
    assert not bench.failures
    await bench.run(10 * TICK_S)
    driver.error = None
    await bench.run(3.0)
    assert driver.opened == 2
    assert [str(error) for error in bench.errors_of(ONE)] == ["reset"]


async def test_loss_and_return_are_logged_once_each(
    bench: Bench, make_driver, make_target: MakeTarget, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "console.station.polling.poller")
    driver = make_driver()
    bench.poller.set_targets([make_target(driver)])
    await bench.run(2.0)
    driver.error = LineLost("No answer from 10.0.0.7.")
    await bench.run(30.0)
    driver.error = None
    await bench.run(6.0)
    assert caplog.messages == ["Drive 1 is lost: No answer from 10.0.0.7.", "Drive 1 answers again"]


async def test_poll_still_running_when_the_next_is_due_is_a_missed_period_and_no_queue(
    bench: Bench, make_driver, make_target: MakeTarget
) -> None:
    driver = make_driver()
    bench.poller.set_targets([make_target(driver)])
    await bench.run(2.0)
    before, reads = bench.health.due_periods, driver.read_count
    driver.gate = asyncio.Event()
    await bench.run(4.0)
    assert driver.read_count == reads + 1
    assert bench.health.missed_periods == 3
    assert bench.health.due_periods - before == 4
    driver.gate.set()
    await bench.run(1.0)
    assert driver.read_count == reads + 2


async def test_station_that_came_late_counts_the_periods_it_missed(
    bench: Bench, make_driver, make_target: MakeTarget
) -> None:
    driver = make_driver()
    bench.poller.set_targets([make_target(driver)])
    await bench.run(2.0)
    due, reads = bench.health.due_periods, driver.read_count
    await bench.run(5.0, step_s=5.0)
    assert driver.read_count == reads + 1
    assert bench.health.due_periods - due == 5
    assert bench.health.missed_periods == 4


async def test_hour_of_suspension_costs_one_look_not_an_hours_ticks(
    bench: Bench, make_driver, make_target: MakeTarget
) -> None:
    driver = make_driver()
    bench.poller.set_targets([make_target(driver)])
    await bench.run(2.0)
    await bench.run(3600.0, step_s=3600.0)
    assert bench.health.missed_periods == pytest.approx(3600, abs=1)
    reads = driver.read_count
    await bench.run(3.0)
    assert driver.read_count - reads == 3


async def test_dead_device_never_delays_another(bench: Bench, make_driver, make_target: MakeTarget) -> None:
    dead, alive = make_driver(), make_driver()
    dead.gate = asyncio.Event()
    bench.poller.set_targets([make_target(dead, id=1), make_target(alive, id=2)])
    await bench.run(30.0)
    assert alive.read_count in (30, 31)
    assert bench.poller.health_of(TWO).missed == 0


async def test_driver_that_never_returns_is_cancelled_counted_and_reported(
    bench: Bench, make_driver, make_target: MakeTarget
) -> None:
    driver = make_driver()
    driver.gate = asyncio.Event()
    bench.poller.set_targets([make_target(driver)])
    await bench.run(12.0)
    assert bench.poller.health_of(ONE).stuck == 1
    (error,) = bench.errors_of(ONE)
    assert isinstance(error, DriverStuck)
    assert str(error).startswith("Drive 1 neither answered nor gave up within 10 s")
    driver.gate.set()
    await bench.run(8.0)
    assert ONE in bench.answers


async def test_driver_deaf_to_cancellation_is_left_behind_and_replaced(
    bench: Bench, make_driver, make_target: MakeTarget
) -> None:
    deaf, fresh, other = make_driver(is_deaf=True), make_driver(), make_driver()
    deaf.gate = asyncio.Event()
    bench.poller.set_targets([make_target([deaf, fresh], id=1), make_target(other, id=2)])
    await bench.run(20.0)
    assert bench.poller.is_wedged
    assert fresh.read_count > 0
    assert other.read_count in (20, 21)
    answered = len(bench.answers)
    deaf.gate.set()
    await bench.run(TICK_S)
    assert not bench.poller.is_wedged
    assert len(bench.answers) - answered <= 1


async def test_device_whose_drivers_all_get_stuck_is_not_tried_for_ever(
    bench: Bench, make_driver, make_target: MakeTarget
) -> None:
    gate = asyncio.Event()
    drivers = [make_driver(is_deaf=True, gate=gate) for _ in range(10)]
    bench.poller.set_targets([make_target(drivers)])
    await bench.run(200.0)
    assert bench.poller.health_of(ONE).left_behind == 3
    assert sum(driver.read_count for driver in drivers) == 3
    gate.set()
    await bench.run(11.0)
    assert ONE in bench.answers


async def test_mistake_in_a_driver_is_logged_with_its_traceback_and_shown_as_a_sentence(
    bench: Bench, make_driver, make_target: MakeTarget, caplog: pytest.LogCaptureFixture
) -> None:
    bench.poller.set_targets([make_target(make_driver(error=ZeroDivisionError("oops")))])
    await bench.run(2.0)
    error = bench.errors_of(ONE)[0]
    assert isinstance(error, DriverBug)
    assert "mistake in this program" in str(error)
    assert "ZeroDivisionError: oops" in caplog.text
    caplog.clear()


async def test_driver_that_cannot_be_made_is_a_failure_of_its_device_only(
    bench: Bench, make_driver, make_target: MakeTarget
) -> None:
    alive = make_driver()
    bench.poller.set_targets([make_target([], id=1), make_target(alive, id=2)])
    await bench.run(3.0)
    assert isinstance(bench.errors_of(ONE)[0], DriverBug)
    assert alive.read_count >= 2


async def test_removed_device_is_closed_and_not_polled_any_more(
    bench: Bench, make_driver, make_target: MakeTarget
) -> None:
    driver = make_driver()
    bench.poller.set_targets([make_target(driver)])
    await bench.run(3.0)
    reads = driver.read_count
    bench.poller.set_targets([])
    await bench.run(5.0)
    assert (driver.closed, driver.read_count) == (1, reads)


async def test_device_that_did_not_change_is_not_disturbed(
    bench: Bench, make_driver, make_target: MakeTarget
) -> None:
    driver, added = make_driver(), make_driver()
    bench.poller.set_targets([make_target(driver, id=1)])
    await bench.run(3.0)
    bench.poller.set_targets([make_target(make_driver(), id=1), make_target(added, id=2)])
    await bench.run(3.0)
    assert (driver.opened, driver.closed) == (1, 0)
    assert driver.read_count in (6, 7)
    assert added.read_count >= 2


async def test_device_of_another_period_gets_a_fresh_driver(
    bench: Bench, make_driver, make_target: MakeTarget
) -> None:
    slow, quick = make_driver(), make_driver()
    bench.poller.set_targets([make_target(slow)])
    await bench.run(3.0)
    bench.poller.set_targets([make_target(quick, period_s=0.1)])
    await bench.run(2.0)
    assert slow.closed == 1
    assert quick.read_count >= 15


async def test_answer_of_a_removed_device_is_ignored(
    bench: Bench, make_driver, make_target: MakeTarget
) -> None:
    deaf = make_driver(is_deaf=True)
    deaf.gate = asyncio.Event()
    bench.poller.set_targets([make_target(deaf)])
    await bench.run(1.5)
    bench.poller.set_targets([])
    deaf.gate.set()
    await bench.run(1.0)
    assert bench.answers == []


async def test_stop_cancels_what_runs_closes_drivers_and_may_be_called_twice(
    bench: Bench, make_driver, make_target: MakeTarget
) -> None:
    waiting, idle = make_driver(), make_driver()
    waiting.gate = asyncio.Event()
    bench.poller.set_targets([make_target(waiting, id=1), make_target(idle, id=2)])
    await bench.run(2.0)
    await bench.poller.stop()
    await bench.poller.stop()
    assert (waiting.closed, idle.closed) == (1, 1)
    assert (waiting.cancelled, idle.cancelled) == (1, 0)


async def test_failing_consumer_does_not_stop_the_polling(
    clock, make_driver, make_target: MakeTarget, caplog: pytest.LogCaptureFixture
) -> None:
    health = Health()

    def refuse(_answers: object, _failures: object) -> None:
        raise RuntimeError("a mistake downstream")

    driver = make_driver()
    poller = Poller(clock, Tuning(), health, refuse)
    poller.set_targets([make_target(driver)])
    for _ in range(150):
        clock.turn(TICK_S)
        poller.advance(clock.monotonic())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert driver.read_count >= 3
    assert health.poller.failures == driver.read_count
    await poller.stop()
    caplog.clear()


async def test_own_timer_keeps_the_pace(make_driver, make_target: MakeTarget, until) -> None:
    health = Health()
    driver = make_driver()
    poller = Poller(SystemClock(), Tuning(), health, lambda *_: None)
    poller.set_targets([make_target(driver, period_s=0.04)])
    poller.start()
    await until(lambda: driver.read_count >= 5)
    await poller.stop()
    assert health.poller.failures == 0
