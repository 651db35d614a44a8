"""Bursts to an even rhythm: many small changes become at most one signal every 50 ms."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, QTimer, Signal

INTERVAL_MS = 50


class Coalescer(QObject):
    """Collects ids and gives them out as one set; the first at once, then one set an interval."""

    flushed = Signal(object)  # frozenset[int]

    def __init__(self, parent: QObject | None = None, interval_ms: int = INTERVAL_MS) -> None:
        super().__init__(parent)
        self._pending: set[int] = set()
        self._timer = QTimer(self, singleShot=True, interval=interval_ms)
        self._timer.timeout.connect(self._flush)

    def add(self, ids: Iterable[int]) -> None:
        """Take ids in; they are given out now, or together with what comes within the interval."""
        self._pending.update(ids)
        if self._pending and not self._timer.isActive():
            self._flush()

    def stop(self) -> None:
        """Forget what waits. Safe twice."""
        self._timer.stop()
        self._pending.clear()

    def _flush(self) -> None:
        if self._pending:
            ids, self._pending = frozenset(self._pending), set()
            self._timer.start()
            self.flushed.emit(ids)
