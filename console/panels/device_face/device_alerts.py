"""The open alerts of one device, each with its acknowledge."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.bridge.commands import AcknowledgeAlerts
from console.panels.alerts.alert_rows import can_acknowledge, since_text, urgency_of
from console.panels.alerts.consequence import outcome_sentence
from console.panels.wording import STATE_WORDS, moment_from_unix
from console.widgets.flash import FlashClock
from console.widgets.plain_text import plain_label
from console.widgets.severity_badge import AlertGroup, SeverityBadge, state_of
from console.widgets.theme import ThemeSource
from models.records.alert import Alert, AlertOutcome


class AlertCard(QWidget):
    """One alert: badge, message, state with its age, and a button while somebody has to take note."""

    def __init__(
        self,
        alert: Alert,
        theme_source: ThemeSource,
        flash: FlashClock,
        acknowledge: Callable[[Alert], None] | None,
    ) -> None:
        """Store the alert, and what its button does; None = it has no button."""
        super().__init__()
        self.setObjectName(f"device-alert-{alert.id}")
        self.alert = alert
        badge = SeverityBadge(theme_source, flash)
        state = state_of(alert)
        badge.set_group(AlertGroup(alert.severity, state, 1) if state is not None else None)
        message = plain_label(alert.message)
        message.setWordWrap(True)
        self._state = plain_label()
        self._state.setWordWrap(True)
        self._button = QPushButton("Acknowledge")
        self._button.setObjectName(f"device-acknowledge-{alert.id}")
        self._button.setAccessibleName(f"Acknowledge: {alert.message}")
        self._button.setVisible(acknowledge is not None and can_acknowledge(alert))
        if acknowledge is not None:
            self._button.clicked.connect(lambda: acknowledge(alert))
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(message)
        words.addWidget(self._state)
        words.addWidget(self._button, alignment=Qt.AlignmentFlag.AlignLeft)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 6)
        layout.setSpacing(8)
        layout.addWidget(badge, alignment=Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)

    def refresh(self, now_unix: float) -> None:
        """Bring the age up to date."""
        since = since_text(self.alert, moment_from_unix(now_unix))
        self._state.setText(f"{STATE_WORDS[state_of(self.alert)]}, for {since}")

    def show_pending(self, words: str) -> None:
        """Say that an order is on its way; an empty text takes it back."""
        self._button.setText(words or "Acknowledge")
        self._button.setEnabled(not words)


class DeviceAlerts(QWidget):
    """The list, worst first."""

    def __init__(
        self, bridge: Bridge, theme_source: ThemeSource, flash: FlashClock, now: Callable[[], float]
    ) -> None:
        super().__init__()
        self._bridge = bridge
        self._themes = theme_source
        self._flash = flash
        self._now = now
        self._cards: list[AlertCard] = []
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
            card.refresh(self._now())

    def _make_card(self, alert: Alert) -> AlertCard:
        act = self._acknowledge if self._bridge.may_handle(alert) else None
        return AlertCard(alert, self._themes, self._flash, act)

    def _acknowledge(self, alert: Alert) -> None:
        self._pend(alert, "Acknowledging…")

        def take(outcomes: list[AlertOutcome]) -> None:
            if not all(outcome.is_changed for outcome in outcomes):
                self._pend(alert, "")
                self._say(outcome_sentence(outcomes, "acknowledged"))

        def refuse(sentence: str) -> None:
            self._pend(alert, "")
            self._say(sentence)

        self._say("")
        self._bridge.command(AcknowledgeAlerts((alert.id,)), take, refuse, self)

    def _pend(self, alert: Alert, words: str) -> None:
        for card in self._cards:
            if card.alert.id == alert.id:
                card.show_pending(words)

    def _say(self, sentence: str) -> None:
        self._said.setText(sentence)
        self._said.setVisible(bool(sentence))
