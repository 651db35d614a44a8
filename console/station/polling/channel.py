"""What the poller knows of one device: how to poll it, and where it is between lost and answering."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from console.station.health import PollCounts
from drivers.driver import Driver, PushingDriver, TracedDriver
from drivers.trace import ROUND_TRIPS, LineTrace
from drivers.values import RawValue
from models.records.device import DeviceId

_SLEW = 10  # a period is shortened by this share of it while a device's news keep coming just after its read


@dataclass(frozen=True, slots=True)
class PollTarget:
    """One device as the poller needs it.

    Attributes:
        name: For the log.
        period_s: Seconds between two polls.
        limit_s: A poll that runs longer is cancelled.
        made_from: Whatever `make_driver` depends on: a target that is equal in this and in its period
            needs no new driver.
        make_driver: Makes a driver that nothing else uses; called again where one got stuck.
    """

    device: DeviceId
    name: str
    period_s: float
    limit_s: float
    made_from: object
    make_driver: Callable[[], Driver]

    def needs_same_driver(self, other: "PollTarget") -> bool:
        """Return whether a driver made for `other` may go on for this target, at the same pace."""
        return self.period_s == other.period_s and self.made_from == other.made_from


class Channel:
    """One device being polled. Only the poller touches it, on the event loop.

    Attributes:
        due_tick: The tick at which something is due next; an entry of the wheel for any other tick is out
            of date. None while a probe runs.
        is_answering: Whether the last poll brought values; otherwise the next one opens first.
        number: Counts polls; a poll of another number was left behind, and what it brings is ignored.
        busy_since_s: When the running poll began, monotonic; None while none runs.
        cancelled_at_s: When the running poll was cancelled, monotonic; None while it was not.
        failures: Failed attempts in a row.
        is_reported_lost: Whether the log has said so since it last answered.
        early_ticks: How far `due_tick` lies before the period's own, because news came.
        has_news: Whether news came that were too early for another read.
        values: What the latest answered poll brought, one a tag.
        failure: Why the latest poll failed, one sentence; empty once it answers.
        errors: Failed polls by the kind of what failed, where the driver counts none itself.
        durations_ms: How long the latest polls took, where the driver measures no round trips itself.
    """

    __slots__ = (
        "_traced",
        "busy_since_s",
        "cancelled_at_s",
        "driver",
        "due_tick",
        "durations_ms",
        "early_ticks",
        "errors",
        "failure",
        "failures",
        "has_news",
        "health",
        "is_answering",
        "is_reported_lost",
        "number",
        "period_ticks",
        "phase",
        "target",
        "task",
        "task_name",
        "values",
    )

    def __init__(self, target: PollTarget, driver: Driver, period_ticks: int, phase: int) -> None:
        """Begin as lost: the first poll opens the connection."""
        self.target = target
        self.driver = driver
        self.period_ticks = period_ticks
        self.phase = phase
        self.health = PollCounts()
        self.task_name = f"poll {target.name}"
        self.task: asyncio.Task[None] | None = None
        self.due_tick: int | None = None
        self.is_answering = False
        self.number = 0
        self.busy_since_s: float | None = None
        self.cancelled_at_s: float | None = None
        self.failures = 0
        self.is_reported_lost = False
        self.early_ticks = 0
        self.has_news = False
        self.values: Sequence[RawValue] = ()
        self.failure = ""
        self.errors: dict[str, int] = {}
        self.durations_ms: deque[float] | None = None
        self._traced: TracedDriver | None = None
        self.use(driver)

    @property
    def trace(self) -> LineTrace | None:
        """What the driver keeps of its exchanges; None where it keeps nothing."""
        return None if self._traced is None else self._traced.trace

    def use(self, driver: Driver) -> None:
        """Poll through this driver from now on."""
        self.driver = driver
        self._traced = driver if isinstance(driver, TracedDriver) else None
        if self._traced is None and self.durations_ms is None:
            self.durations_ms = deque(maxlen=ROUND_TRIPS)

    def next_tick(self, tick: int) -> int:
        """Return the first tick after `tick` at which this device's phase comes round."""
        return tick + 1 + (self.phase - tick - 1) % self.period_ticks

    def listen(self, on_news: "Callable[[Channel], None]") -> None:
        """Hear from a driver whose device sends by itself; `on_news` gets this channel."""
        if isinstance(self.driver, PushingDriver):
            self.driver.on_news(lambda: on_news(self))

    def news_tick(self, tick: int) -> int | None:
        """Return at which tick to read what came just now; None where the next read is soon enough.

        A device may be read half a period early, and its next period is counted from where this one would
        have ended: however often news come, there is one read a period.
        """
        if self.due_tick is None or not self.is_answering:
            return None
        due = self.due_tick + self.early_ticks
        if due - tick > self.period_ticks // 2:
            self.has_news = True
            return None
        if self.early_ticks or due - tick <= 1:
            return None
        self.early_ticks = due - tick - 1
        return tick + 1

    def next_period(self, due_tick: int, tick: int) -> tuple[int, int]:
        """Begin the period after the one that was due at `due_tick`, at `tick`.

        Returns:
            How many whole periods were missed since, and the tick at which the new one is due.
        """
        due = due_tick + self.early_ticks
        passed = max(0, (tick - due) // self.period_ticks)
        following = due + (passed + 1) * self.period_ticks
        if self.has_news and not self.early_ticks:
            # The device has the same period and comes just after its read, every time: let the read come
            # a little earlier from period to period, until it is the news that call for it.
            following -= self.period_ticks // _SLEW
        self.early_ticks, self.has_news = 0, False
        return passed, following
