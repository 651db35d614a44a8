"""The form in which a person gives themselves another password."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.bridge.people_commands import ChangeOwnPassword
from console.panels.settings.page_parts import Advice, heading
from console.panels.settings.password_choice import RULES
from console.panels.settings.person_words import again_error, password_error, strength_text
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.form_row import FormRow
from console.widgets.password_field import PasswordField
from console.widgets.theme import ThemeSource

_SAID_MS = 15_000


class OwnPassword(QWidget):
    """Old password, new one twice. What was typed is forgotten once it was used, and when nobody looks."""

    def __init__(self, bridge: Bridge, theme_source: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("own-password")
        self._bridge = bridge
        self._old = PasswordField("own-password-old")
        self._new = PasswordField("own-password-new")
        self._again = PasswordField("own-password-again")
        self._old_row = FormRow("Current &password", self._old, theme_source)
        self._new_row = FormRow("&New password", self._new, theme_source, RULES)
        self._again_row = FormRow("New password a&gain", self._again, theme_source)
        self._is_shown = QCheckBox("Sh&ow what is typed")
        self._is_shown.setObjectName("own-password-show")
        self._go = QPushButton("&Change password")
        self._go.setObjectName("own-password-go")
        self._said = QLabel()
        self._said.setObjectName("own-password-said")
        self._said.setWordWrap(True)
        self._said.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
        self._forget_said = QTimer(self, singleShot=True, interval=_SAID_MS)
        self._forget_said.timeout.connect(self._said.clear)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(heading("Change your password"))
        layout.addWidget(
            Advice(
                "Windows you have open elsewhere go on; the next sign-in needs the new one.",
                theme_source,
            )
        )
        for row in (self._old_row, self._new_row, self._again_row):
            layout.addWidget(row)
        layout.addWidget(self._is_shown)
        layout.addSpacing(4)
        layout.addWidget(self._go)
        layout.addWidget(self._said)
        layout.addStretch(1)
        self._is_shown.toggled.connect(self._show_letters)
        self._old.textChanged.connect(lambda: self._old_row.set_error(""))
        self._new.textChanged.connect(self._on_new_typed)
        self._again.textChanged.connect(lambda: self._again_row.set_error(""))
        self._go.clicked.connect(self.change)
        for field in (self._old, self._new, self._again):
            field.returnPressed.connect(self.change)

    def change(self) -> None:
        """Check what was typed; then ask the database for it."""
        person = self._bridge.person
        if person is None or not self._go.isEnabled() or not self._check():
            return
        old, new = self._old.text(), self._new.text()
        self._set_busy(busy=True)
        self._say("Changing your password…")

        def take(is_old_right: bool) -> None:  # noqa: FBT001 - what the command returns
            self._set_busy(busy=False)
            if is_old_right:
                self.forget()
                self._bridge.session.password_changed(new)
                self._say("Your password was changed.")
            else:
                self._say("")
                self._old_row.set_error("This is not your current password; type it again.")
                self._old.setFocus()
                self._old.selectAll()

        def refuse(sentence: str) -> None:
            self._set_busy(busy=False)
            self._say(sentence)

        self._bridge.command(ChangeOwnPassword(person, old, new), take, refuse, self)

    def forget(self) -> None:
        """Empty the fields for good."""
        for field in (self._old, self._new, self._again):
            field.forget()
        for row in (self._old_row, self._new_row, self._again_row):
            row.set_error("")
        self._is_shown.setChecked(False)

    def focus_first(self) -> None:
        """Put the keyboard on the first field."""
        self._old.setFocus()

    def _check(self) -> bool:
        person = self._bridge.person
        self._old_row.set_error("" if self._old.text() else "Type your current password.")
        email, name = ("", "") if person is None else (person.email, person.name)
        self._new_row.set_error(password_error(self._new.text(), email, name))
        self._again_row.set_error(again_error(self._new.text(), self._again.text()))
        wrong = [
            field
            for row, field in (
                (self._old_row, self._old),
                (self._new_row, self._new),
                (self._again_row, self._again),
            )
            if row.error
        ]
        if wrong:
            wrong[0].setFocus()
        return not wrong

    def _on_new_typed(self, typed: str) -> None:
        self._new_row.set_error("")
        self._new_row.set_hint(strength_text(len(typed)) if typed else RULES)

    def _set_busy(self, *, busy: bool) -> None:
        for widget in (self._old, self._new, self._again, self._go):
            widget.setEnabled(not busy)

    def _say(self, sentence: str) -> None:
        self._said.setText(sentence)
        self._said.setAccessibleName(sentence)
        self._forget_said.start()

    def _show_letters(self, is_shown: bool) -> None:  # noqa: FBT001 - Qt's signal
        for field in (self._old, self._new, self._again):
            field.set_shown(shown=is_shown)
