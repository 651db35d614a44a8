"""What the poller knows of one device: how to poll it, and where it is between lost and answering."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from console.station.health import DeviceHealth
from drivers.driver import Driver
from models.records.device import DeviceId


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
    """

    __slots__ = (
        "busy_since_s",
        "cancelled_at_s",
        "driver",
        "due_tick",
        "failures",
        "health",
        "is_answering",
        "is_reported_lost",
        "number",
        "period_ticks",
        "phase",
        "target",
        "task",
        "task_name",
    )

    def __init__(self, target: PollTarget, driver: Driver, period_ticks: int, phase: int) -> None:
        """Begin as lost: the first poll opens the connection."""
        self.target = target
        self.driver = driver
        self.period_ticks = period_ticks
        self.phase = phase
        self.health = DeviceHealth()
        self.task_name = f"poll {target.name}"
        self.task: asyncio.Task[None] | None = None
        self.due_tick: int | None = None
        self.is_answering = False
        self.number = 0
        self.busy_since_s: float | None = None
        self.cancelled_at_s: float | None = None
        self.failures = 0
        self.is_reported_lost = False

    def next_tick(self, tick: int) -> int:
        """Return the first tick after `tick` at which this device's phase comes round."""
        return tick + 1 + (self.phase - tick - 1) % self.period_ticks
