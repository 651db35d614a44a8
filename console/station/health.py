"""Counters of what happened: one set a device, one a loop. Read by reports and tests; kept in memory only.

Each counter is written by one thread; any thread may read.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields

from console.station.pulse import Pulse


@dataclass(slots=True)
class PollCounts:
    """What became of one device's polls since the station knows it.

    Attributes:
        due: Polls that were due.
        missed: Due and not performed, because the one before was still running or the station came late.
        answered: Polls that brought values.
        failed: Polls that ended with an error.
        stuck: Polls that the poller had to cancel.
        left_behind: Cancelled polls that have not ended to this moment.
    """

    due: int = 0
    missed: int = 0
    answered: int = 0
    failed: int = 0
    stuck: int = 0
    left_behind: int = 0


@dataclass(slots=True)
class LoopHealth:
    """How one of the station's loops is doing.

    Attributes:
        name: For people, at the beginning of a sentence.
        passes: Rounds that ended well.
        failures: Rounds that ended in an error; the loop goes on.
        last_failure: Text of the latest error, empty while there was none.
        restarts: How often the watchdog started it again because it hung.
        pulse: Its sign of life.
        revive: Starts the loop again beside the one that hangs; called by the watchdog's thread. None while
            the loop does not run.
    """

    name: str = "A loop of the station"
    passes: int = 0
    failures: int = 0
    last_failure: str = ""
    restarts: int = 0
    pulse: Pulse = field(default_factory=Pulse)
    revive: Callable[[], None] | None = None

    @property
    def progress(self) -> int:
        """A number that grows with every sign of life."""
        return self.pulse.beats + self.passes + self.failures

    def note_failure(self, error: BaseException) -> None:
        """Count a failed round and keep what went wrong."""
        self.failures += 1
        self.last_failure = f"{type(error).__name__}: {error}"


@dataclass(slots=True)
class Health:
    """All counters of one station.

    Attributes:
        due_periods: Polls that were due, over all devices, also those removed since.
        missed_periods: Polls that were due and did not happen.
    """

    due_periods: int = 0
    missed_periods: int = 0
    poller: LoopHealth = field(default_factory=lambda: LoopHealth("The poller"))
    judging: LoopHealth = field(default_factory=lambda: LoopHealth("The judging of rules"))
    writer: LoopHealth = field(default_factory=lambda: LoopHealth("The writer"))
    spool: LoopHealth = field(default_factory=lambda: LoopHealth("The spool"))
    upkeep: LoopHealth = field(default_factory=lambda: LoopHealth("The database's upkeep"))
    catalogue: LoopHealth = field(default_factory=lambda: LoopHealth("The reading of the catalogue"))
    tickets: LoopHealth = field(default_factory=lambda: LoopHealth("The checking of sign-ins"))
    alarm_time: LoopHealth = field(
        default_factory=lambda: LoopHealth("The timing of shelves and repeated alerts")
    )
    alerts: LoopHealth = field(default_factory=lambda: LoopHealth("The reading of open alerts"))
    memory: LoopHealth = field(default_factory=lambda: LoopHealth("The keeping of the station's memory"))
    leases: LoopHealth = field(default_factory=lambda: LoopHealth("The renewing of leases"))
    rollouts: LoopHealth = field(default_factory=lambda: LoopHealth("The updating of devices"))
    conducting: LoopHealth = field(default_factory=lambda: LoopHealth("The conducting of rollouts"))
    connections: LoopHealth = field(default_factory=lambda: LoopHealth("The looking at connections"))
    connection_records: LoopHealth = field(
        default_factory=lambda: LoopHealth("The recording of how connections do")
    )
    orders: LoopHealth = field(default_factory=lambda: LoopHealth("The carrying out of orders"))
    workbench: LoopHealth = field(default_factory=lambda: LoopHealth("The answering of engineers"))
    notifications: LoopHealth = field(default_factory=lambda: LoopHealth("The sending of notifications"))
    reporting: LoopHealth = field(default_factory=lambda: LoopHealth("The report to windows"))

    def loops(self) -> Iterator[LoopHealth]:
        """Yield every loop. One that is added as a field here is looked after by the watchdog."""
        for each in fields(self):
            value: object = getattr(self, each.name)
            if isinstance(value, LoopHealth):
                yield value

    def count(self, device: PollCounts, due: int, missed: int) -> None:
        """Count periods of a device: those that were due, and those of them that were missed."""
        device.due += due
        device.missed += missed
        self.due_periods += due
        self.missed_periods += missed
