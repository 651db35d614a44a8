"""The horn: follows the open alerts, tells this workstation's sound desk what to play, can be silenced."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from console.bridge.bridge import Bridge
from console.frame.horn_book import HornBook, HornState


class Horn(QObject):
    """Lives as long as a session: whoever comes next hears what stands, whatever was silenced before.

    Attributes:
        state: What is to be heard; `changed` announces another.
    """

    changed = Signal()

    def __init__(self, bridge: Bridge, now: Callable[[], float], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("horn")
        self._bridge = bridge
        self._now = now
        self._book = HornBook()
        self.state = HornState()
        if bridge.person is not None:
            bridge.sounds.use_person(bridge.person.id)
        bridge.alerts_changed.connect(self._on_alerts_changed)
        self._on_alerts_changed()

    def silence(self) -> None:
        """Stop sounding here until another alert asks. Nobody else hears of it, nothing is acknowledged."""
        self._show(self._book.silence(self._now()))

    def refresh(self) -> None:
        """Let time pass. Call once a second."""
        self._show(self._book.tell(self._now()))
        self._bridge.sounds.refresh()

    def end(self) -> None:
        """Fall silent: the session is over."""
        self._bridge.alerts_changed.disconnect(self._on_alerts_changed)
        self._bridge.sounds.want(None)

    def _on_alerts_changed(self) -> None:
        self._show(self._book.take(self._bridge.alerts, self._now()))

    def _show(self, state: HornState) -> None:
        self._bridge.sounds.want(state.sound)
        if state != self.state:
            self.state = state
            self.changed.emit()
