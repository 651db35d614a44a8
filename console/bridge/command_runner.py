"""Questions and commands off the window's thread: one object, whose callbacks land back on it.

Until the database has been opened, jobs wait; they fail with its sentence when it cannot be opened.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from console.bridge.history_place import answer
from models.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from console.bridge.counter_signature import CounterSignature
    from console.bridge.signature import Signature
    from models.database import Database

WORKERS = 2
_STOP_WITHIN_S = 2.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One question with the callbacks of the object that asked; signed, where that is asked."""

    question: Callable[[Connection], Any]
    on_done: Callable[[Any], None]
    on_failed: Callable[[str], None]
    owner: QObject
    signature: Signature | CounterSignature | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: a result, or a sentence."""

    job: Job
    result: Any
    failure: str | None


class CommandRunner(QObject):
    """Runs jobs on worker threads, each in one transaction. Everything public is for the window's thread."""

    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._database: Database | None = None
        self._waiting: list[Job] = []
        self._running: set[Future[None]] = set()
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="question")
        self._is_stopped = False
        # Queued: `_finished` is emitted on a worker, its slot runs on the thread that this object lives on.
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def use(self, database: Database) -> None:
        """Work with this database from now on, beginning with what waits."""
        self._database = database
        waiting, self._waiting = self._waiting, []
        for job in waiting:
            self._send(job, database)

    def refuse_waiting(self, sentence: str) -> None:
        """Fail the jobs that wait for a database: it cannot be opened, for this reason."""
        waiting, self._waiting = self._waiting, []
        for job in waiting:
            self._finished.emit(Outcome(job, None, sentence))

    def run(self, job: Job) -> None:
        """Carry out one job; its callbacks come later, never from inside this call."""
        if self._is_stopped:
            return
        if self._database is None:
            self._waiting.append(job)
        else:
            self._send(job, self._database)

    def run_beside(self, work: Callable[[], Any], on_done: Callable[[Any], None], owner: QObject) -> None:
        """Do what needs no database and takes its time, as reading a file; `on_done` as in `Job`."""
        if self._is_stopped:
            return
        job = Job(lambda _connection: work(), on_done, lambda _sentence: None, owner)
        self._submit(lambda: self._finish(job, work))

    @property
    def is_running(self) -> bool:
        """Whether a worker has not come back yet: this object must live on for as long."""
        return bool(self._running)

    def leave(self) -> None:
        """Forget what waits, and deliver nothing more. Returns at once. Safe twice."""
        self._is_stopped = True
        self._waiting.clear()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._database = None

    def stop(self) -> None:
        """Leave, and wait a moment for what runs. Safe twice."""
        self.leave()
        wait(set(self._running), timeout=_STOP_WITHIN_S)

    def _send(self, job: Job, database: Database) -> None:
        self._submit(lambda: self._finish(job, lambda: _answered(job, database)))

    def _submit(self, work: Callable[[], None]) -> None:
        future = self._pool.submit(work)
        self._running.add(future)
        future.add_done_callback(self._running.discard)

    def _finish(self, job: Job, work: Callable[[], Any]) -> None:
        try:
            outcome = Outcome(job, work(), None)
        except StorageError as error:
            outcome = Outcome(job, None, str(error))
        except Exception:  # noqa: BLE001 - a named net: one broken question must not end the worker
            _log.exception("The question %s failed", getattr(job.question, "__qualname__", job.question))
            outcome = Outcome(
                job,
                None,
                "This could not be done because of a mistake in this program; the log has the details.",
            )
        if not self._is_stopped and isValid(self):
            self._finished.emit(outcome)

    def _deliver(self, outcome: Outcome) -> None:
        if self._is_stopped or not isValid(outcome.job.owner):
            return
        if outcome.failure is None:
            outcome.job.on_done(outcome.result)
        else:
            outcome.job.on_failed(outcome.failure)


def _answered(job: Job, database: Database) -> Any:
    if job.signature is None:
        return answer(job.question, database)
    with job.signature.transaction(database) as connection:
        return job.question(connection)
