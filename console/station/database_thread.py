"""A thread of the station's that talks to the database: ended, or replaced, although that may not answer.

A database can keep a thread for ever. A thread that the watchdog gives up is left behind: its *turn* is over,
another thread takes the next one, and what the first still brings when it wakes is not wanted any more.
"""

import logging
import threading
import weakref
from collections.abc import Callable, Generator
from contextlib import contextmanager

from console.station.health import LoopHealth

_log = logging.getLogger(__name__)

STEP_LIMIT_S = 30.0
"""How long a step may take of which nobody says otherwise; questions give up by themselves much earlier."""


class Turn(threading.Event):
    """One thread's turn at a loop; set when it is over. To ask it, or to wait for its end, shows life."""

    def __init__(self, health: LoopHealth, limit_s: float) -> None:
        """Keep whose pulse to beat, and how long a step may take, in seconds."""
        super().__init__()
        self._health = health
        self._limit_s = limit_s

    def is_set(self) -> bool:
        """Return whether the turn is over: leave, and change nothing any more."""
        self.step()
        return super().is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end of the turn, at most `timeout` seconds; returns whether it is over."""
        with self.rest():
            return super().wait(timeout)

    def step(self, doing: str = "", limit_s: float | None = None) -> None:
        """Begin a step that may take `limit_s` seconds; `doing` follows "while" in a sentence."""
        if not super().is_set():
            self._health.pulse.beat(self._limit_s if limit_s is None else limit_s, doing)

    @contextmanager
    def rest(self) -> Generator[None]:
        """Wait for something else within the block, as long as it takes."""
        if not super().is_set():
            self._health.pulse.rest()
        yield
        self.step()


class DatabaseThread:
    """Runs one function until told to stop. `start` and `stop` belong to the event loop's thread."""

    def __init__(
        self,
        name: str,
        run: Callable[[Turn], None],
        limit_s: float,
        wake: Callable[[], None] = lambda: None,
        health: LoopHealth | None = None,
        step_limit_s: float = STEP_LIMIT_S,
    ) -> None:
        """Keep what it needs; starts nothing.

        Args:
            name: Of the thread.
            run: Loops until the turn given is over; waits on nothing but that and what `wake` ends. Asks
                `turn.is_set()` after each wait for the database before it changes anything.
            limit_s: How long `stop` waits for it.
            wake: Called by `stop` once the turn is over, and when another thread takes over.
            health: Where the watchdog finds this thread; None: nobody looks after it.
            step_limit_s: A thread that shows no life for longer is replaced.
        """
        self._name = name
        self._run = run
        self._limit_s = limit_s
        self._wake = wake
        self._health = health or LoopHealth()
        self._step_limit_s = step_limit_s
        self._lock = threading.Lock()
        self._is_stopped = False
        self._left_behind: weakref.WeakSet[threading.Thread] = weakref.WeakSet()
        self._turn: Turn | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread."""
        with self._lock:
            self._begin_turn()
            self._health.revive = self.replace

    def stop(self) -> None:
        """End the thread after what it is doing, but wait no longer than the limit. Blocks; safe twice."""
        with self._lock:
            self._is_stopped = True
            self._health.revive = None
            self._health.pulse.rest()
            thread, self._thread = self._thread, None
            if self._turn is not None:
                self._turn.set()
        self._wake()
        if thread is not None:
            thread.join(self._limit_s)
            if thread.is_alive():
                # A frozen database may keep it for minutes; the thread is a daemon and ends with the process.
                _log.warning("The thread %s had not ended when the station stopped", self._name)

    def replace(self) -> None:
        """Give the thread up that hangs, and start another. Any thread may call."""
        with self._lock:
            if self._is_stopped or self._turn is None or self._thread is None:
                return
            self._left_behind.add(self._thread)
            self._turn.set()
            self._begin_turn()
        self._wake()

    @property
    def thread(self) -> threading.Thread | None:
        """The thread at work; None before `start` and after `stop`."""
        return self._thread

    def may_go_on(self, doing: str = "") -> bool:
        """Show life before and after a wait for the database; False: given up meanwhile, change nothing."""
        with self._lock:
            if threading.current_thread() in self._left_behind:
                return False
            if self._turn is not None and threading.current_thread() is self._thread:
                self._turn.step(doing)
            return True

    def is_left_behind(self) -> bool:
        """Return whether the calling thread is one that was given up: it must change nothing any more."""
        return threading.current_thread() in self._left_behind

    def _begin_turn(self) -> None:
        self._turn = turn = Turn(self._health, self._step_limit_s)
        self._thread = thread = threading.Thread(target=self._run, args=(turn,), name=self._name, daemon=True)
        self._health.pulse.thread = thread
        turn.step()
        thread.start()
