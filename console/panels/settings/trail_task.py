"""Long work on the trail: exporting and verifying it, with progress and a way to stop."""

import threading
from collections.abc import Callable
from contextlib import suppress

from PySide6.QtCore import QObject, Signal


class TrailTask(QObject):
    """One piece of work. Its `tell` and `stop` are for the worker, everything else for the window's thread.

    Attributes:
        moved: How many entries are done.
    """

    moved = Signal(int)

    def __init__(self, words: str, total: int, parent: QObject) -> None:
        """Store what it is called, and of how many entries; 0 where that is not known."""
        super().__init__(parent)
        self.words = words
        self.total = total
        self.stop = threading.Event()
        self.destroyed.connect(self._stopper())

    def tell(self, done: int) -> None:
        """Say how far the work is. Called on the worker."""
        # This object may go while the worker is at it; it has set `stop` then.
        with suppress(RuntimeError):
            self.moved.emit(done)

    def _stopper(self) -> Callable[[], None]:
        # A function of its own: bound to this object, it would not be called when the object goes.
        stop = self.stop
        return stop.set
