"""A short form over the window: fields that are checked in place, one verb, and a way out.

The dialog stays open until what came back confirms the change: whoever opened it hears `submitted`, sets it
busy, and then closes it with `accept` or says with `refuse` why not, beside what was typed.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from console.widgets.fonts import BODY_PX, text_font
from console.widgets.form_row import FormRow
from console.widgets.password_field import PasswordField
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource

Check = Callable[[], str]
"""Returns what is wrong with a field, or an empty sentence."""


class FormDialog(QDialog):
    """One question to a person, with fields.

    Attributes:
        submitted: The verb was said and every field passed its check.
    """

    submitted = Signal()

    def __init__(self, name: str, title: str, verb: str, theme_source: ThemeSource, parent: QWidget) -> None:
        """Lay the frame out; `add_row` and `add_widget` fill it.

        Args:
            name: Object name.
            title: One sentence: what will be different afterwards, and for whom.
            verb: What the button says: "Add person", never "OK".
            theme_source: The theme in use.
            parent: Whose window is blocked meanwhile.
        """
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(verb)
        self.setAccessibleName(verb)
        self.setAccessibleDescription(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.theme_source = theme_source
        self._is_busy = False
        self._checks: list[tuple[FormRow, QWidget, Check]] = []
        self._title = plain_label(title)
        self._title.setObjectName(f"{name}-title")
        self._title.setWordWrap(True)
        self._title.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        self._content = QVBoxLayout()
        self._content.setSpacing(8)
        self._said = plain_label()
        self._said.setObjectName(f"{name}-said")
        self._said.setWordWrap(True)
        self._said.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
        self._said.hide()
        self._go = QPushButton(verb)
        self._go.setObjectName(f"{name}-go")
        self._cancel = QPushButton("Cancel")
        self._cancel.setObjectName(f"{name}-cancel")
        self._cancel.setAutoDefault(False)
        buttons = QDialogButtonBox()
        buttons.addButton(self._go, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self._cancel, QDialogButtonBox.ButtonRole.RejectRole)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(self._title)
        layout.addLayout(self._content)
        layout.addWidget(self._said)
        layout.addStretch(1)
        layout.addWidget(buttons)
        # Only now: a button that is not in its dialog yet loses the default with the first change of focus.
        self._go.setDefault(True)
        buttons.accepted.connect(self._submit)
        buttons.rejected.connect(self.reject)
        self.finished.connect(self._forget)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._is_busy

    def add_row(self, label: str, field: QWidget, check: Check | None = None, hint: str = "") -> FormRow:
        """Put a labelled field below the others; a field that was wrong is checked again as it changes."""
        row = FormRow(label, field, self.theme_source, hint)
        self._content.addWidget(row)
        if check is not None:
            self._checks.append((row, field, check))
            if isinstance(field, QLineEdit | QPlainTextEdit):
                field.textChanged.connect(lambda: row.error and row.set_error(check()))
            elif isinstance(field, QComboBox):
                field.currentIndexChanged.connect(lambda: row.error and row.set_error(check()))
                field.editTextChanged.connect(lambda: row.error and row.set_error(check()))
        return row

    def add_widget(self, widget: QWidget) -> None:
        """Put anything else below the fields."""
        self._content.addWidget(widget)

    def start_at_cancel(self) -> None:
        """Let Enter do nothing by accident; the verb is one Tab away."""
        self._go.setDefault(False)
        self._go.setAutoDefault(True)
        self._cancel.setAutoDefault(True)
        self._cancel.setDefault(True)
        QWidget.setTabOrder(self._cancel, self._go)
        self._cancel.setFocus(Qt.FocusReason.OtherFocusReason)

    def hide_cancel(self) -> None:
        """Leave one way out: the verb."""
        self._cancel.hide()

    def set_busy(self, words: str) -> None:
        """Show that the change is on its way; nothing can be typed until it was answered."""
        self._set_busy(busy=True)
        self._show_said(words)

    def refuse(self, sentence: str) -> None:
        """Say why the change did not happen; everything typed is still there, to be mended."""
        self._set_busy(busy=False)
        self._show_said(sentence)
        fields = self._fields()
        (fields[0] if fields else self._go).setFocus(Qt.FocusReason.OtherFocusReason)

    def report(self, sentence: str) -> None:
        """Say what came of it, and stay open for the next."""
        self.refuse(sentence)

    def check(self) -> bool:
        """Say beside each field what is wrong with it; the first that is gets the keyboard."""
        wrong: list[QWidget] = []
        for row, field, check in self._checks:
            row.set_error(check() if row.isVisibleTo(self) else "")
            if row.error:
                wrong.append(field)
        if wrong:
            wrong[0].setFocus(Qt.FocusReason.OtherFocusReason)
        return not wrong

    def sizeHint(self) -> QSize:
        """Wide enough for an e-mail address and a sentence on two lines."""
        return super().sizeHint().expandedTo(QSize(520, 0))

    def event(self, event: QEvent) -> bool:
        """Grow with what was put in or said: wrapped lines would be cut off instead."""
        answer = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest and self.hasHeightForWidth():
            needed = self.heightForWidth(self.width())
            if needed > self.height():
                self.resize(self.width(), needed)
        return answer

    def _submit(self) -> None:
        if not self.is_busy and self._go.isEnabled() and self.check():
            self.submitted.emit()

    def _set_busy(self, *, busy: bool) -> None:
        self._is_busy = busy
        for field in (*self._fields(), self._go):
            field.setEnabled(not busy)

    def _show_said(self, sentence: str) -> None:
        self._said.setText(sentence)
        self._said.setAccessibleName(sentence)
        self._said.setVisible(bool(sentence))

    def _fields(self) -> Sequence[QWidget]:
        written = [text for text in self.findChildren(QPlainTextEdit) if not text.isReadOnly()]
        return [*self.findChildren(QLineEdit), *self.findChildren(QComboBox), *written]

    def _forget(self) -> None:
        for field in self.findChildren(PasswordField):
            field.forget()
