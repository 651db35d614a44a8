"""What can be asked of rollouts, from the question before it to the sentence after."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget
from shiboken6 import isValid

from console.bridge.bridge import Bridge
from console.bridge.commands import Command
from console.bridge.rollout_commands import OrderRollout
from console.catalogue.rollout_acts import Act
from console.panels.alerts.order_answer import close_form, refuse_in_form
from console.panels.firmware.firmware_questions import RolloutNow
from console.panels.firmware.order_words import ORDERS, Question, question_of
from console.widgets.form_dialog import FormDialog
from console.widgets.theme import ThemeSource
from models.records.device import DeviceId
from models.records.rollout import RolloutId

_LONGEST_REASON = 2000
_LINES_PX = 260


class OrderDialog(FormDialog):
    """The consequence, what it is about, and a reason where the database asks for one."""

    def __init__(self, question: Question, theme_source: ThemeSource, parent: QWidget) -> None:
        super().__init__("rollout-order", question.consequence, question.verb, theme_source, parent)
        self._reason = QLineEdit()
        self._reason.setObjectName("rollout-order-reason")
        self._reason.setMaxLength(_LONGEST_REASON)
        if question.lines:
            self._list(question)
        if question.reason:
            hint = "" if question.needs_reason else "May be left empty."
            check = self._check if question.needs_reason else None
            self.add_row(question.reason, self._reason, check, hint)
            self._reason.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._reason.setParent(None)
            self.start_at_cancel()

    @property
    def reason(self) -> str:
        """As typed."""
        return self._reason.text().strip()

    def _list(self, question: Question) -> None:
        lines = QPlainTextEdit("\n".join(question.lines))
        lines.setObjectName("rollout-order-lines")
        lines.setAccessibleName("what this is about")
        lines.setReadOnly(True)
        lines.setTabChangesFocus(True)
        lines.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        lines.setMinimumSize(640, _LINES_PX)
        self.add_widget(lines)

    def _check(self) -> str:
        return "" if self.reason else "Say why; it stands in the journal."


class RolloutOrders(QObject):
    """One dialog at a time.

    Attributes:
        said: One sentence about what was asked for or what came of it.
        settled: An order was carried out (RolloutId).
    """

    said = Signal(str)
    settled = Signal(object)

    def __init__(self, bridge: Bridge, theme_source: ThemeSource, window: QWidget) -> None:
        """Store what is needed; `window` is what the questions are shown over."""
        super().__init__(window)
        self._bridge = bridge
        self._themes = theme_source
        self._window = window
        self._dialog: FormDialog | None = None

    @property
    def dialog(self) -> FormDialog | None:
        """The question that stands open."""
        return self._dialog if self._dialog is not None and isValid(self._dialog) else None

    def ask(self, act: Act, now: RolloutNow, name_of: Callable[[DeviceId], str]) -> None:
        """Ask about an act on the rollout as the person sees it."""
        if self.dialog is not None:
            return
        question = question_of(act, now, name_of, self._bridge.catalogue.quantities)
        dialog = self._dialog = OrderDialog(question, self._themes, self._window)
        rollout = now.rollout

        def submit() -> None:
            command = OrderRollout(ORDERS[act], rollout.id, rollout.plan_hash, dialog.reason)
            self.send(dialog, command, question.said)

        dialog.submitted.connect(submit)
        dialog.finished.connect(self._forget)
        dialog.open()

    def send(self, dialog: FormDialog, command: Command[RolloutId], said: str) -> None:
        """Carry out what a dialog asked about; it stays open until the database has answered."""
        dialog.set_busy("On its way…")

        def done(rollout: RolloutId) -> None:
            close_form(dialog)
            self.said.emit(said)
            self.settled.emit(rollout)

        self._bridge.command(
            command, done, lambda sentence: refuse_in_form(dialog, sentence, self.said.emit), self
        )

    def _forget(self) -> None:
        self._dialog = None
