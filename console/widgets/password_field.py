"""A field for a password: hidden, not offered to the clipboard's or the keyboard's memory, and forgotten."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget


class PasswordField(QLineEdit):
    """Shows dots. Nobody but `take` and `text` reads what was typed; it is never part of a repr or a log."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhHiddenText
            | Qt.InputMethodHint.ImhNoAutoUppercase
            | Qt.InputMethodHint.ImhNoPredictiveText
        )

    def set_shown(self, *, shown: bool) -> None:
        """Show the letters, or dots."""
        self.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)

    def take(self) -> str:
        """Return what was typed, and forget it."""
        typed = self.text()
        self.forget()
        return typed

    def forget(self) -> None:
        """Empty the field for good."""
        # Not `clear()`: that could be taken back with Ctrl+Z.
        self.setText("")
