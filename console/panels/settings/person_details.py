"""Beside the table: one person in full, and what can be done about them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFormLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from console.panels.elided_label import ElidedLabel
from console.panels.settings.page_parts import Advice
from console.panels.settings.person_rows import OWNER, email_text, is_owner, state_text
from console.panels.settings.person_words import abilities_text, breakable, short_name
from console.panels.wording import moment_from_unix, moment_text
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.theme import ThemeSource
from models.records.account import Account

_FACTS = ("E-mail", "Role", "State", "Last sign-in", "Devices", "Added", "Changed")


class Deed(StrEnum):
    """What can be done about a person."""

    EDIT = "edit"
    ROLE = "role"
    SWITCH = "switch"
    RESET = "reset"
    EXPORT = "export"
    ANONYMISE = "anonymise"


@dataclass(frozen=True, slots=True)
class DeedButton:
    """How a deed is offered: on a button, and by a key while the table has the keyboard."""

    deed: Deed
    words: str
    key: str


DEEDS = (
    DeedButton(Deed.EDIT, "Rename or change e-mail…", "E"),
    DeedButton(Deed.ROLE, "Change role…", "O"),
    DeedButton(Deed.SWITCH, "Disable…", "D"),
    DeedButton(Deed.RESET, "Reset password…", "P"),
    DeedButton(Deed.EXPORT, "Export their data…", "X"),
    DeedButton(Deed.ANONYMISE, "Anonymise…", "Del"),
)

_NOT_TO_ONESELF = (Deed.SWITCH, Deed.RESET, Deed.ANONYMISE)


def allowed_deeds(account: Account, own_id: int | None) -> frozenset[Deed]:
    """Return what the database would let an administrator do to this person."""
    if is_owner(account):
        return frozenset()
    if account.is_former:
        return frozenset({Deed.EXPORT})
    forbidden = _NOT_TO_ONESELF if account.id == own_id else ()
    return frozenset(Deed).difference(forbidden)


def advice_for(account: Account, own_id: int | None) -> str:
    """Return why some deeds are not offered, or what the person's role means."""
    if is_owner(account):
        return f"{OWNER} is let in by the operating system, without a password. Nothing can be changed here."
    if account.is_former:
        return "Name, e-mail address and login are gone for good; what they did stays on record."
    if account.id == own_id:
        return (
            "This is you. Your password is changed under My account; your e-mail address, "
            "disabling and anonymising are for another administrator."
        )
    return abilities_text(account.role)


class PersonDetails(QWidget):
    """Facts and buttons of the selected person.

    Attributes:
        wanted: A deed was asked for (Deed).
    """

    wanted = Signal(object)

    def __init__(
        self, theme_source: ThemeSource, now: Callable[[], float], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("person-details")
        self.setAccessibleName("The selected person")
        self._now = now
        self._account: Account | None = None
        self._own_id: int | None = None
        self._name = QLabel()
        self._name.setObjectName("person-name")
        self._name.setWordWrap(True)
        # A name that reads from the right stands at the left all the same, above its facts.
        self._name.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute)
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._name.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        self._facts = {name: ElidedLabel() for name in _FACTS}
        self._advice = Advice("", theme_source)
        self._advice.setObjectName("person-advice")
        self._buttons = {offered.deed: QPushButton() for offered in DEEDS}
        self._body = QWidget()
        self._none = Advice("Select a person to see and change their account.", theme_source)
        self._lay_out()
        self.show_account(None, None)

    @property
    def deeds(self) -> frozenset[Deed]:
        """What can be done now."""
        return frozenset(deed for deed, button in self._buttons.items() if button.isEnabled())

    def show_account(self, account: Account | None, own_id: int | None, *, is_pending: bool = False) -> None:
        """Show a person; while a change is under way nothing more can be asked for."""
        self._account, self._own_id = account, own_id
        self._body.setVisible(account is not None)
        self._none.setVisible(account is None)
        allowed = allowed_deeds(account, own_id) if account is not None and not is_pending else frozenset()
        for offered in DEEDS:
            button = self._buttons[offered.deed]
            words = offered.words
            if offered.deed is Deed.SWITCH and account is not None and not account.is_active:
                words = "Enable…"
            button.setText(f"{words}  ({offered.key})")
            button.setEnabled(offered.deed in allowed)
            button.setVisible(account is not None and not is_owner(account))
        if account is not None:
            self._show_facts(account)

    def refresh(self) -> None:
        """Bring what depends on the clock up to date."""
        if self._account is not None:
            self._show_facts(self._account)

    def _show_facts(self, account: Account) -> None:
        now = moment_from_unix(self._now())
        self._name.setText(breakable(short_name(account.name, 120)))
        self._name.setAccessibleName(account.name)
        self._name.setToolTip(account.name)
        self._facts["E-mail"].setText(email_text(account))
        self._facts["Role"].setText(account.role.label)
        self._facts["State"].setText(state_text(account))
        self._facts["Last sign-in"].setText(
            moment_text(account.last_sign_in_at, now) if account.last_sign_in_at else "never"
        )
        self._facts["Devices"].setText(f"{account.devices_owned:,}" if account.devices_owned else "none")
        self._facts["Added"].setText(moment_text(account.created_at, now))
        self._facts["Changed"].setText(moment_text(account.updated_at, now))
        self._advice.setText(advice_for(account, self._own_id))

    def _lay_out(self) -> None:
        facts = QFormLayout()
        facts.setContentsMargins(0, 0, 0, 0)
        facts.setHorizontalSpacing(12)
        facts.setVerticalSpacing(4)
        for name, label in self._facts.items():
            facts.addRow(name, label)
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(8)
        body.addWidget(self._name)
        body.addLayout(facts)
        body.addWidget(self._advice)
        body.addSpacing(4)
        for offered in DEEDS:
            button = self._buttons[offered.deed]
            button.setObjectName(f"person-{offered.deed}")
            button.clicked.connect(lambda _=False, deed=offered.deed: self.wanted.emit(deed))
            body.addWidget(button)
        body.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 0, 0, 0)
        layout.addWidget(self._none, alignment=Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._body, 1)
