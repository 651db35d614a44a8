"""One run of a station that this window started: how it is started, when it ended, and why.

*attached*: a child that ends with the window. *detached*: a process that outlives the window; it is ours to
watch all the same, because whoever starts a process may ask how it ended.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QSocketNotifier, QTimer, Signal

from console.station.exit_codes import ALREADY_RUNNING

_LOOK_MS = 250
_WORDS_BYTES = 4096
_ERROR_FILE_BYTES = 1024 * 1024
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


@dataclass(frozen=True, slots=True)
class StationEnd:
    """How a run ended.

    Attributes:
        code: Exit code; None where a signal ended it, or it never began.
        signal: Number of the signal that ended it; None for none.
        words: The last line it said on stderr, or why it never began.
    """

    code: int | None = None
    signal: int | None = None
    words: str = ""

    @property
    def is_already_running(self) -> bool:
        """Whether it left the field to another station, as it should."""
        return self.code == ALREADY_RUNNING

    def __str__(self) -> str:
        """Say it in one sentence without its full stop."""
        words = f": {self.words.rstrip('.')}" if self.words else ""
        if self.signal is not None:
            return f"The station was killed ({_signal_name(self.signal)}{words})"
        if self.code is None:
            return f"The station could not be started{words}"
        return f"The station ended with code {self.code}{words}"


def last_words(stderr: str) -> str:
    """Return the last line a process said, shortened to what fits a status line."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""


class AttachedStation(QObject):
    """A station that ends with the window, by the end of its input (`--exit-with-parent`)."""

    ended = Signal(object)  # StationEnd

    def __init__(self, how: StationStart, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._said = b""
        self._news = b""
        self._process = process = QProcess(self)
        process.setProgram(how.program)
        process.setArguments(list(how.arguments))
        environment = QProcessEnvironment.systemEnvironment()
        for name, value in how.environment.items():
            environment.insert(name, value)
        process.setProcessEnvironment(environment)
        process.setStandardOutputFile(QProcess.nullDevice())
        process.readyReadStandardError.connect(self._hear)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)

    @property
    def process_id(self) -> int | None:
        """Its process; None before it began and once it has ended."""
        is_running = self._process.state() != QProcess.ProcessState.NotRunning
        return self._process.processId() if is_running else None

    def start(self) -> None:
        """Start it."""
        self._process.start()

    def news(self) -> str:
        """Return the last line it said on stderr since this was asked before; empty for nothing."""
        self._hear()
        news, self._news = self._news, b""
        return last_words(news.decode(errors="replace"))

    def said(self) -> str:
        """Return the last line it said on stderr."""
        self._hear()
        return last_words(self._said.decode(errors="replace"))

    def kill(self) -> None:
        """End it at once, whatever it does; `ended` follows."""
        self._process.kill()

    def leave(self) -> bool:
        """Ask it to end and wait for some seconds, then make it. Returns whether it ended by itself."""
        if self.process_id is None:
            return True
        self._process.finished.disconnect(self._on_finished)
        self._process.errorOccurred.disconnect(self._on_error)
        self._process.closeWriteChannel()
        if self._process.waitForFinished(_ENDS_WITHIN_MS):
            return True
        self._process.kill()
        self._process.waitForFinished(1_000)
        return False

    def _hear(self) -> None:
        new = bytes(self._process.readAllStandardError().data())
        self._said = (self._said + new)[-_WORDS_BYTES:]
        self._news = (self._news + new)[-_WORDS_BYTES:]

    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        words = self.said()
        is_killed = status == QProcess.ExitStatus.CrashExit
        self.ended.emit(StationEnd(None, code, words) if is_killed else StationEnd(code, None, words))

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.ended.emit(StationEnd(words=f"{self._process.program()}: {self._process.errorString()}"))


class DetachedStation(QObject):
    """A station that goes on when the window closes."""

    ended = Signal(object)  # StationEnd

    def __init__(self, how: StationStart, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._how = how
        self._process: subprocess.Popen[bytes] | None = None
        self._said_before = self._told_before = 0
        self._descriptor: int | None = None
        self._notifier: QSocketNotifier | None = None
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._see)

    @property
    def process_id(self) -> int | None:
        """Its process; None before it began and once it has ended."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    def start(self) -> None:
        """Start it in a session of its own, so that nothing that ends this window ends it, too."""
        how = self._how
        try:
            how.error_file.parent.mkdir(parents=True, exist_ok=True)
            # Appended to: another window's station may be writing there.
            self._said_before = how.error_file.stat().st_size if how.error_file.exists() else 0
            if self._said_before > _ERROR_FILE_BYTES:
                self._said_before = 0
            self._told_before = self._said_before
            with how.error_file.open("ab" if self._said_before else "wb") as errors:
                self._process = subprocess.Popen(
                    [how.program, *how.arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=errors,
                    env={**os.environ, **how.environment},
                    start_new_session=True,
                    creationflags=_own_group(),
                )
        except OSError as error:
            end = StationEnd(words=f"{how.program}: {error.strerror}")
            QTimer.singleShot(0, self, lambda: self.ended.emit(end))
            return
        self._watch(self._process.pid)

    def news(self) -> str:
        """Return the last line it said on stderr since this was asked before; empty for nothing."""
        news, self._told_before = self._said_from(self._told_before)
        return last_words(news)

    def said(self) -> str:
        """Return the last line it said on stderr."""
        return last_words(self._said_from(self._said_before)[0])

    def _said_from(self, place: int) -> tuple[str, int]:
        """Return the end of what it said from there on, and where that ends."""
        try:
            with self._how.error_file.open("rb") as errors:
                errors.seek(place)
                said = errors.read()
                return said[-_WORDS_BYTES:].decode(errors="replace"), place + len(said)
        except OSError:
            return "", place

    def kill(self) -> None:
        """End it at once, whatever it does; `ended` follows."""
        if self._process is not None:
            self._process.kill()

    def leave(self) -> bool:
        """Let it go on without us."""
        self._unwatch()
        if self._process is not None and self._process.poll() is None:
            # It shall outlive us; without this Popen would warn of a child that nobody waited for.
            self._process.returncode = 0
        self._process = None
        return True

    def _watch(self, process_id: int) -> None:
        """Hear of its end: at once where the system can tell (Linux), else by asking now and then."""
        if sys.platform == "linux":
            try:
                self._descriptor = os.pidfd_open(process_id)
            except OSError:
                pass
            else:
                self._notifier = QSocketNotifier(self._descriptor, QSocketNotifier.Type.Read, self)
                self._notifier.activated.connect(self._see)
                return
        self._look.start()

    def _unwatch(self) -> None:
        self._look.stop()
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier.deleteLater()
            self._notifier = None
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _see(self) -> None:
        if self._process is None:
            return
        code = self._process.poll()
        if code is None:
            return
        self._unwatch()
        words = self.said()
        self.ended.emit(StationEnd(None, -code, words) if code < 0 else StationEnd(code, None, words))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _own_group() -> int:
    if sys.platform == "win32":
        return subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    return 0
