"""What can be done about alerts, from the question before it to the sentence after: one place for every list.

Lists say which alerts; this asks what must be asked (consequence, comment, reason, password), gives the order
to the bridge and says what came of it. An order is pending until what came back confirms it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from console.bridge.alert_commands import CommentAlerts, ShelveThresholds, UnshelveThresholds
from console.bridge.bridge import Bridge
from console.bridge.commands import AcknowledgeAlerts, Command, ResolveAlerts
from console.panels.alerts.alert_questions import AskShelfReasons
from console.panels.alerts.alert_rows import is_to_reset, needs_comment
from console.panels.alerts.comment_dialog import CommentDialog
from console.panels.alerts.consequence import (
    acknowledge_consequence,
    acknowledgeable,
    line_of,
    outcome_sentence,
    shelvable,
    shelved_sentence,
    unshelved_sentence,
)
from console.panels.alerts.order_answer import close_form, refuse_in_form
from console.panels.alerts.shelve_dialog import ShelveDialog
from console.panels.wording import count_text, moment_from_unix
from console.widgets import confirm
from console.widgets.confirm import Ask
from console.widgets.form_dialog import FormDialog
from console.widgets.theme import ThemeSource
from models.records.alert import Alert, AlertId, AlertOutcome
from models.records.rights import Action
from models.records.shelf import Shelf, ShelfOutcome

T = TypeVar("T")


class AlertOrders(QObject):
    """Acknowledge, comment, shelve, unshelve, resolve.

    Attributes:
        said: One sentence about what was asked for or what came of it; empty: what was said before is past.
        pending: Alerts for which an order is on its way, and what to say instead of their state.
        settled: Alerts for which it is not any more, without having changed them.
    """

    said = Signal(str)
    pending = Signal(object, str)
    settled = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        now: Callable[[], float],
        window: QWidget,
        ask: Ask = confirm.ask,
    ) -> None:
        """Store what is needed; `window` is what the questions are shown over."""
        super().__init__(window)
        self._bridge = bridge
        self._themes = theme_source
        self._now = now
        self._window = window
        self._ask = ask

    @property
    def may_act(self) -> bool:
        """Whether this person may do anything about any alert."""
        return self._bridge.may_somewhere(Action.HANDLE_ALERTS)

    def of_mine(self, alerts: Sequence[Alert]) -> list[Alert]:
        """Return those that this person may handle."""
        return [alert for alert in alerts if self._bridge.may_handle(alert)]

    def acknowledge(self, alerts: Sequence[Alert]) -> None:
        """Take note of alerts; of more than one only after the consequence was shown."""
        if not self.may_act:
            return
        wanted = acknowledgeable(self.of_mine(alerts))
        if not wanted:
            self.said.emit("The selected alerts have been acknowledged already.")
            return
        ids = tuple(alert.id for alert in wanted)
        verb = f"Acknowledge {count_text(len(wanted), 'alert')}"
        consequence = acknowledge_consequence(wanted)
        if needs_comment(wanted):
            consequence = f"{consequence} The site asks for a comment."
            self._ask_comment(
                consequence, verb, wanted, lambda words: AcknowledgeAlerts(ids, words), "acknowledged"
            )
        elif len(wanted) == 1 or self._ask(self._window, consequence, verb, _lines(wanted)):
            self._order(AcknowledgeAlerts(ids), ids, "Acknowledging…", "acknowledged")

    def resolve(self, alerts: Sequence[Alert]) -> None:
        """Close alerts, latched ones are reset; the database refuses those whose condition still stands."""
        wanted = self.of_mine(alerts)
        if not wanted:
            return
        ids = tuple(alert.id for alert in wanted)
        is_reset = all(is_to_reset(alert) for alert in wanted)
        word, doing, done = (
            ("Reset", "Resetting…", "reset") if is_reset else ("Resolve", "Resolving…", "resolved")
        )
        verb = f"{word} {count_text(len(wanted), 'alert')}"
        consequence = (
            f"{count_text(len(wanted), 'alert')} will be closed for everybody, "
            "except those whose condition still stands."
        )
        if needs_comment(wanted):
            consequence = f"{consequence} The site asks for a comment."
            self._ask_comment(consequence, verb, wanted, lambda words: ResolveAlerts(ids, words), done)
        elif len(wanted) == 1 or self._ask(self._window, consequence, verb, _lines(wanted)):
            self._order(ResolveAlerts(ids), ids, doing, done)

    def comment(self, alerts: Sequence[Alert]) -> None:
        """Write words into the journal of alerts."""
        wanted = self.of_mine(alerts)
        if not wanted:
            return
        ids = tuple(alert.id for alert in wanted)
        subject = count_text(len(wanted), "alert")
        title = f"Your words go into the journal of {subject}, for everybody to read."
        dialog = CommentDialog(title, f"Comment {subject}", _lines(wanted), self._themes, self._window)

        def send() -> None:
            dialog.set_busy("Writing…")
            self._bridge.command(CommentAlerts(ids, dialog.comment), take, self._refusing(dialog), self)

        def take(done: Sequence[AlertId]) -> None:
            close_form(dialog)
            self.said.emit(f"Comment written to {count_text(len(done), 'alert')}.")

        dialog.submitted.connect(send)
        dialog.open()

    def shelve(self, alerts: Sequence[Alert]) -> None:
        """Set the alerts of thresholds aside, for a reason and a time."""
        mine = self.of_mine(alerts)
        wanted = shelvable(mine)
        if not wanted:
            if mine:
                self.said.emit(_why_not_shelved(mine))
            return
        settings = self._bridge.alarm_settings
        dialog = ShelveDialog(wanted, settings, self._moment, self._themes, self._window)
        dialog.reason_field.offer(_reasons(self._bridge.shelves))
        question = AskShelfReasons(self._moment())
        self._bridge.ask(question, dialog.reason_field.offer, lambda _sentence: None, dialog)
        dialog.submitted.connect(lambda: self._send_shelving(dialog, wanted))
        dialog.open()

    def unshelve(self, shelves: Sequence[Shelf]) -> None:
        """Take alerts from the shelf; of more than one only after the consequence was shown."""
        if not shelves:
            return
        subject = count_text(len(shelves), "alert")
        consequence = f"{subject} will come back for everybody; what still stands flashes and sounds again."
        lines = [f"{shelf.device_name} · {shelf.reason}" for shelf in shelves]
        if len(shelves) > 1 and not self._ask(self._window, consequence, f"Unshelve {subject}", lines):
            return
        ids = tuple(shelf.threshold for shelf in shelves)
        self.said.emit("Taking from the shelf…")
        self._bridge.command(
            UnshelveThresholds(ids),
            lambda done: self.said.emit(unshelved_sentence(len(ids), len(done))),
            self.said.emit,
            self,
        )

    # -- private ---------------------------------------------------------------------------------------

    def _moment(self) -> datetime:
        return moment_from_unix(self._now())

    def _ask_comment(
        self,
        consequence: str,
        verb: str,
        wanted: Sequence[Alert],
        make: Callable[[str], Command[list[AlertOutcome]]],
        done: str,
    ) -> None:
        dialog = CommentDialog(consequence, verb, _lines(wanted), self._themes, self._window)
        ids = [alert.id for alert in wanted]

        def send() -> None:
            dialog.set_busy("On its way…")
            self.pending.emit(ids, "On its way…")
            self._bridge.command(make(dialog.comment), take, refuse, self)

        def take(outcomes: list[AlertOutcome]) -> None:
            close_form(dialog)
            self._tell(outcomes, done)

        def refuse(sentence: str) -> None:
            self.settled.emit(ids)
            refuse_in_form(dialog, sentence, self.said.emit)

        dialog.submitted.connect(send)
        dialog.open()

    def _send_shelving(self, dialog: ShelveDialog, wanted: Sequence[Alert]) -> None:
        ids = tuple(alert.threshold for alert in wanted if alert.threshold is not None)
        until, once = dialog.duration.until, dialog.is_one_shot
        order = ShelveThresholds(ids, dialog.reason_field.words, dialog.duration.seconds, once)

        def take(outcomes: list[ShelfOutcome]) -> None:
            close_form(dialog)
            self.said.emit(shelved_sentence(outcomes, until, self._moment(), once=once))

        if dialog.needs_signature:
            password = dialog.password.take()
            dialog.set_busy("Checking your password and shelving…")
            self._bridge.command_signed(password, order, take, self._refusing(dialog), self)
        else:
            dialog.set_busy("Shelving…")
            self._bridge.command(order, take, self._refusing(dialog), self)

    def _refusing(self, dialog: FormDialog) -> Callable[[str], None]:
        return lambda sentence: refuse_in_form(dialog, sentence, self.said.emit)

    def _order(
        self, command: Command[list[AlertOutcome]], ids: Sequence[AlertId], pending: str, done: str
    ) -> None:
        self.pending.emit(ids, pending)
        self.said.emit("")

        def refuse(sentence: str) -> None:
            self.settled.emit(ids)
            self.said.emit(sentence)

        self._bridge.command(command, lambda outcomes: self._tell(outcomes, done), refuse, self)

    def _tell(self, outcomes: Sequence[AlertOutcome], done: str) -> None:
        # What changed stays pending until `alerts_changed` brings it back; the rest will not come.
        self.settled.emit([outcome.alert for outcome in outcomes if not outcome.is_changed])
        self.said.emit(outcome_sentence(outcomes, done))


def _lines(alerts: Sequence[Alert]) -> list[str]:
    return [line_of(alert) for alert in alerts]


def _reasons(shelves: Sequence[Shelf]) -> list[str]:
    newest_first = sorted(shelves, key=lambda shelf: shelf.shelved_at, reverse=True)
    return [shelf.reason for shelf in newest_first]


def _why_not_shelved(alerts: Sequence[Alert]) -> str:
    if any(alert.shelved_until is not None for alert in alerts):
        return "Already on the shelf; U takes it from there."
    return "Nothing here can be shelved: the alert is over, or its limit was removed."
