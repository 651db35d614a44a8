"""Reads a span of registers again and again, each time a second after the answer before."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from console.panels.devices.asking import StopsAsking
from drivers.workbench import Registers, RegisterSpan

AGAIN_MS = 1000


class AskRegisters(Protocol):
    """Asks for registers; exactly one of the callbacks comes later, on the window's thread."""

    def __call__(
        self, span: RegisterSpan, on_done: Callable[[Registers], None], on_failed: Callable[[str], None], /
    ) -> StopsAsking:
        """Ask once."""
        ...


class RegisterReader(QObject):
    """Never has two questions under way.

    Attributes:
        came: A reading (RegisterSpan, Registers).
        failed: Why there is none, one sentence; it is tried again.
    """

    came = Signal(object, object)
    failed = Signal(str)

    def __init__(self, ask: AskRegisters, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ask = ask
        self._span: RegisterSpan | None = None
        self._question: StopsAsking | None = None
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(self._read)

    @property
    def is_reading(self) -> bool:
        """Whether it goes on."""
        return self._span is not None

    def read(self, span: RegisterSpan) -> None:
        """Read this span from now on, at once for the first time."""
        self.stop()
        self._span = span
        self._read()

    def stop(self) -> None:
        """Read no more. Safe twice."""
        self._span = None
        self._again.stop()
        question, self._question = self._question, None
        if question is not None:
            question.stop()

    def _read(self) -> None:
        span = self._span
        if span is None:
            return
        self._question = self._ask(
            span, lambda registers: self._on_came(span, registers), lambda text: self._on_failed(span, text)
        )

    def _on_came(self, span: RegisterSpan, registers: Registers) -> None:
        if span is self._span:
            self._question = None
            self._again.start()
            self.came.emit(span, registers)

    def _on_failed(self, span: RegisterSpan, sentence: str) -> None:
        if span is self._span:
            self._question = None
            self._again.start()
            self.failed.emit(sentence)
