"""A new database knows nobody: asks for its first administrator, once."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLineEdit, QPushButton

from console.bridge.session_state import SessionState
from console.frame.entrance_card import EntranceCard
from console.frame.typed_text import LONGEST_EMAIL, LONGEST_NAME, LONGEST_PASSWORD, whole
from console.widgets.form_row import FormRow
from console.widgets.password_field import PasswordField
from console.widgets.theme import ThemeSource

_INTRODUCTION = "This database is new. Its first administrator can do everything, and adds everybody else."
_RULE = "At least 10 characters; several words are best."


def name_fault(name: str) -> str:
    """Return what is wrong with a name; empty where nothing is."""
    return "" if name.strip() else "Type the name that stands beside what this person does."


def email_fault(email: str) -> str:
    """Return what is wrong with an e-mail address; empty where nothing can be seen from here."""
    before, at, after = email.strip().partition("@")
    if not email.strip():
        return "Type the e-mail address to sign in with."
    if not (before and at and after) or "@" in after or any(letter.isspace() for letter in email.strip()):
        return "This is no e-mail address; one looks like name@company.example."
    return ""


def password_fault(password: str, email: str, name: str) -> str:
    """Return why a password will not be accepted; empty where it will."""
    # Here, not above: they bring a database library along, which the first painting does not wait for.
    from models.errors import Rejected
    from models.passwords import check_password

    if not password:
        return "Type a password."
    try:
        check_password(password, email=email, name=name)
    except Rejected as error:
        return str(error)
    return ""


class FirstAdminPage(EntranceCard):
    """Shown on the embedded database only, and only until somebody has a password.

    Attributes:
        wanted: Make this administrator (name, e-mail, password).
    """

    wanted = Signal(str, str, str)

    def __init__(self, theme_source: ThemeSource) -> None:
        super().__init__(theme_source, "first-admin", "Create the first administrator", _INTRODUCTION)
        self._name = QLineEdit()
        self._name.setObjectName("first-admin-name")
        self._name.setMaxLength(LONGEST_NAME)
        self._email = QLineEdit()
        self._email.setObjectName("first-admin-email")
        self._email.setMaxLength(LONGEST_EMAIL)
        self._password = PasswordField("first-admin-password")
        self._again = PasswordField("first-admin-again")
        for field in (self._password, self._again):
            field.setMaxLength(LONGEST_PASSWORD)
        self._rows = {
            self._name: FormRow("&Name", self._name, theme_source),
            self._email: FormRow("&E-mail address", self._email, theme_source, "You sign in with it."),
            self._password: FormRow("&Password", self._password, theme_source, _RULE),
            self._again: FormRow("Password &again", self._again, theme_source),
        }
        self._go = QPushButton("Create and sign in")
        self._go.setObjectName("first-admin-go")
        self._go.setDefault(True)
        self._go.clicked.connect(self._submit)
        for field, row in self._rows.items():
            self.body.addWidget(row)
            field.returnPressed.connect(self._go_on)
            field.textEdited.connect(lambda _text, row=row: row.set_error(""))
        self.body.addWidget(self._go)

    def show_state(self, state: SessionState) -> None:
        """Follow the session."""
        for part in (*self._rows.values(), self._go):
            part.setEnabled(not state.is_busy)
        self.set_busy(is_busy=state.is_busy)
        self.set_about(state.place, state.cautions)
        self.line.say("Creating the administrator…" if state.is_busy else state.sentence)

    def forget(self) -> None:
        """Empty the passwords."""
        self._password.forget()
        self._again.forget()

    def showEvent(self, event: QShowEvent) -> None:
        """Be ready for typing."""
        super().showEvent(event)
        self._name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _go_on(self) -> None:
        """Enter leads to the next field that is empty, and from the last one on."""
        empty = next((field for field in self._rows if not field.text()), None)
        if empty is not None:
            empty.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self._submit()

    def _submit(self) -> None:
        name, email = whole(self._name.text()).strip(), whole(self._email.text()).strip()
        password, again = whole(self._password.text()), whole(self._again.text())
        faults = {
            self._name: name_fault(name),
            self._email: email_fault(email),
            self._password: password_fault(password, email, name),
            self._again: "" if again == password else "The two passwords are not the same.",
        }
        for field, fault in faults.items():
            self._rows[field].set_error(fault)
        wrong = next((field for field, fault in faults.items() if fault), None)
        if wrong is not None:
            wrong.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.wanted.emit(name, email, password)
