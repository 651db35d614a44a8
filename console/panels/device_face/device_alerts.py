"""The open alerts of one device, each with what can be done about it."""

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.panels.alerts.alert_orders import AlertOrders
from console.panels.alerts.alert_rows import urgency_of
from console.panels.device_face.alert_card import (
    AlertCard,
    CardAction,
    is_shelvable,
    is_shelved,
    is_to_acknowledge,
    is_to_be_reset,
)
from console.widgets.flash import FlashClock
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from models.records.alert import Alert, AlertId


class DeviceAlerts(QWidget):
    """The list, worst first; what is hidden last, with who wants it so and why."""

    def __init__(
        self, bridge: Bridge, theme_source: ThemeSource, flash: FlashClock, now: Callable[[], float]
    ) -> None:
        super().__init__()
        self._bridge = bridge
        self._themes = theme_source
        self._flash = flash
        self._now = now
        self._cards: list[AlertCard] = []
        self._orders = AlertOrders(bridge, theme_source, now, self)
        self._actions = (
            CardAction("acknowledge", "Acknowledge", is_to_acknowledge, self._acknowledge),
            CardAction("reset", "Reset", is_to_be_reset, lambda alert: self._orders.resolve([alert])),
            CardAction("shelve", "Shelve…", is_shelvable, lambda alert: self._orders.shelve([alert])),
            CardAction("unshelve", "Take from the shelf", is_shelved, self._unshelve),
        )
        self._none = QLabel("No open alerts.")
        self._said = plain_label()
        self._said.setObjectName("device-alerts-said")
        self._said.setWordWrap(True)
        self._said.hide()
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._none)
        layout.addLayout(self._list)
        layout.addWidget(self._said)
        self._orders.said.connect(self._say)
        self._orders.pending.connect(self._pend)
        self._orders.settled.connect(lambda ids: self._pend(ids, ""))

    def show_alerts(self, alerts: Sequence[Alert]) -> None:
        """Show these; cards of alerts that did not change stay."""
        wanted = sorted(alerts, key=urgency_of)
        if [card.alert for card in self._cards] == wanted:
            return
        kept = {card.alert: card for card in self._cards}
        self._cards = [kept.pop(alert, None) or self._make_card(alert) for alert in wanted]
        for gone in kept.values():
            gone.hide()
            gone.deleteLater()
        for card in self._cards:
            self._list.removeWidget(card)
            self._list.addWidget(card)
            card.show()
        self._none.setVisible(not wanted)
        self.refresh()

    def forget(self) -> None:
        """Another device is shown: what was said is no longer about it."""
        self._say("")

    def refresh(self) -> None:
        """Bring ages up to date."""
        for card in self._cards:
            card.refresh(self._now(), self._bridge.maintenance)

    def _make_card(self, alert: Alert) -> AlertCard:
        actions = self._actions if self._bridge.may_handle(alert) else ()
        return AlertCard(alert, self._themes, self._flash, actions)

    def _acknowledge(self, alert: Alert) -> None:
        self._orders.acknowledge([alert])

    def _unshelve(self, alert: Alert) -> None:
        self._orders.unshelve([shelf for shelf in self._bridge.shelves if shelf.threshold == alert.threshold])

    def _pend(self, ids: Iterable[AlertId], words: str) -> None:
        wanted = set(ids)
        for card in self._cards:
            if card.alert.id in wanted:
                card.show_pending(words)

    def _say(self, sentence: str) -> None:
        self._said.setText(sentence)
        self._said.setVisible(bool(sentence))
