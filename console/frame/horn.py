"""The horn: follows open alerts and the station's own condition, tells the sound desk what to play."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from console.bridge.bridge import Bridge
from console.frame.horn_book import HornBook, HornState


class Horn(QObject):
    """Lives as long as a session: whoever comes next hears what stands, whatever was silenced before.

    Attributes:
        book: What it knows; another horn of the same session goes on with it.
        state: What is to be heard; `changed` announces another.
    """

    changed = Signal()

    def __init__(
        self,
        bridge: Bridge,
        now: Callable[[], float],
        parent: QObject | None = None,
        book: HornBook | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("horn")
        self._bridge = bridge
        self._now = now
        self.book = book or HornBook()
        self.state = HornState()
        if bridge.person is not None:
            bridge.sounds.use_person(bridge.person.id)
        bridge.alerts_changed.connect(self._on_alerts_changed)
        bridge.link_changed.connect(self._on_link_changed)
        self._on_alerts_changed()
        self._on_link_changed()

    def silence(self) -> None:
        """Stop sounding here until another alert asks. Nobody else hears of it, nothing is acknowledged."""
        self._show(self.book.silence(self._now()))

    def refresh(self) -> None:
        """Let time pass. Call once a second."""
        self._show(self.book.tell(self._now()))
        self._bridge.sounds.refresh()

    def end(self) -> None:
        """Fall silent: the session is over."""
        self._bridge.alerts_changed.disconnect(self._on_alerts_changed)
        self._bridge.link_changed.disconnect(self._on_link_changed)
        self._bridge.sounds.want(None)

    def _on_alerts_changed(self) -> None:
        self._show(self.book.take(self._bridge.alerts, self._now()))

    def _on_link_changed(self) -> None:
        report = self._bridge.link.station
        conditions = () if report is None else report.conditions
        self._show(self.book.take_conditions(conditions, self._now()))

    def _show(self, state: HornState) -> None:
        self._bridge.sounds.want(state.sound)
        if state != self.state:
            self.state = state
            self.changed.emit()
