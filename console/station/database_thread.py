"""A thread of the station's that talks to the database, and how it is ended although that may not answer."""

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)


class DatabaseThread:
    """Runs one function until told to stop. `start` and `stop` belong to the event loop's thread."""

    def __init__(
        self,
        name: str,
        run: Callable[[threading.Event], None],
        limit_s: float,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """Keep what it needs; starts nothing.

        Args:
            name: Of the thread.
            run: Loops until the event given is set; waits on nothing but that event and what `wake` ends.
            limit_s: How long `stop` waits for it.
            wake: Called by `stop` once the event is set.
        """
        self._name = name
        self._run = run
        self._limit_s = limit_s
        self._wake = wake
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(
            target=self._run, args=(self._stopping,), name=self._name, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End the thread after what it is doing, but wait no longer than the limit. Blocks; safe twice."""
        self._stopping.set()
        self._wake()
        if self._thread is not None:
            self._thread.join(self._limit_s)
            if self._thread.is_alive():
                # A frozen database may keep it for minutes; the thread is a daemon and ends with the process.
                _log.warning("The thread %s had not ended when the station stopped", self._name)
            self._thread = None
