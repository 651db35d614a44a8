"""Offers loads to the database, and finds the one thing in them that it declines."""

import logging
from collections.abc import Callable, Sequence

from console.station.clocks.clock import Clock
from console.station.health import LoopHealth
from console.station.outbox import Finding
from console.station.spool.file import Declined
from console.station.spool.pace import Stride
from console.station.store import Load, Store
from models.errors import DatabaseAway, NeedsSetup, NotAllowed, Rejected
from models.records.alert import Transition
from models.records.reading import Reading

_log = logging.getLogger(__name__)


class Away(Exception):
    """Nothing can be written now. `cause` is what the database said."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


class LeftBehind(Exception):
    """This thread hung, and another has taken over what it had in hand."""


class Offering:
    """One attempt at a time. Belongs to the writer's thread."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        health: LoopHealth,
        may_go_on: Callable[[str], bool],
        on_answer: Callable[[], None],
    ) -> None:
        """Keep what it needs.

        Args:
            store, clock, health: The writer's.
            may_go_on: Asked before and after each attempt whether this thread still has its turn; told what
                it is about to do.
            on_answer: Called whenever the database accepted or declined something.
        """
        self._store = store
        self._clock = clock
        self._health = health
        self._may_go_on = may_go_on
        self._on_answer = on_answer
        self.fenced = 0
        """Readings the database did not store, because their lease had ended by then."""

    def write(self, load: Load, stride: Stride) -> list[Declined]:
        """Store a load, whole if possible; return what of it the database declines.

        Args:
            load: What is written.
            stride: Learns how long that took.

        Raises:
            Away: It may be stored in part; storing it again is harmless.
            LeftBehind: It took so long that another thread has taken over.
        """
        began_s = self._clock.monotonic()
        try:
            reason = self._refusal(load)
        except Away:
            stride.note_failure()
            raise
        if not reason:
            stride.note_success(self._clock.monotonic() - began_s)
            return []
        # The commonest refusal is a day without a partition (23514), which making one cures.
        if load.readings and not self._attempt(self._store.ensure_partitions) and not self._refusal(load):
            return []
        for state in load.states:
            if self._refusal(Load(states=[state], epochs=load.epochs)):
                _log.error("The database declined the status of device %d", state.device)
        return [*self._findings_apart([*load.transitions, *load.acts]), *self._readings_apart(load.readings)]

    def _findings_apart(self, findings: Sequence[Finding]) -> list[Declined]:
        """Store findings one by one, in their order."""
        declined: list[Declined] = []
        for finding in findings:
            if reason := self._refusal(_load_of(finding)):
                _log.error("The database declined an alert of device %d: %s", finding.device, finding)
                declined.append(Declined(finding, reason))
        return declined

    def _readings_apart(self, readings: Sequence[Reading]) -> list[Declined]:
        """Store readings by halves, so that one that is declined costs log2(n) extra attempts."""
        if not readings:
            return []
        reason = self._refusal(Load(readings=readings))
        if not reason:
            return []
        if len(readings) == 1:
            _log.error("The database declined a reading of device %d: %s", readings[0].device, readings[0])
            return [Declined(readings[0], reason)]
        middle = len(readings) // 2
        return [*self._readings_apart(readings[:middle]), *self._readings_apart(readings[middle:])]

    def _refusal(self, load: Load) -> str:
        """Store a load; return why the database declines it, empty where it does not."""

        def write() -> None:
            written = self._store.write(load)
            self.fenced += written.fenced
            for sentence in written.declined:
                _log.warning("An acknowledgement changed nothing: %s", sentence)

        return self._attempt(write)

    def _attempt(self, attempt: Callable[[], object]) -> str:
        """Try once; return why the database declines, empty where it accepted.

        Raises:
            Away: It neither accepts nor declines.
            LeftBehind: It took so long that another thread has taken over.
        """
        if not self._may_go_on("writing to the database"):
            raise LeftBehind
        try:
            try:
                attempt()
            finally:
                if not self._may_go_on(""):
                    raise LeftBehind
        except LeftBehind:
            raise
        # A right is lacking to this station, not to this load: somebody has to give it back.
        except (DatabaseAway, NeedsSetup, NotAllowed) as error:
            raise Away(error) from error
        except Rejected as error:
            self._health.note_failure(error)
            self._on_answer()
            return str(error)
        except Exception as error:  # noqa: BLE001 - the writer's net: a load that breaks our own code is taken apart too
            self._health.note_failure(error)
            _log.exception("Writing failed in a way nobody foresaw")
            return f"{type(error).__name__}: {error}"
        self._on_answer()
        return ""


def _load_of(finding: Finding) -> Load:
    return Load(transitions=[finding]) if isinstance(finding, Transition) else Load(acts=[finding])
