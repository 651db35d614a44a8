"""The last net: what nobody caught is written down with its traceback, counted, and said in one sentence.

The window stays open: what is on the screen comes from another process, and an operator needs it.
"""

import faulthandler
import logging
import sys
import threading
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler
from shiboken6 import isValid

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}

_log = logging.getLogger(__name__)


class CrashGuard(QObject):
    """Hooks into Python's and Qt's ways of reporting what went wrong. One a process.

    Attributes:
        failures: How many exceptions nobody caught since `install`.
    """

    told = Signal(str)  # one sentence; emitted on any thread, arrives on the receiver's

    def __init__(self, log_file: Path, parent: QObject | None = None) -> None:
        """Store where people find the details."""
        super().__init__(parent)
        self.failures = 0
        self._log_file = log_file
        self._faults: TextIOWrapper | None = None

    def install(self) -> None:
        """Hook in; a hard crash from now on leaves every thread's stack in a file beside the log."""
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        sys.unraisablehook = self._on_unraisable
        qInstallMessageHandler(self._on_qt_message)
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        self._faults = self._log_file.with_suffix(".faults.txt").open("a", encoding="utf-8")
        faulthandler.enable(self._faults)

    def uninstall(self) -> None:
        """Unhook. Safe twice."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        sys.unraisablehook = sys.__unraisablehook__
        qInstallMessageHandler(None)
        if self._faults is not None:
            faulthandler.disable()
            self._faults.close()
            self._faults = None

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if isinstance(error, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        self._note(error, "the window")

    def _on_thread_exception(self, arguments: threading.ExceptHookArgs) -> None:
        if isinstance(arguments.exc_value, Exception):
            self._note(arguments.exc_value, arguments.thread.name if arguments.thread else "a thread")

    def _on_unraisable(self, arguments: "sys.UnraisableHookArgs") -> None:
        if arguments.exc_value is not None:
            self._note(arguments.exc_value, arguments.err_msg or "clearing up")

    def _note(self, error: BaseException, place: str) -> None:
        self.failures += 1
        _log.error("Nobody caught failure %d, in %s", self.failures, place, exc_info=error)
        if isValid(self):
            self.told.emit(
                f"Something in this window went wrong; recording goes on. Details are in {self._log_file}."
            )

    def _on_qt_message(self, kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        _log.log(_LEVELS.get(kind, logging.WARNING), "Qt %s: %s", context.category or "", text)
