"""One thread for what blocks while people sign in and out: opening the database, checking a password."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from models.errors import StorageBug, StorageError

_STOP_WITHIN_S = 15.0
"""Creating a database takes a few seconds and must not be cut off half-way."""
_MISTAKE = "This could not be done because of a mistake in this program; the log has the details."

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    """What came of one piece of work, and who wants to know."""

    take: Callable[[Any], None]
    refuse: Callable[[StorageError], None]
    result: Any = None
    failure: StorageError | None = None


class SignInWorker(QObject):
    """Does one thing after the other; answers arrive on the thread that this object lives on."""

    _answered = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="sign-in")
        # Queued: `_answered` is emitted on the worker.
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def is_stopped(self) -> bool:
        """Whether no answer will be delivered any more. Any thread may ask."""
        return self._stop.is_set()

    def do(
        self, work: Callable[[], Any], take: Callable[[Any], None], refuse: Callable[[StorageError], None]
    ) -> None:
        """Do `work` on the thread; then `take` its result here, or `refuse` with its error."""
        if not self.is_stopped:
            self._pool.submit(lambda: self.tell(_outcome(work, take, refuse)))

    def tell(self, answer: _Answer) -> None:
        """Deliver an answer. Called on the thread."""
        if not self.is_stopped and isValid(self):
            self._answered.emit(answer)

    def report(self, take: Callable[[Any], None], result: Any) -> None:
        """Tell how far a piece of work has come. Called on the thread."""
        self.tell(_Answer(take, lambda _error: None, result))

    def pause(self, seconds: float) -> None:
        """Wait on the thread, but no longer than until the stop."""
        self._stop.wait(seconds)

    def stop(self, last: Callable[[], None]) -> None:
        """Deliver nothing more; do one last thing, and wait for it. Safe twice."""
        if self.is_stopped:
            return
        self._stop.set()
        done = self._pool.submit(last)
        self._pool.shutdown(wait=False)
        try:
            done.result(_STOP_WITHIN_S)
        except TimeoutError:
            _log.warning("The database was not left within %.0f s", _STOP_WITHIN_S)
        except StorageError as error:
            _log.warning("The database was not left: %s", error)

    def _deliver(self, answer: _Answer) -> None:
        if self.is_stopped:
            return
        if answer.failure is None:
            answer.take(answer.result)
        else:
            answer.refuse(answer.failure)


def _outcome(
    work: Callable[[], Any], take: Callable[[Any], None], refuse: Callable[[StorageError], None]
) -> _Answer:
    try:
        return _Answer(take, refuse, result=work())
    except StorageError as error:
        return _Answer(take, refuse, failure=error)
    except Exception:  # noqa: BLE001 - a named net: without an answer the page would wait for ever
        _log.exception("Signing in or out failed")
        return _Answer(take, refuse, failure=StorageBug(_MISTAKE))
