"""A field for what must not be read again: once stored it is only known to be there.

What is stored comes in sealed. Left alone, the very same value goes out again, so that whoever saves knows
that nothing was changed.
"""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QWidget

from console.widgets.password_field import PasswordField
from console.widgets.spec_form_fields import Kind, SpecField
from console.widgets.spec_form_input import SpecInput
from console.widgets.spec_form_special import ask_file, fill_from_file
from models.records.device import JsonValue
from models.secret_names import is_sealed

_PEM_PX = 74


class SecretInput(SpecInput):
    """Shows a field to type in, or that something is stored, with Replace… and Remove."""

    def __init__(self, field: SpecField, choose_file: Callable[[QWidget], Path | None] = ask_file) -> None:
        self._choose_file = choose_file
        self._is_long = field.kind is Kind.PEM
        self._typed: PasswordField | QPlainTextEdit
        if self._is_long:
            self._typed = QPlainTextEdit()
            self._typed.setFixedHeight(_PEM_PX)
            self._typed.setTabChangesFocus(True)
            self._typed.setPlaceholderText("-----BEGIN PRIVATE KEY-----")
        else:
            self._typed = PasswordField("")
        super().__init__(field, self._typed)
        name = f"spec-{field.name.replace('_', '-')}"
        self._stored: JsonValue = None
        self._is_kept = False
        self._is_read_only = False
        self._words = QLabel("stored, encrypted")
        self._words.setObjectName(f"{name}-stored")
        self._replace = QPushButton("Replace…")
        self._replace.setObjectName(f"{name}-replace")
        self._replace.setAccessibleName(f"Replace {field.title}")
        self._remove = QPushButton("Remove")
        self._remove.setObjectName(f"{name}-remove")
        self._remove.setAccessibleName(f"Remove {field.title}")
        self._read = QPushButton("From file…")
        self._read.setObjectName(f"{name}-file")
        self._read.setAccessibleName(f"Read {field.title} from a file")
        self._keep = QPushButton("Keep stored")
        self._keep.setObjectName(f"{name}-keep")
        self._keep.setAccessibleName(f"Keep the stored {field.title}")
        for part in (self._words, self._replace, self._remove, self._read, self._keep):
            self.row.addWidget(part)
        self.row.addStretch(0)
        self._typed.textChanged.connect(self.edited)
        self._replace.clicked.connect(self._begin_replacing)
        self._remove.clicked.connect(self._begin_replacing)
        self._keep.clicked.connect(self._keep_stored)
        self._read.clicked.connect(self._read_file)
        self._follow()

    @property
    def is_kept(self) -> bool:
        """Whether what is stored stays."""
        return self._is_kept

    def value(self) -> JsonValue:
        """Return the stored value as it came, what was typed instead, or None."""
        if self._is_kept:
            return self._stored
        text = self._typed.toPlainText().strip() if isinstance(self._typed, QPlainTextEdit) else ""
        return (text if isinstance(self._typed, QPlainTextEdit) else self._typed.text()) or None

    def show_value(self, value: JsonValue) -> None:
        """Show that something is stored; a text that was only typed stands there as dots."""
        self._stored = value if is_sealed(value) else None
        self._is_kept = self._stored is not None
        text = value if isinstance(value, str) else ""
        self.quietly(lambda: self._set_text(text))
        self._follow()

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let it be looked at only."""
        self._is_read_only = is_read_only
        self._typed.setReadOnly(is_read_only)
        self._follow()

    def _set_text(self, text: str) -> None:
        if isinstance(self._typed, QPlainTextEdit):
            self._typed.setPlainText(text)
        else:
            self._typed.setText(text)

    def _begin_replacing(self) -> None:
        self._is_kept = False
        self._follow()
        if self.sender() is self._replace:
            self._typed.setFocus()
        self.edited.emit()

    def _read_file(self) -> None:
        path = self._choose_file(self)
        if path is not None and isinstance(self._typed, QPlainTextEdit):
            fill_from_file(self._typed, path)

    def _keep_stored(self) -> None:
        self._is_kept = True
        self.quietly(lambda: self._set_text(""))
        self._follow()
        self._replace.setFocus()
        self.edited.emit()

    def _follow(self) -> None:
        is_stored = self._stored is not None
        self._typed.setVisible(not self._is_kept)
        self._words.setVisible(self._is_kept)
        self._replace.setVisible(self._is_kept and not self._is_read_only)
        self._remove.setVisible(self._is_kept and not self._is_read_only and not self.field.is_required)
        self._read.setVisible(self._is_long and not self._is_kept and not self._is_read_only)
        self._keep.setVisible(is_stored and not self._is_kept and not self._is_read_only)
        if isinstance(self._typed, PasswordField):
            self._typed.setPlaceholderText("will be removed" if is_stored and not self._is_kept else "")
        self.row.setStretch(self.row.count() - 1, 1 if self._is_kept else 0)
