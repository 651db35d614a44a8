"""Asks for words: a comment for the journal, or the one without which an alert cannot be acknowledged."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from console.panels.alerts.affected_list import affected_list
from console.panels.alerts.comment_field import CommentField
from console.widgets.form_dialog import FormDialog
from console.widgets.theme import ThemeSource


class CommentDialog(FormDialog):
    """Consequence, what it touches, and a field that must not be empty."""

    def __init__(
        self, consequence: str, verb: str, affected: Sequence[str], theme_source: ThemeSource, parent: QWidget
    ) -> None:
        """Lay the form out.

        Args:
            consequence: One sentence: what will be different afterwards, and for whom.
            verb: What the button says.
            affected: What is touched, a line each.
            theme_source: The theme in use.
            parent: Whose window is blocked meanwhile.
        """
        super().__init__("comment-dialog", consequence, verb, theme_source, parent)
        self._field = CommentField("comment-words", "Comment")
        self.add_widget(affected_list(affected))
        self.add_row(
            "Co&mment",
            self._field,
            lambda: self._field.error("a comment"),
            "Kept in the journal under your name. Enter sends, Shift+Enter begins another line.",
        )
        self._field.entered.connect(self.send)
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def comment(self) -> str:
        """What was written."""
        return self._field.words

    def send(self) -> None:
        """As if the button had been pressed."""
        self._submit()
