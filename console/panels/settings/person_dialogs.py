"""The forms of the Users section. Each says its consequence first, and gives out a command."""

from dataclasses import dataclass

from PySide6.QtWidgets import QApplication, QComboBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from console.bridge.people_commands import (
    AddPerson,
    AnonymisePerson,
    ChangeRole,
    EditPerson,
    ResetPassword,
    SwitchPerson,
)
from console.panels.settings.page_parts import Advice
from console.panels.settings.password_choice import PasswordChoice
from console.panels.settings.person_words import (
    ANONYMISE_CONSEQUENCES,
    a_role,
    abilities_text,
    email_error,
    name_error,
    short_name,
    stored_now,
)
from console.widgets.form_dialog import FormDialog
from console.widgets.theme import ThemeSource
from models.records.account import Account
from models.records.person import Role

PersonCommand = AddPerson | EditPerson | ChangeRole | SwitchPerson | ResetPassword | AnonymisePerson


@dataclass(frozen=True, slots=True)
class Order:
    """What a form asks for.

    Attributes:
        person: Whom it is about; None = somebody new.
        pending: Said in the table until it is confirmed: "Disabling…".
        done: One sentence for afterwards.
        shown_once: A password that was made for the person; empty where none was.
    """

    command: PersonCommand
    person: int | None
    pending: str
    done: str
    shown_once: str = ""

    def __repr__(self) -> str:
        return f"Order({self.command!r}, {self.person!r})"


class PersonDialog(FormDialog):
    """A form about one person."""

    def __init__(
        self, name: str, title: str, verb: str, account: Account, theme_source: ThemeSource, parent: QWidget
    ) -> None:
        super().__init__(name, title, verb, theme_source, parent)
        self.account = account
        self._fresh = Advice("", theme_source)
        self._fresh.setObjectName(f"{name}-fresh")
        self._fresh.hide()

    def order(self) -> Order:
        """Return what is asked for now."""
        raise NotImplementedError

    def take_fresh(self, account: Account) -> None:
        """Show what is stored now, after somebody else changed it; the next attempt builds on that."""
        if account.updated_at != self.account.updated_at:
            self.account = account
            self._fresh.setText(stored_now(account))
            self._fresh.show()

    def finish_layout(self) -> None:
        """Put the line for fresh facts below all fields. Subclasses call it last."""
        self.add_widget(self._fresh)


class AddDialog(FormDialog):
    """Name, e-mail address, role and a first password."""

    def __init__(self, theme_source: ThemeSource, parent: QWidget) -> None:
        title = "A new person will be able to sign in on every workstation."
        super().__init__("person-add", title, "Add person", theme_source, parent)
        self._name = line_edit("person-add-name")
        self._email = line_edit("person-add-email")
        self._role = RoleChoice("person-add-role", Role.OPERATOR)
        self.add_row("&Name", self._name, lambda: name_error(self._name.text()))
        self.add_row("&E-mail", self._email, lambda: email_error(self._email.text()), EMAIL_HINT)
        row = self.add_row("&Role", self._role, hint=abilities_text(Role.OPERATOR))
        self._role.currentIndexChanged.connect(lambda: row.set_hint(abilities_text(self._role.role)))
        self._password = PasswordChoice(self, "person-add")
        self._name.setFocus()

    def check(self) -> bool:
        """As in FormDialog; the password is checked against the name and address typed here."""
        self._password.name, self._password.email = self._name.text().strip(), self._email.text().strip()
        return super().check()

    def order(self) -> Order:
        """Return what is asked for now."""
        name, password = self._name.text().strip(), self._password.password()
        command = AddPerson(name, self._email.text().strip(), self._role.role, password)
        done = f"{short_name(name)} can sign in now, as {self._role.role.label.casefold()}."
        return Order(command, None, "Adding…", done, password if self._password.is_made else "")


class EditDialog(PersonDialog):
    """Name and e-mail address."""

    def __init__(
        self, account: Account, theme_source: ThemeSource, parent: QWidget, *, is_self: bool
    ) -> None:
        title = "Another name shows at once on every screen, in past alerts and in the audit trail too."
        super().__init__("person-edit", title, "Save", account, theme_source, parent)
        self._name = line_edit("person-edit-name", account.name)
        self._email = line_edit("person-edit-email", account.email)
        self._email.setReadOnly(is_self)
        hint = OWN_EMAIL_HINT if is_self else EMAIL_HINT
        self.add_row("&Name", self._name, lambda: name_error(self._name.text()))
        self.add_row("&E-mail", self._email, lambda: email_error(self._email.text()), hint)
        self.finish_layout()
        self._name.setFocus()
        self._name.selectAll()

    def order(self) -> Order:
        """Return what is asked for now."""
        name, email = self._name.text().strip(), self._email.text().strip()
        command = EditPerson(
            self.account.id,
            self.account.updated_at,
            name if name != self.account.name else None,
            email if email.lower() != self.account.email else None,
        )
        done = f"Saved: {short_name(name)}."
        if command.email is not None:
            done += f" They sign in with {email} from now on."
        return Order(command, self.account.id, "Saving…", done)


class RoleDialog(PersonDialog):
    """One of three roles, each with what it may do."""

    def __init__(self, account: Account, theme_source: ThemeSource, parent: QWidget) -> None:
        title = f"What {short_name(account.name)} may do changes at once, on every window they have open."
        super().__init__("person-role", title, "Change role", account, theme_source, parent)
        self._role = RoleChoice("person-role-choice", account.role)
        row = self.add_row("&Role", self._role, self._error, abilities_text(account.role))
        self._role.currentIndexChanged.connect(lambda: row.set_hint(abilities_text(self._role.role)))
        self.finish_layout()
        self._role.setFocus()

    def order(self) -> Order:
        """Return what is asked for now."""
        role = self._role.role
        command = ChangeRole(self.account.id, self.account.updated_at, role)
        done = f"{short_name(self.account.name)} is {a_role(role)} now."
        return Order(command, self.account.id, "Changing role…", done)

    def _error(self) -> str:
        same = self._role.role is self.account.role
        return "This is the role they have; choose another, or cancel." if same else ""


class SwitchDialog(PersonDialog):
    """Disable or enable somebody."""

    def __init__(self, account: Account, theme_source: ThemeSource, parent: QWidget) -> None:
        name = short_name(account.name)
        if account.is_active:
            title = (
                f"{name} will not be able to sign in; sessions open now end at once, on every workstation."
            )
            more = "Their devices, alerts and entries in the audit trail stay. You can enable them again."
            verb = "Disable"
        else:
            title = f"{name} will be able to sign in again, with the password they had."
            more = f"They will be {account.role.label.casefold()}, as before."
            verb = "Enable"
        super().__init__("person-switch", title, verb, account, theme_source, parent)
        self._is_active = not account.is_active
        self.add_widget(Advice(more, theme_source))
        self.finish_layout()
        self.start_at_cancel()

    def order(self) -> Order:
        """Return what is asked for now."""
        command = SwitchPerson(self.account.id, self.account.updated_at, self._is_active)
        name = short_name(self.account.name)
        if self._is_active:
            return Order(command, self.account.id, "Enabling…", f"{name} can sign in again.")
        return Order(command, self.account.id, "Disabling…", f"{name} cannot sign in any more.")


class ResetDialog(PersonDialog):
    """Another password for somebody who forgot theirs."""

    def __init__(self, account: Account, theme_source: ThemeSource, parent: QWidget) -> None:
        name = short_name(account.name)
        title = f"{name}'s password stops working; sessions open now end at once, on every workstation."
        super().__init__("person-reset", title, "Reset password", account, theme_source, parent)
        self._password = PasswordChoice(self, "person-reset")
        self._password.name, self._password.email = account.name, account.email
        self.finish_layout()
        self.start_at_cancel()

    def order(self) -> Order:
        """Return what is asked for now."""
        password = self._password.password()
        command = ResetPassword(self.account.person, self.account.updated_at, password)
        done = f"{short_name(self.account.name)} has a new password."
        shown = password if self._password.is_made else ""
        return Order(command, self.account.id, "Resetting the password…", done, shown)


class AnonymiseDialog(PersonDialog):
    """The one thing that cannot be undone: what goes and what stays, and the name to be typed."""

    def __init__(self, account: Account, theme_source: ThemeSource, parent: QWidget) -> None:
        title = f"{short_name(account.name)} will be anonymised for good. This cannot be undone."
        super().__init__("person-anonymise", title, "Anonymise for good", account, theme_source, parent)
        for heading, lines in ANONYMISE_CONSEQUENCES:
            self.add_widget(QLabel(heading))
            self.add_widget(Advice("\n".join(f"•  {line}" for line in lines), theme_source))
        self._typed = line_edit("person-anonymise-name")
        self._typed.setPlaceholderText(short_name(account.name))
        self.add_row("Type the person's &name to confirm", self._typed, self._error)
        self.finish_layout()
        self._typed.setFocus()

    def order(self) -> Order:
        """Return what is asked for now."""
        command = AnonymisePerson(self.account.id, self.account.updated_at)
        done = (
            f"Name, e-mail address and login are gone; the row is called Former person {self.account.id} now."
        )
        return Order(command, self.account.id, "Anonymising…", done)

    def _error(self) -> str:
        typed, name = self._typed.text().strip(), self.account.name.strip()
        # A name that is too long for a line is not typed by anybody.
        is_same = typed == name or (len(name) > len(short_name(name)) and typed == short_name(name))
        return "" if is_same else f"Type exactly: {short_name(name)}"


class ShownOnce(FormDialog):
    """The password that was made for somebody; nobody can read it again once this is closed."""

    def __init__(self, done: str, password: str, theme_source: ThemeSource, parent: QWidget) -> None:
        title = f"{done} Hand this password over now: it is shown only here, and only this once."
        super().__init__("person-password", title, "Done", theme_source, parent)
        self._field = line_edit("person-password-shown", password)
        self._field.setReadOnly(True)
        self._copy = QPushButton("&Copy")
        self._copy.setObjectName("person-password-copy")
        self._copy.clicked.connect(self._copy_it)
        line = QWidget()
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._field, 1)
        layout.addWidget(self._copy)
        line.setObjectName("person-password-line")
        line.setFocusProxy(self._field)
        self.add_row(
            "Password", line, hint="They should choose one of their own under Settings › My account."
        )
        self._field.setAccessibleName("Password, shown once")
        self.hide_cancel()
        self.submitted.connect(self.accept)
        self.finished.connect(lambda: self._field.setText(""))
        # Enter copies before it closes: what is closed here can never be read again.
        self._copy.setAutoDefault(True)
        self._copy.setFocus()

    def _copy_it(self) -> None:
        QApplication.clipboard().setText(self._field.text())
        self._copy.setText("Copied")
        self._go.setFocus()


class RoleChoice(QComboBox):
    """The three roles."""

    def __init__(self, name: str, role: Role) -> None:
        super().__init__()
        self.setObjectName(name)
        for choice in Role:
            self.addItem(choice.label, choice)
        self.setCurrentIndex(list(Role).index(role))

    @property
    def role(self) -> Role:
        """The role chosen."""
        return Role(self.currentData())


def line_edit(name: str, text: str = "") -> QLineEdit:
    """Return a field of one line."""
    field = QLineEdit(text)
    field.setObjectName(name)
    field.setCursorPosition(0)
    return field


EMAIL_HINT = "What they sign in with; capitals make no difference."
OWN_EMAIL_HINT = "Nobody can change the address they are signed in with: ask another administrator."
