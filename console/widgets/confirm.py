"""Ask before something is written: the consequence first, the way out always there."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label

Ask = Callable[[QWidget, str, str, Sequence[str]], bool]
"""Shows a consequence and returns whether the person wants it: parent, consequence, verb, what it touches."""

_SHOWN_LINES = 12


class Confirm(QDialog):
    """A question with one consequence, what it touches, and two buttons: the verb, and cancel.

    Use `ask` from a slot, or `open()` with the `accepted` signal. Enter on opening does nothing by accident:
    the focus starts on cancel. The verb is one Tab away, and Enter on it means it.
    """

    def __init__(
        self,
        consequence: str,
        verb: str,
        affected: Sequence[str] = (),
        comment_label: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """Lay the question out.

        Args:
            consequence: One sentence: what will be different afterwards, and for whom.
            verb: What the button says: "Acknowledge 12 alerts", never "OK".
            affected: What is touched, a line each; a long list scrolls.
            comment_label: Shows a field for a comment under this label; empty = none.
        """
        super().__init__(parent)
        self.setObjectName("confirm")
        self.setWindowTitle(verb)
        self.setAccessibleName(verb)
        self.setAccessibleDescription(consequence)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(12)
        title = plain_label(consequence)
        title.setWordWrap(True)
        title.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        layout.addWidget(title)
        if affected:
            layout.addWidget(_list_of(affected))
        self._comment = QPlainTextEdit()
        self._comment.setObjectName("confirm-comment")
        self._comment.setTabChangesFocus(True)
        self._comment.setFixedHeight(64)
        if comment_label:
            label = QLabel(comment_label)
            label.setBuddy(self._comment)
            self._comment.setAccessibleName(comment_label)
            layout.addWidget(label)
            layout.addWidget(self._comment)
        buttons = QDialogButtonBox()
        go = QPushButton(verb)
        go.setObjectName("confirm-go")
        cancel = QPushButton("Cancel")
        cancel.setObjectName("confirm-cancel")
        buttons.addButton(go, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        QWidget.setTabOrder(cancel, go)
        cancel.setDefault(True)
        cancel.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def comment(self) -> str:
        """What was typed into the comment field, without blanks at its ends."""
        return self._comment.toPlainText().strip()

    def sizeHint(self) -> QSize:
        """Wide enough for a sentence on two lines, and for an alert of the list on one."""
        return super().sizeHint().expandedTo(QSize(600, 0))


def ask(parent: QWidget, consequence: str, verb: str, affected: Sequence[str] = ()) -> bool:
    """Ask and wait for the answer; the window goes on living meanwhile. True = the person said the verb."""
    dialog = Confirm(consequence, verb, affected, parent=parent)
    try:
        return dialog.exec() == QDialog.DialogCode.Accepted
    finally:
        # A session that ends meanwhile takes its dialogs along.
        if isValid(dialog):
            dialog.deleteLater()


def _list_of(affected: Sequence[str]) -> QPlainTextEdit:
    view = QPlainTextEdit("\n".join(affected))
    view.setObjectName("confirm-affected")
    view.setAccessibleName("what this touches")
    view.setReadOnly(True)
    view.setTabChangesFocus(True)
    view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    view.setFont(text_font(BODY_PX))
    view.ensurePolished()
    lines = min(len(affected), _SHOWN_LINES)
    # One line more than is shown: a line that is too long brings a scroll bar, which must not hide another.
    view.setFixedHeight(view.fontMetrics().lineSpacing() * (lines + 1) + 12)
    return view
