"""How an administrator gives somebody a password: made for them and shown once, or typed twice."""

import secrets

from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from console.panels.settings.person_words import again_error, password_error
from console.widgets.form_dialog import FormDialog
from console.widgets.password_field import PasswordField

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another when read out: no l, 1, o, 0, i
_GROUPS, _LETTERS_A_GROUP = 4, 5


def made_password() -> str:
    """Return a random password of 99 bits that can be read out: "k7mfq-2hxpt-9wvcd-4nrbz"."""
    return "-".join(
        "".join(secrets.choice(_LETTERS) for _ in range(_LETTERS_A_GROUP)) for _ in range(_GROUPS)
    )


class PasswordChoice:
    """Puts its fields into a dialog; they are emptied when it closes."""

    def __init__(self, dialog: FormDialog, prefix: str) -> None:
        """Add the fields.

        Args:
            dialog: Gets them below what it has.
            prefix: Of the object names.
        """
        self._is_made = QCheckBox("&Generate a password and show it once")
        self._is_made.setObjectName(f"{prefix}-generate")
        self._is_made.setChecked(True)
        self._first = PasswordField(f"{prefix}-password")
        self._second = PasswordField(f"{prefix}-again")
        self._is_shown = QCheckBox("&Show what is typed")
        self._is_shown.setObjectName(f"{prefix}-show")
        self._typed = QWidget()
        dialog.add_widget(self._is_made)
        first = dialog.add_row("&Password", self._first, self._first_error, RULES)
        second = dialog.add_row("Password a&gain", self._second, self._second_error)
        column = QVBoxLayout(self._typed)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (first, second, self._is_shown):
            column.addWidget(widget)
        dialog.add_widget(self._typed)
        self._typed.hide()
        self._is_made.toggled.connect(lambda is_made: self._typed.setVisible(not is_made))
        self._is_shown.toggled.connect(self._show)
        self.email = ""
        self.name = ""

    @property
    def is_made(self) -> bool:
        """Whether the password is made here, and so must be shown."""
        return self._is_made.isChecked()

    def password(self) -> str:
        """Return a new random password, or the one that was typed."""
        return made_password() if self.is_made else self._first.text()

    def _first_error(self) -> str:
        return password_error(self._first.text(), self.email, self.name)

    def _second_error(self) -> str:
        return again_error(self._first.text(), self._second.text())

    def _show(self, is_shown: bool) -> None:  # noqa: FBT001 - Qt's signal
        for field in (self._first, self._second):
            field.set_shown(shown=is_shown)


RULES = "At least 10 characters, not the name or the e-mail address. Several words are good."
