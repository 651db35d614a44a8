"""What each protocol offers, asked beside the window's thread: its tools may load a library of seconds."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from console.panels.devices.device_actions import offered_by
from drivers.driver import DriverSpec

NOTHING_YET = frozenset({""})


class ToolOffers(QObject):
    """Asks once a protocol. Belongs to the window's thread.

    Attributes:
        known: What a protocol offers is known now (its kind).
    """

    known = Signal(str)
    _found = Signal(str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._offers: dict[str, frozenset[str]] = {}
        self._asked: set[str] = set()
        self._found.connect(self._take)

    def of(self, spec: DriverSpec | None) -> frozenset[str]:
        """Return what is known by now; where that is nothing yet, `known` tells later."""
        if spec is None:
            return NOTHING_YET
        if spec.kind not in self._asked:
            self._asked.add(spec.kind)
            QThreadPool.globalInstance().start(_Question(spec, self._found.emit))
        return self._offers.get(spec.kind, NOTHING_YET)

    def _take(self, kind: str, offered: frozenset[str]) -> None:
        self._offers[kind] = offered
        self.known.emit(kind)


class _Question(QRunnable):
    def __init__(self, spec: DriverSpec, tell: Callable[[str, object], None]) -> None:
        super().__init__()
        self._spec, self._tell = spec, tell

    def run(self) -> None:
        offered = offered_by(self._spec)
        try:
            self._tell(self._spec.kind, offered)
        except RuntimeError:
            # The session ended meanwhile, and with it whoever wanted to know.
            return
