"""Starts a station when none answers on this computer, and again when it ends.

Two ways: *attached*, the station is this window's child and ends with it (demo, tour); *detached*, it goes on
collecting after the last window closes, as a plant needs it. Either way the feed's socket tells whether a
station is there, so a station that somebody started by hand is used as it is.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal
from PySide6.QtNetwork import QLocalSocket

_log = logging.getLogger(__name__)

FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 500, 30_000
SETTLED_AFTER_S = 60.0
_ANSWERS_WITHIN_MS = 15_000
"""A station that was started answers only after the database is there, which may have to be created."""
_ENDS_WITHIN_MS = 4_000


@dataclass(frozen=True, slots=True)
class StationStart:
    """How to start a station.

    Attributes:
        program: Executable.
        arguments: Without the program.
        environment: Variables beside those of this process: what must not show in the list of processes.
        socket_name: Where a station of this computer listens.
        error_file: Where a detached station's stderr goes; its last line is shown when it ends.
        is_attached: Whether the station ends with this window.
    """

    program: str
    arguments: Sequence[str]
    error_file: Path
    is_attached: bool
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    socket_name: str = ""


def next_pause_ms(pause_ms: int, lived_s: float) -> int:
    """Return how long to wait before the start after next: doubled, unless the station had settled."""
    if lived_s >= SETTLED_AFTER_S:
        return FIRST_PAUSE_MS
    return min(pause_ms * 2, LONGEST_PAUSE_MS)


def last_words(stderr: str) -> str:
    """Return the last line a process said, shortened to what fits a status line."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""


class StationChild(QObject):
    """Keeps a station running for as long as the window is open. Lives on the window's thread."""

    told = Signal(str)  # one sentence: what is being done about the missing station

    def __init__(
        self, start: StationStart, monotonic: Callable[[], float], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._how = start
        self._monotonic = monotonic
        self._pause_ms = FIRST_PAUSE_MS
        self._started_at = 0.0
        self._is_answering = False
        self._is_stopped = True
        self._process: QProcess | None = None
        self._next = QTimer(self, singleShot=True)
        self._next.timeout.connect(self._start)
        self._knock = QLocalSocket(self)
        self._knock.connected.connect(lambda: self._on_knocked(is_there=True))
        self._knock.errorOccurred.connect(lambda _error: self._on_knocked(is_there=False))

    @property
    def process_id(self) -> int | None:
        """The attached station's process; None while there is none, or it is detached."""
        running = self._process is not None and self._process.state() != QProcess.ProcessState.NotRunning
        return self._process.processId() if self._process and running else None

    def begin(self) -> None:
        """From now on start a station whenever none answers."""
        self._is_stopped = False

    def on_link(self, is_connected: bool) -> None:  # noqa: FBT001
        """Hear from the feed whether a station answers; starts one where none does."""
        self._is_answering = is_connected
        if self._is_stopped:
            return
        if is_connected:
            self._next.stop()
        elif self.process_id is None and not self._next.isActive():
            self._plan_start(0 if not self._started_at else self._pause_ms)

    def look(self) -> None:
        """Find out whether a station is there while nobody talks to it; starts one where none is."""
        if not self._is_stopped and self._knock.state() == QLocalSocket.LocalSocketState.UnconnectedState:
            self._knock.connectToServer(self._how.socket_name)

    def stop(self) -> None:
        """Start no more; an attached station is asked to end, and made to after some seconds. Safe twice."""
        self._is_stopped = True
        self._next.stop()
        self._knock.abort()
        process, self._process = self._process, None
        if process is None or process.state() == QProcess.ProcessState.NotRunning:
            return
        process.finished.disconnect(self._on_finished)
        process.errorOccurred.disconnect(self._on_error)
        # The end of its input tells the station to write what it holds and leave (`--exit-with-parent`).
        process.closeWriteChannel()
        if not process.waitForFinished(_ENDS_WITHIN_MS):
            _log.warning("The station did not end by itself; process %d is killed", process.processId())
            process.kill()
            process.waitForFinished(1_000)

    def _on_knocked(self, *, is_there: bool) -> None:
        if is_there:
            self._knock.abort()
        self.on_link(is_there)

    def _plan_start(self, pause_ms: int) -> None:
        if self._next.isActive():
            return
        self._next.start(pause_ms)

    def _start(self) -> None:
        if self._is_stopped or self._is_answering:
            return
        lived_s = self._monotonic() - self._started_at if self._started_at else 0.0
        if self._started_at:
            self._pause_ms = next_pause_ms(self._pause_ms, lived_s)
        self._started_at = self._monotonic()
        self.told.emit("Starting the station…")
        process = QProcess(self)
        process.setProgram(self._how.program)
        process.setArguments(list(self._how.arguments))
        environment = QProcessEnvironment.systemEnvironment()
        for name, value in self._how.environment.items():
            environment.insert(name, value)
        process.setProcessEnvironment(environment)
        if self._how.is_attached:
            self._start_attached(process)
        else:
            self._start_detached(process)

    def _start_attached(self, process: QProcess) -> None:
        process.setStandardOutputFile(QProcess.nullDevice())
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process = process
        process.start()

    def _start_detached(self, process: QProcess) -> None:
        self._how.error_file.parent.mkdir(parents=True, exist_ok=True)
        process.setStandardInputFile(QProcess.nullDevice())
        process.setStandardOutputFile(QProcess.nullDevice())
        process.setStandardErrorFile(str(self._how.error_file))
        # WORKAROUND(PySide6 6.11.3): the stubs promise a pair, the call returns the bool alone.
        is_started = bool(process.startDetached())
        process.deleteLater()
        if not is_started:
            self._say_ended(f"{self._how.program} could not be started")
        # A detached process does not report its end: if it does not answer in time, it is started again.
        self._plan_start(max(self._pause_ms, _ANSWERS_WITHIN_MS))

    def _on_finished(self, exit_code: int) -> None:
        if self._process is None:
            return
        words = last_words(bytes(self._process.readAllStandardError().data()).decode(errors="replace"))
        self._process.deleteLater()
        self._process = None
        self._say_ended(words or f"it ended with code {exit_code}")
        self._plan_start(self._pause_ms)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            self._process.deleteLater()
            self._process = None
            self._say_ended(f"{self._how.program} could not be started")
            self._plan_start(self._pause_ms)

    def _say_ended(self, reason: str) -> None:
        _log.warning("The station ended: %s", reason)
        self.told.emit(
            f"The station stopped ({reason.rstrip('.')}); starting it again in {self._pause_ms / 1000:g} s."
        )
