"""Replays the past on a worker while a threshold is being edited; only the latest edit counts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from console.bridge.bridge import Bridge
from console.bridge.history_place import about_the_past
from console.panels.limits.back_test_words import BackTestReport
from models.quantities import THE_SIX, Quantities
from models.records.device import Device
from models.records.threshold import Threshold

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from console.station.sample_memory import SampleMemory

SETTLE_MS = 250
"""So long nothing must have been typed or dragged: shorter, and every digit would begin a replay."""
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Replay:
    """What shall be replayed.

    Attributes:
        days: How far back.
        quantities: What can be measured at the site.
    """

    device: Device
    threshold: Threshold
    days: int
    quantities: Quantities = THE_SIX


class ReplayMemory:
    """What was read for one replay, for the next. Used by one worker at a time."""

    def __init__(self) -> None:
        self._samples: SampleMemory | None = None

    def samples(self) -> SampleMemory:
        """Return the memory; the first call makes it, on the worker."""
        from console.station.sample_memory import SampleMemory

        if self._samples is None:
            self._samples = SampleMemory()
        return self._samples


@about_the_past
@dataclass(frozen=True, slots=True, eq=False)
class ReplayQuestion:
    """One replay. Runs on a worker.

    Attributes:
        memory: Keeps what was read for the next one; used by one question at a time.
        tell: Hears how far it is, 0 to 1; called on the worker.
        stop: Set by whoever wants it to end.
    """

    replay: Replay
    until_unix: float
    memory: ReplayMemory
    tell: Callable[[float], None]
    stop: threading.Event

    def __call__(self, connection: Connection) -> BackTestReport | str | None:
        """Return what came of it, why it cannot be told, or None where it was stopped.

        Raises StorageError.
        """
        from console.station.back_test import BackTestCancelled, NotReplayable, run_back_test
        from models.queries.thresholds import recorded_episodes

        replay = self.replay
        since_unix = self.until_unix - replay.days * _DAY_S
        try:
            test = run_back_test(
                connection,
                replay.device,
                replay.threshold,
                since_unix,
                self.until_unix,
                self.memory.samples(),
                self.tell,
                self.stop.is_set,
                replay.quantities,
            )
        except BackTestCancelled:
            return None
        except NotReplayable as error:
            return str(error)
        known = replay.threshold.id
        real = recorded_episodes(connection, replay.device.id, known, since_unix, self.until_unix)
        return BackTestReport(test, tuple(real))


class BackTestRunner(QObject):
    """One replay at a time: what is asked for meanwhile stops it, and begins when it has ended.

    Attributes:
        moved: How far it is, 0 to 1.
        ended: (BackTestReport, Replay) of the latest wish.
        stopped: It was stopped by the person.
        failed: One sentence.
        began: A replay is awaited; nothing shown belongs to it yet.
    """

    moved = Signal(float)
    ended = Signal(object, object)
    stopped = Signal()
    failed = Signal(str)
    began = Signal()
    _told = Signal(int, float)

    def __init__(self, bridge: Bridge, now: Callable[[], float], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._now = now
        self._memory = ReplayMemory()
        self._wanted: Replay | None = None
        self._running: Replay | None = None
        self._until_unix = 0.0
        self._stops = [threading.Event()]
        self._number = 0
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._start)
        self._told.connect(self._on_told)
        self.destroyed.connect(_stopper(self._stops))

    @property
    def is_busy(self) -> bool:
        """Whether a result is awaited."""
        return self._wanted is not None

    @property
    def until_unix(self) -> float:
        """Where the period ends: the same for all edits of one threshold, so that counts can be compared."""
        return self._until_unix

    def begin(self) -> None:
        """Fix the end of the period, and forget what was read of another threshold."""
        self.cancel()
        self._memory = ReplayMemory()
        self._until_unix = self._now()

    def request(self, replay: Replay, *, at_once: bool = False) -> None:
        """Replay this, once nothing else has been asked for during a moment."""
        self._wanted = replay
        self._stops[0].set()
        self.began.emit()
        if at_once:
            self._settle.stop()
            self._start()
        else:
            self._settle.start()

    def cancel(self) -> None:
        """Stop; nothing comes of it any more."""
        self._settle.stop()
        self._stops[0].set()
        if self._wanted is not None:
            self._wanted = None
            self.stopped.emit()

    def _start(self) -> None:
        if self._wanted is None or self._running is not None:
            return
        self._running = replay = self._wanted
        self._stops[0] = stop = threading.Event()
        self._number += 1
        question = ReplayQuestion(replay, self._until_unix, self._memory, self._teller(), stop)
        self._bridge.ask(question, self._take, self._fail, self)

    def _take(self, report: BackTestReport | str | None) -> None:
        if isinstance(report, str):
            self._fail(report)
            return
        replay, self._running = self._running, None
        if report is not None and replay is not None and replay == self._wanted:
            self._wanted = None
            self.ended.emit(report, replay)
        elif self._wanted is not None and not self._settle.isActive():
            self._start()

    def _fail(self, sentence: str) -> None:
        replay, self._running = self._running, None
        if replay == self._wanted:
            self._wanted = None
            self.failed.emit(sentence)
        elif not self._settle.isActive():
            self._start()

    def _on_told(self, number: int, part: float) -> None:
        # Of one that was replaced nobody wants to know.
        if number == self._number and self._running is not None and self._running == self._wanted:
            self.moved.emit(part)

    def _teller(self) -> Callable[[float], None]:
        number = self._number

        def tell(part: float) -> None:
            # This object may go while the worker is at it; it has set `stop` then.
            with suppress(RuntimeError):
                self._told.emit(number, part)

        return tell


def _stopper(stops: list[threading.Event]) -> Callable[[], None]:
    # Bound to the runner, it would not be called when the runner goes.
    def stop() -> None:
        stops[0].set()

    return stop
