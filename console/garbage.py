"""Python's garbage collection, on the window's thread only.

The reader will object that it runs by itself: it does, on whichever thread happens to allocate. A worker that
takes apart a cycle with a QObject in it destroys that object on the wrong thread, and the program crashes.
"""

import gc

from PySide6.QtCore import QObject, QTimer

LOOK_EVERY_MS = 200


class GarbageCollection(QObject):
    """Takes the place of automatic collection while started. Everything is for the window's thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=LOOK_EVERY_MS)
        self._timer.timeout.connect(self._collect_if_due)

    def start(self) -> None:
        """Collect from here only."""
        gc.disable()
        self._timer.start()

    def settle(self) -> None:
        """Take what exists by now to stay for ever; looking through it would hold up the window."""
        gc.freeze()

    def stop(self) -> None:
        """Let Python collect by itself again. Safe twice."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def _collect_if_due(self) -> None:
        """Follow the same thresholds as the automatic collection, oldest generation first."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if counts[generation] > thresholds[generation]:
                gc.collect(generation)
                return
