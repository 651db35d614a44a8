"""Acknowledging from the banner: at once, after a question, or with the comment that the site asks for."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from console.bridge.bridge import Bridge
from console.bridge.commands import AcknowledgeAlerts
from console.bridge.station_orders import KEPT
from console.frame.urgency import is_waiting
from console.panels.alerts.comment_dialog import CommentDialog
from console.panels.alerts.consequence import acknowledge_consequence, line_of, outcome_sentence
from console.panels.wording import count_text
from console.widgets.confirm import Confirm
from console.widgets.theme import ThemeSource
from models.records.alert import Alert, AlertId, AlertOutcome


class BannerOrders(QObject):
    """Keeps what is on its way, so that nothing is ordered twice.

    Attributes:
        told: A sentence for the notice line: who was first, or why nothing happened.
        changed: Something is on its way, or no longer.
    """

    told = Signal(str)
    changed = Signal()

    def __init__(self, bridge: Bridge, theme_source: ThemeSource, window: QWidget) -> None:
        """Store what is needed; `window` is what questions are shown over."""
        super().__init__(window)
        self._bridge = bridge
        self._themes = theme_source
        self._window = window
        self._pending: frozenset[AlertId] = frozenset()

    @property
    def has_pending(self) -> bool:
        """Whether any order is on its way."""
        return bool(self._pending)

    def is_pending(self, alert: Alert) -> bool:
        """Whether an order about it is on its way."""
        return alert.id in self._pending

    def may_acknowledge(self, alert: Alert) -> bool:
        """Whether somebody has to take note of it, and this person may."""
        return is_waiting(alert) and self._bridge.may_handle(alert)

    def acknowledge(self, alert: Alert) -> None:
        """Acknowledge one alert; asks for words first where its threshold does."""
        if alert.requires_comment:
            self._ask_comment([alert])
        else:
            self._send((alert.id,))

    def ask_about(self, alerts: Sequence[Alert]) -> None:
        """Acknowledge several after a question.

        Only those that it lists: what is raised while the question stands open has not been seen.
        """
        if any(alert.requires_comment for alert in alerts):
            self._ask_comment(alerts)
            return
        question = Confirm(
            acknowledge_consequence(alerts),
            f"Acknowledge {count_text(len(alerts), 'alert')}",
            [line_of(alert) for alert in alerts],
            parent=self._window,
        )
        ids = tuple(alert.id for alert in alerts)
        question.accepted.connect(lambda: self._send(ids))
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.open()

    def _ask_comment(self, alerts: Sequence[Alert]) -> None:
        ids = tuple(alert.id for alert in alerts)
        dialog = CommentDialog(
            f"{acknowledge_consequence(alerts)} The site asks for a comment.",
            f"Acknowledge {count_text(len(alerts), 'alert')}",
            [line_of(alert) for alert in alerts],
            self._themes,
            self._window,
        )

        def take(outcomes: Sequence[AlertOutcome]) -> None:
            dialog.accept()
            self._tell(outcomes)

        def send() -> None:
            dialog.set_busy("Acknowledging…")
            self._bridge.command(AcknowledgeAlerts(ids, dialog.comment), take, dialog.refuse, dialog)

        dialog.submitted.connect(send)
        dialog.open()

    def _send(self, ids: tuple[AlertId, ...]) -> None:
        new = tuple(id for id in ids if id not in self._pending)
        if not new:
            return
        self._pending |= frozenset(new)
        self.changed.emit()

        def take(outcomes: Sequence[AlertOutcome]) -> None:
            self._settle(new)
            self._tell(outcomes)

        def refuse(sentence: str) -> None:
            self._settle(new)
            self.told.emit(f"Not acknowledged: {sentence}")

        self._bridge.command(AcknowledgeAlerts(new), take, refuse, self)

    def _settle(self, ids: tuple[AlertId, ...]) -> None:
        self._pending -= frozenset(ids)
        self.changed.emit()

    def _tell(self, outcomes: Sequence[AlertOutcome]) -> None:
        refused = [outcome.text for outcome in outcomes if not outcome.is_changed]
        if any(outcome.text == KEPT for outcome in outcomes):
            self.told.emit(outcome_sentence(outcomes, "acknowledged"))
        elif refused:
            self.told.emit(refused[0] if len(refused) == 1 else f"{refused[0]} (and {len(refused) - 1} more)")
