"""Step ①: asks every device for its values, each at its own time, none waiting for another.

One timer serves all: at each tick it starts the polls that are due, a task each, so that all requests of a
tick leave together. The same timer looks round for polls that run for too long. A device is either answering
(read at every period) or lost (probed with backoff); a poll still running when the next is due makes that one
a missed period, never a queue.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Iterable, Sequence

from console.station.clocks.clock import Clock
from console.station.health import Health, PollCounts
from console.station.polling.channel import Channel, PollTarget
from console.station.polling.dismissal import Dismissal
from console.station.polling.phases import PhaseSpread
from console.station.polling.poll_failure import kind_of, shown_error, stuck_error
from console.station.polling.wheel import Wheel
from console.station.tuning import Tuning
from drivers.driver import Driver
from drivers.errors import DriverBug
from drivers.values import RawValue
from models.records.device import DeviceId

_log = logging.getLogger(__name__)

Answer = tuple[DeviceId, list[RawValue]]
Failure = tuple[DeviceId, Exception]
OutcomesHandler = Callable[[Sequence[Answer], Sequence[Failure]], None]

_SPREAD_START_S = 1.0
_STARTS_A_TICK = 10


class Poller:
    """Polls all devices of one station. Every method belongs to the event loop's thread."""

    def __init__(
        self,
        clock: Clock,
        tuning: Tuning,
        health: Health,
        on_outcomes: OutcomesHandler,
        may_start: Callable[[], bool] = lambda: True,
    ) -> None:
        """Keep what it needs; starts nothing.

        Args:
            clock, tuning: Only the clock's monotonic side is used.
            health: Receives the counts over all devices.
            on_outcomes: Gets what polls brought, many at once; called from the event loop, never re-entered.
            may_start: Asked before anything is asked of a device. Where it says no, all drivers are closed
                until targets are set again; it may call `set_targets` itself.
        """
        self._clock = clock
        self._tuning = tuning
        self._health = health
        self._on_outcomes = on_outcomes
        self._may_start = may_start
        self._channels: dict[DeviceId, Channel] = {}
        self._spreads: dict[int, PhaseSpread] = {}
        self._wheel = Wheel()
        self._origin_s = clock.monotonic()
        self._looked_round_s = self._origin_s
        self._answers: list[Answer] = []
        self._failures: list[Failure] = []
        self._is_delivery_due = False
        self._left_behind: dict[asyncio.Task[None], Channel] = {}
        self._dismissal = Dismissal(tuning)
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_wedged(self) -> bool:
        """Whether a driver ignored its cancellation and still runs."""
        return bool(self._left_behind)

    def health_of(self, device: DeviceId) -> PollCounts:
        """Return one device's counters. Raises KeyError where it is not polled."""
        return self._channels[device].health

    def channels(self) -> Sequence[Channel]:
        """Return everything that is polled now: to read, never to change."""
        return tuple(self._channels.values())

    def start(self) -> None:
        """Begin to tick on the running event loop, or go on with it."""
        if self._timer is not None:
            self._timer.cancel()
        self._set_timer()

    async def stop(self) -> None:
        """Cancel what runs, close every driver, each within its limit. Safe twice."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.set_targets(())
        await self._dismissal.wait()
        self._deliver()

    def set_targets(self, targets: Iterable[PollTarget]) -> None:
        """Poll exactly these devices from now on; those that did not change are not disturbed."""
        wanted = {target.device: target for target in targets}
        for device, channel in list(self._channels.items()):
            target = wanted.get(device)
            if target is None or not target.needs_same_driver(channel.target):
                self._remove(channel)
            else:
                channel.target = target
        fresh = [target for device, target in wanted.items() if device not in self._channels]
        # A few begin at once: another station may have left them a moment ago. Many are spread.
        most = round(_SPREAD_START_S / self._tuning.tick_s)
        within = max(1, min(most, len(fresh) // _STARTS_A_TICK))
        for target in fresh:
            self._add(target, within)

    def hand_on(self) -> None:
        """Hand on at once what polls brought so far."""
        self._deliver()

    def advance(self, now_s: float) -> None:
        """Start every poll that is due at `now_s` (monotonic seconds) and end those that run for too long."""
        # First of all: a computer that slept until now must not ask a device before it knows whether it may.
        if not self._may_start():
            self.set_targets(())
        tick = int((now_s - self._origin_s) / self._tuning.tick_s)
        for channel, due_tick in self._wheel.turn_to(tick):
            self._fire(channel, due_tick, tick, now_s)
        if now_s - self._looked_round_s >= self._tuning.look_round_s:
            self._looked_round_s = now_s
            self._look_round(now_s)

    def _on_timer(self) -> None:
        try:
            self.advance(self._clock.monotonic())
            self._health.poller.passes += 1
        except Exception as error:  # noqa: BLE001 - the poller's net: one tick may go wrong, the next one comes
            self._health.poller.note_failure(error)
            _log.exception("A tick of the poller failed in a way nobody foresaw")
        self._set_timer()

    def _set_timer(self) -> None:
        next_s = self._origin_s + (self._wheel.tick + 1) * self._tuning.tick_s
        wait_s = max(0.0, next_s - self._clock.monotonic())
        self._timer = asyncio.get_running_loop().call_later(wait_s, self._on_timer)

    def _add(self, target: PollTarget, within: int) -> None:
        """Begin to poll a device within so many ticks."""
        try:
            driver = target.make_driver()
        except Exception as error:  # noqa: BLE001 - the poller's net: one device never stops the others
            self._failures.append((target.device, shown_error(error, target.name)))
            self._deliver_soon()
            return
        period_ticks = max(1, round(target.period_s / self._tuning.tick_s))
        spread = self._spreads.get(period_ticks)
        if spread is None:
            spread = self._spreads[period_ticks] = PhaseSpread(period_ticks)
        channel = Channel(target, driver, period_ticks, spread.take())
        self._channels[target.device] = channel
        channel.listen(self._on_news)
        self._wheel.schedule(channel, self._wheel.tick + 1 + channel.phase % within)

    def _remove(self, channel: Channel) -> None:
        del self._channels[channel.target.device]
        self._spreads[channel.period_ticks].give_back(channel.phase)
        channel.due_tick = None
        channel.number += 1
        self._dismissal.begin(channel.driver, channel.task, channel.target.name)
        channel.task = None

    def _fire(self, channel: Channel, due_tick: int, tick: int, now_s: float) -> None:
        if not channel.is_answering:
            if channel.health.left_behind >= self._tuning.stuck_drivers:
                self._wheel.schedule(channel, tick + self._ticks(self._tuning.probe.longest_s))
                return
            channel.due_tick = None
            self._health.count(channel.health, due=1, missed=0)
            self._start_poll(channel, now_s, is_probe=True)
            return
        passed, next_tick = channel.next_period(due_tick, tick)
        self._wheel.schedule(channel, next_tick)
        if channel.busy_since_s is not None:
            self._health.count(channel.health, due=passed + 1, missed=passed + 1)
            return
        self._health.count(channel.health, due=passed + 1, missed=passed)
        self._start_poll(channel, now_s, is_probe=False)

    def _on_news(self, channel: Channel) -> None:
        tick = channel.news_tick(self._now_tick())
        if tick is not None:
            self._wheel.schedule(channel, tick)

    def _start_poll(self, channel: Channel, now_s: float, *, is_probe: bool) -> None:
        channel.number += 1
        channel.busy_since_s = now_s
        channel.cancelled_at_s = None
        poll = self._probe(channel, channel.number) if is_probe else self._read(channel, channel.number)
        # As create_task, which names a task only after it is made: a detour that every poll would pay for.
        channel.task = asyncio.Task(poll, loop=asyncio.get_running_loop(), name=channel.task_name)

    async def _probe(self, channel: Channel, number: int) -> None:
        try:
            await channel.driver.open()
        except asyncio.CancelledError:
            self._on_cancelled(channel, number)
            raise
        except Exception as error:  # noqa: BLE001 - the poller's net, see _failed
            self._failed(channel, number, error)
        else:
            if self._may_start():
                await self._read(channel, number)

    async def _read(self, channel: Channel, number: int) -> None:
        try:
            values = await channel.driver.read()
        except asyncio.CancelledError:
            self._on_cancelled(channel, number)
            raise
        except Exception as error:  # noqa: BLE001 - the poller's net, see _failed
            self._failed(channel, number, error)
            return
        if channel.number != number:
            return
        if channel.cancelled_at_s is not None:
            # It answered only because it was cancelled; what it brings was never within its time.
            self._on_cancelled(channel, number)
            return
        if channel.durations_ms is not None and channel.is_answering and channel.busy_since_s is not None:
            channel.durations_ms.append((self._clock.monotonic() - channel.busy_since_s) * 1e3)
        channel.busy_since_s = None
        channel.task = None
        channel.health.answered += 1
        channel.values = values
        if not channel.is_answering:
            self._on_found(channel)
        self._answers.append((channel.target.device, values))
        self._deliver_soon()

    def _on_found(self, channel: Channel) -> None:
        channel.is_answering = True
        channel.early_ticks, channel.has_news = 0, False
        channel.failures = 0
        channel.failure = ""
        self._wheel.schedule(channel, channel.next_tick(max(self._wheel.tick, self._now_tick())))
        if channel.is_reported_lost:
            channel.is_reported_lost = False
            _log.info("%s answers again", channel.target.name)

    def _on_cancelled(self, channel: Channel, number: int) -> None:
        if channel.cancelled_at_s is not None:
            self._failed(channel, number, stuck_error(channel.target))

    def _failed(self, channel: Channel, number: int, error: Exception) -> None:
        if channel.number != number:
            return
        channel.busy_since_s = None
        channel.task = None
        channel.is_answering = False
        channel.failures += 1
        channel.health.failed += 1
        wait_s = self._tuning.probe.wait_s(channel.failures, random.random())
        self._wheel.schedule(channel, self._now_tick() + self._ticks(wait_s))
        shown = shown_error(error, channel.target.name)
        channel.failure = str(shown)
        if channel.durations_ms is not None:
            kind = kind_of(error)
            channel.errors[kind] = channel.errors.get(kind, 0) + 1
        if not channel.is_reported_lost:
            channel.is_reported_lost = True
            if isinstance(shown, DriverBug):
                _log.error("%s is lost: %s", channel.target.name, shown, exc_info=error)
            else:
                _log.warning("%s is lost: %s", channel.target.name, shown)
        self._failures.append((channel.target.device, shown))
        self._deliver_soon()

    def _look_round(self, now_s: float) -> None:
        for channel in self._channels.values():
            if channel.busy_since_s is None:
                continue
            if channel.cancelled_at_s is None:
                if now_s - channel.busy_since_s > channel.target.limit_s and channel.task is not None:
                    channel.cancelled_at_s = now_s
                    channel.health.stuck += 1
                    channel.task.cancel()
            elif now_s - channel.cancelled_at_s > self._tuning.cancel_grace_s:
                self._leave_behind(channel)

    def _leave_behind(self, channel: Channel) -> None:
        """Give up on a poll that ignores its cancellation; go on with a fresh driver."""
        task = channel.task
        if task is not None:
            self._left_behind[task] = channel
            channel.health.left_behind += 1
            task.add_done_callback(self._on_left_behind_ended)
        self._failed(channel, channel.number, stuck_error(channel.target))
        channel.number += 1
        self._dismissal.begin(channel.driver, None, channel.target.name)
        channel.use(self._fresh_driver(channel))
        channel.listen(self._on_news)

    def _fresh_driver(self, channel: Channel) -> Driver:
        try:
            return channel.target.make_driver()
        except Exception:  # noqa: BLE001 - the poller's net: the old driver stays, and its device is lost
            _log.exception("%s: no fresh driver could be made", channel.target.name)
            return channel.driver

    def _on_left_behind_ended(self, task: asyncio.Task[None]) -> None:
        self._left_behind.pop(task).health.left_behind -= 1

    def _deliver_soon(self) -> None:
        if not self._is_delivery_due:
            self._is_delivery_due = True
            asyncio.get_running_loop().call_soon(self._deliver)

    def _deliver(self) -> None:
        self._is_delivery_due = False
        answers, self._answers = self._answers, []
        failures, self._failures = self._failures, []
        if answers or failures:
            try:
                self._on_outcomes(answers, failures)
            except Exception as error:  # noqa: BLE001 - the poller's net: what comes next must still be handed on
                self._health.poller.note_failure(error)
                _log.exception("What polls brought could not be handed on")

    def _now_tick(self) -> int:
        return int((self._clock.monotonic() - self._origin_s) / self._tuning.tick_s)

    def _ticks(self, span_s: float) -> int:
        return max(1, round(span_s / self._tuning.tick_s))
