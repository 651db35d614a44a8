"""Keeps on disk what the station would need to begin without the database, on a thread of its own."""

import logging
import threading
from collections.abc import Callable

from console.station.database_thread import DatabaseThread, Turn
from console.station.health import LoopHealth
from console.station.tuning import Tuning

_log = logging.getLogger(__name__)

_PAUSE_S = 1.0
_RETRY_S = 30.0


class MemoryKeeper:
    """Takes the latest of several things to keep, and keeps them, each at most once a second."""

    def __init__(self, tuning: Tuning, health: LoopHealth) -> None:
        """Keep what it needs; starts nothing."""
        self._health = health
        self._due: dict[str, Callable[[], None]] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._hurry = threading.Event()
        self._is_failing = False
        self._thread = DatabaseThread(
            "station-memory", self._run, tuning.thread_limit_s, self._wake_up, health=health
        )

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and keep what waits. Blocks; safe twice."""
        self._thread.stop()
        self._keep_due()

    def put(self, name: str, keep: Callable[[], None], *, is_urgent: bool = False) -> None:
        """Have something kept soon; the next of the same name replaces it. Any thread.

        Args:
            name: What is kept.
            keep: Writes it. Raises OSError where that fails; it is tried again.
            is_urgent: It must not wait for the second to be over.
        """
        with self._lock:
            self._due[name] = keep
        if is_urgent:
            self._hurry.set()
        self._wake.set()

    def _wake_up(self) -> None:
        self._hurry.set()
        self._wake.set()

    def _run(self, turn: Turn) -> None:
        while not turn.is_set():
            with turn.rest():
                self._wake.wait()
            if turn.is_set():
                # The next one must not miss what woke this one.
                self._wake.set()
                return
            self._wake.clear()
            self._hurry.clear()
            turn.step("writing to its memory on the disk")
            pause_s = _PAUSE_S if self._keep_due() else _RETRY_S
            with turn.rest():
                self._hurry.wait(pause_s)

    def _keep_due(self) -> bool:
        """Keep everything that waits; returns whether that worked."""
        with self._lock:
            due, self._due = self._due, {}
        has_failed = False
        for name, keep in due.items():
            try:
                keep()
            except Exception as error:  # noqa: BLE001 - the memory's net: the next attempt may succeed
                self._note(error)
                has_failed = True
                with self._lock:
                    # Unless something newer came meanwhile.
                    self._due.setdefault(name, keep)
                self._wake.set()
            else:
                self._health.passes += 1
        self._is_failing = has_failed
        return not has_failed

    def _note(self, error: Exception) -> None:
        self._health.note_failure(error)
        if not self._is_failing:
            # Said once: a station goes on without a memory, until it has to begin without the database.
            _log.warning(
                "The station cannot keep its plan, so it could not begin without the database: %s",
                error,
                exc_info=not isinstance(error, OSError),
            )
        self._is_failing = True
