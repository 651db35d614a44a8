"""Writes a file on a worker thread and tells the window when it is done."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal


class FileJob(QObject):
    """One file to be written.

    Attributes:
        ended: One sentence: what was written, or why it could not be.
    """

    ended = Signal(str)

    def __init__(self, write: Callable[[], str], parent: QObject) -> None:
        """Store `write`: runs on another thread, returns the sentence to show, may raise OSError."""
        super().__init__(parent)
        self._write = write

    def start(self) -> None:
        """Begin."""
        QThreadPool.globalInstance().start(_Run(self._write, self.ended.emit))


class _Run(QRunnable):
    def __init__(self, write: Callable[[], str], tell: Callable[[str], None]) -> None:
        super().__init__()
        self._write = write
        self._tell = tell

    def run(self) -> None:
        try:
            sentence = self._write()
        except OSError as error:
            sentence = f"The file could not be written: {error.strerror or error}. Choose another folder."
        try:
            self._tell(sentence)
        except RuntimeError:
            # The window was closed meanwhile, and with it whoever wanted to know; the file is complete.
            return
