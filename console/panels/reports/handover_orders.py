"""Writing, signing and throwing away handovers: asks what must be asked first, and says what came of it."""

from dataclasses import replace

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from console.bridge.bridge import Bridge
from console.bridge.handover_commands import (
    DiscardHandover,
    TakeOver,
    TakeSignatureBack,
    WriteHandover,
)
from console.panels.reports.sign_dialog import SignDialog
from console.widgets.confirm import Confirm
from console.widgets.theme import ThemeSource
from models.records.handover import Handover


class HandoverOrders(QObject):
    """One dialog at a time.

    Attributes:
        said: One sentence: what was done, or why not.
        settled: The handover as it is kept now (Handover), or None where it is gone.
        closed: A dialog was closed: the keyboard belongs to the page again.
    """

    said = Signal(str)
    settled = Signal(object)
    closed = Signal()

    def __init__(self, bridge: Bridge, theme_source: ThemeSource, window: QWidget) -> None:
        """Store what is needed; `window` is blocked by dialogs."""
        super().__init__(window)
        self._bridge = bridge
        self._themes = theme_source
        self._window = window
        self._dialog: SignDialog | None = None

    def save(self, command: WriteHandover) -> None:
        """Keep a draft."""
        self._order(command, "The draft is kept; it is yours until you sign it.")

    def hand_over(self, command: WriteHandover) -> None:
        """Sign as who hands over; the second person signs in the same dialog, or later."""
        person = self._bridge.person
        if person is None or self._dialog is not None:
            return
        title = f"The {command.shift.name} shift is handed over."
        dialog = self._open(SignDialog(title, person.name, self._themes, self._window, may_wait=True))
        dialog.submitted.connect(lambda: self._sign(dialog, replace(command, is_signed=True)))

    def take_over(self, kept: Handover) -> None:
        """Sign as who takes over: the person signed in, or, at the first one's window, with a password."""
        person, outgoing = self._bridge.person, kept.outgoing
        if person is None or outgoing is None or self._dialog is not None:
            return
        if outgoing.person_id == person.id:
            title = f"The {kept.shift.name} shift is taken over."
            dialog = SignDialog(title, outgoing.name, self._themes, self._window, may_wait=False)
            self._open(dialog).submitted.connect(lambda: self._countersign(dialog, kept))
            return
        self._confirm(
            f"You take the {kept.shift.name} shift over from {outgoing.name}, as you read it here. What both "
            "have signed never changes.",
            "Take over",
            TakeOver(kept.id, kept.digest),
            f"You have taken over from {outgoing.name}.",
        )

    def take_back(self, kept: Handover) -> None:
        """Take the own signature back."""
        self._order(TakeSignatureBack(kept.id), "Your signature is taken back; it is a draft again.")

    def discard(self, kept: Handover) -> None:
        """Throw a draft away."""
        self._confirm(
            f"The draft for the {kept.shift.name} shift and its notes are gone for good.",
            "Discard the draft",
            DiscardHandover(kept.id),
            "The draft is gone.",
        )

    def _confirm(self, consequence: str, verb: str, command: TakeOver | DiscardHandover, done: str) -> None:
        question = Confirm(consequence, verb, parent=self._window)
        question.accepted.connect(lambda: self._order(command, done))
        question.finished.connect(self.closed)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.open()

    def _order(
        self, command: WriteHandover | TakeOver | TakeSignatureBack | DiscardHandover, done: str
    ) -> None:
        def take(kept: Handover | None) -> None:
            self.said.emit(done)
            self.settled.emit(kept)

        self._bridge.command(command, take, self.said.emit, self)

    def _open(self, dialog: SignDialog) -> SignDialog:
        self._dialog = dialog
        dialog.finished.connect(self._on_closed)
        dialog.open()
        return dialog

    def _on_closed(self) -> None:
        self._dialog = None
        self.closed.emit()

    def _sign(self, dialog: SignDialog, command: WriteHandover) -> None:
        dialog.set_busy("Signing…")

        def take(kept: Handover) -> None:
            if isValid(dialog) and dialog.email:
                self._countersign(dialog, kept)
                return
            if isValid(dialog):
                dialog.accept()
            self.said.emit("Signed by you; it waits for the person taking over.")
            self.settled.emit(kept)

        def refuse(sentence: str) -> None:
            if isValid(dialog):
                dialog.refuse(sentence)
            else:
                self.said.emit(sentence)

        self._bridge.command(command, take, refuse, self)

    def _countersign(self, dialog: SignDialog, kept: Handover) -> None:
        dialog.set_busy("The person taking over signs…")
        outgoing = kept.outgoing.name if kept.outgoing else ""

        def take(signed: Handover) -> None:
            if isValid(dialog):
                dialog.accept()
            incoming = signed.incoming.name if signed.incoming else ""
            self.said.emit(f"Signed by {outgoing} and {incoming}.")
            self.settled.emit(signed)

        def refuse(sentence: str) -> None:
            words = f"{sentence} {outgoing} has signed; the person taking over has not yet."
            self.settled.emit(kept)
            if isValid(dialog):
                # What the first person signed stands; the second may try again, or sign later.
                dialog.submitted.disconnect()
                dialog.submitted.connect(lambda: self._countersign(dialog, kept))
                dialog.refuse(words)
            else:
                self.said.emit(words)

        command = TakeOver(kept.id, kept.digest)
        self._bridge.command_as(dialog.email, dialog.password, command, take, refuse, self)
