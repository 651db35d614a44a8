"""My account: who is signed in, what they may do, and their own password."""

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from console.panels.elided_label import ElidedLabel
from console.panels.settings.own_password import OwnPassword
from console.panels.settings.page_parts import Advice, heading, page_layout, page_title
from console.panels.settings.person_words import ROLE_ABILITIES, a_role
from console.panels.settings.section import Section, Surroundings
from console.panels.wording import moment_from_unix, moment_text

_FACTS = ("Name", "E-mail", "Role", "Signed in until")
_COLUMN_PX = 420
_GAP_PX = 40
_FIRST = 1000
"""Both columns have their width before any room is left at the right."""


class AccountSection(Section):
    """For everybody."""

    key: ClassVar[str] = "account"
    title: ClassVar[str] = "My account"
    icon: ClassVar[str] = "mdi6.account-circle-outline"

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._facts = {name: ElidedLabel() for name in _FACTS}
        self._until = Advice("", self.theme_source)
        self._until.setObjectName("account-until")
        self._role = heading("")
        self._abilities = QLabel()
        self._abilities.setObjectName("account-abilities")
        self._abilities.setWordWrap(True)
        self._password = OwnPassword(self.bridge, self.theme_source)
        layout = page_layout(self)
        layout.addWidget(page_title("My account"))
        columns = QHBoxLayout()
        columns.setSpacing(_GAP_PX)
        for column in (self._own_facts(), self._password):
            column.setMaximumWidth(_COLUMN_PX)
            columns.addWidget(column, _FIRST, alignment=Qt.AlignmentFlag.AlignTop)
        columns.addStretch(1)
        layout.addLayout(columns)
        layout.addStretch(1)
        self.refresh()

    def refresh(self) -> None:
        """Show who is signed in now."""
        person = self.bridge.person
        session = self.bridge.session.state.session
        if person is None or session is None:
            for label in self._facts.values():
                label.setText("")
            self._abilities.setText("")
            self._role.setText("Nobody is signed in.")
            self._until.setText("")
            return
        until = moment_text(session.expires_at, moment_from_unix(self.now()))
        for name, text in (
            ("Name", person.name),
            ("E-mail", person.email),
            ("Role", person.role.label),
            ("Signed in until", until),
        ):
            self._facts[name].setText(text)
        self._role.setText(a_role(person.role).capitalize())
        self._abilities.setText("\n".join(f"•  {line}" for line in ROLE_ABILITIES[person.role]))
        self._until.setText(
            "The database is away: until it is back you can look, and nothing else."
            if session.is_offline
            else "On this workstation you can also sign in while the database is away, up to that moment. "
            "It moves on by itself as long as the database answers."
        )

    def focus_first(self) -> None:
        """Put the keyboard on the form."""
        self._password.focus_first()

    def hideEvent(self, event: QHideEvent) -> None:
        """Forget what was typed: whoever comes back may be somebody else."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._password.forget()

    def _own_facts(self) -> QWidget:
        column = QWidget()
        facts = QFormLayout()
        facts.setContentsMargins(0, 0, 0, 0)
        facts.setHorizontalSpacing(16)
        facts.setVerticalSpacing(6)
        for name, label in self._facts.items():
            label.setObjectName(f"account-{name.casefold().replace(' ', '-')}")
            facts.addRow(name, label)
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(heading("You"))
        layout.addLayout(facts)
        layout.addWidget(self._until)
        layout.addSpacing(8)
        layout.addWidget(self._role)
        layout.addWidget(self._abilities)
        layout.addStretch(1)
        return column
