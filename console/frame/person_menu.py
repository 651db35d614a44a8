"""The button on the status bar that says who is here, with what they can do about that."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton

from console.frame.status_texts import person_phrase
from console.widgets.icons import icon
from console.widgets.plain_text import plain_tip
from console.widgets.theme import ThemeSource
from models.records.person import Person

_MOST_PX = 280


class PersonMenu(QToolButton):
    """ "Mara Olsen · Operator"; opens upwards.

    Attributes:
        account_wanted: Show the person's own account.
        lock_wanted: Lock the controls.
        sign_out_wanted: Leave.
    """

    account_wanted = Signal()
    lock_wanted = Signal()
    sign_out_wanted = Signal()

    def __init__(self, theme_source: ThemeSource) -> None:
        super().__init__()
        self.setObjectName("status-person")
        self.setAutoRaise(True)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        # The arrow would say what the menu says itself, and stands askew beside text.
        self.setStyleSheet("QToolButton::menu-indicator { image: none; width: 0; }")
        self._themes = theme_source
        self._is_locked = False
        menu = QMenu(self)
        menu.setObjectName("person-menu")
        self._account = self._action(menu, "person-account", "My account", self.account_wanted)
        self._lock = self._action(menu, "person-lock", "Lock the controls\tCtrl+L", self.lock_wanted)
        menu.addSeparator()
        self._sign_out = self._action(menu, "person-sign-out", "Sign out", self.sign_out_wanted)
        self.setMenu(menu)
        theme_source.changed.connect(self._show_icon)
        self._show_icon()

    def show_person(self, person: Person | None, *, is_offline: bool, is_locked: bool) -> None:
        """Say who is here."""
        phrase = person_phrase(person, is_offline=is_offline)
        shown = self.fontMetrics().elidedText(phrase, Qt.TextElideMode.ElideMiddle, _MOST_PX)
        if shown != self.text():
            self.setText(shown)
            self.setAccessibleName(f"Signed in: {phrase}")
        self.setToolTip(plain_tip(f"{person.email}: account, lock, sign out") if person is not None else "")
        self._lock.setEnabled(not is_locked)
        if is_locked != self._is_locked:
            self._is_locked = is_locked
            self._show_icon()

    def set_account_shown(self, *, is_shown: bool) -> None:
        """Offer the account page, where the window has one."""
        self._account.setVisible(is_shown)

    def _action(self, menu: QMenu, name: str, text: str, signal: object) -> QAction:
        action = menu.addAction(text)
        action.setObjectName(name)
        action.triggered.connect(lambda _checked=False: signal.emit())  # type: ignore[attr-defined]
        return action

    def _show_icon(self) -> None:
        name = "mdi6.lock-outline" if self._is_locked else "mdi6.account-outline"
        self.setIcon(icon(name, self._themes.theme))
