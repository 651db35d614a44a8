"""Counters of what happened: one set a device, one a loop. Read by reports and tests; kept in memory only.

Each counter is written by one thread; any thread may read.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class DeviceHealth:
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
        passes: Rounds that ended well.
        failures: Rounds that ended in an error; the loop goes on.
        last_failure: Text of the latest error, empty while there was none.
    """

    passes: int = 0
    failures: int = 0
    last_failure: str = ""

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
    poller: LoopHealth = field(default_factory=LoopHealth)
    judging: LoopHealth = field(default_factory=LoopHealth)
    writer: LoopHealth = field(default_factory=LoopHealth)
    upkeep: LoopHealth = field(default_factory=LoopHealth)
    catalogue: LoopHealth = field(default_factory=LoopHealth)
    tickets: LoopHealth = field(default_factory=LoopHealth)
    alarm_time: LoopHealth = field(default_factory=LoopHealth)
    notifications: LoopHealth = field(default_factory=LoopHealth)

    def count(self, device: DeviceHealth, due: int, missed: int) -> None:
        """Count periods of a device: those that were due, and those of them that were missed."""
        device.due += due
        device.missed += missed
        self.due_periods += due
        self.missed_periods += missed
