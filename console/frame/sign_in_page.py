"""Asks who is there: e-mail address and password, one sentence for what went wrong, nothing else."""

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from console.bridge.session_state import Phase, SessionState
from console.frame.caps_lock import CapsLockWatch
from console.frame.entrance_card import EntranceCard
from console.frame.typed_text import LONGEST_EMAIL, LONGEST_PASSWORD, whole
from console.widgets.form_row import FormRow
from console.widgets.icons import icon
from console.widgets.password_field import PasswordField
from console.widgets.theme import ThemeSource

_REMEMBERED = "sign-in/email"
_CAPS = "Caps Lock is on."
_INTRODUCTION = (
    "Sign in to see the plant. Whoever forgot their password gets a new one from an administrator."
)
_AWAY = (
    "The database is away. Whoever signed in here within the last days may look at the plant; "
    "changes wait until it is back."
)


class SignInPage(EntranceCard):
    """The same form signs in to the database and, while that is away, from this computer's record.

    Attributes:
        wanted: Somebody wants in (e-mail, password). The password is not kept here.
    """

    wanted = Signal(str, str)

    def __init__(self, theme_source: ThemeSource, memory: QSettings | None = None) -> None:
        """Lay the page out. `memory` keeps the last e-mail address if the person wishes; None = nowhere."""
        super().__init__(theme_source, "sign-in", "Operator console", _INTRODUCTION)
        self._memory = memory
        self._is_ready = False
        self._form = QWidget()
        self._email = QLineEdit()
        self._email.setObjectName("sign-in-email")
        self._email.setMaxLength(LONGEST_EMAIL)
        self._email.setInputMethodHints(
            Qt.InputMethodHint.ImhEmailCharactersOnly | Qt.InputMethodHint.ImhNoAutoUppercase
        )
        self._password = PasswordField("sign-in-password")
        self._password.setMaxLength(LONGEST_PASSWORD)
        self._reveal = QToolButton()
        self._reveal.setObjectName("sign-in-reveal")
        self._reveal.setCheckable(True)
        self._reveal.setAutoRaise(True)
        self._reveal.setAccessibleName("Show the password")
        self._reveal.setToolTip("Show the password")
        self._reveal.toggled.connect(self._on_reveal)
        self._password_row = FormRow("&Password", self._password, theme_source)
        self._remember = QCheckBox("&Remember the e-mail address on this computer")
        self._remember.setObjectName("sign-in-remember")
        self._go = QPushButton("Sign in")
        self._go.setObjectName("sign-in-go")
        self._go.setDefault(True)
        self._lay_out(theme_source)
        CapsLockWatch(self._password).changed.connect(
            lambda is_on: self._password_row.set_hint(_CAPS if is_on else "")
        )
        self._email.returnPressed.connect(self._on_email_entered)
        self._password.returnPressed.connect(self._submit)
        self._go.clicked.connect(self._submit)
        self._recall()
        theme_source.changed.connect(self._show_icon)
        self._show_icon()

    def show_state(self, state: SessionState) -> None:
        """Follow the session: ask, wait, or say why nobody was let in."""
        self._is_ready = state.phase in (Phase.SIGNED_OUT, Phase.ENDED)
        is_waiting = state.is_busy or (state.phase is Phase.OPENING and not state.is_fault)
        self._form.setVisible(self._is_ready)
        self._form.setEnabled(not state.is_busy)
        self.set_busy(is_busy=is_waiting)
        self.set_about(state.place, state.cautions)
        sentence = state.sentence or (_AWAY if state.away and not state.is_busy else "")
        self.line.say("Signing in…" if state.is_busy and not sentence else sentence)
        if self._is_ready and state.email and (state.is_fault or not self._email.text()):
            self._email.setText(state.email)
        if self._is_ready and not state.is_busy:
            self.focus_first()

    def focus_first(self) -> None:
        """Put the keyboard where typing goes on."""
        (self._password if self._email.text() else self._email).setFocus(Qt.FocusReason.OtherFocusReason)

    def forget(self) -> None:
        """Empty the page: somebody came in, or the next person stands before it."""
        self._password.forget()
        self._reveal.setChecked(False)
        self._password_row.set_hint("")
        if not self._remember.isChecked():
            self._email.clear()

    def showEvent(self, event: QShowEvent) -> None:
        """Be ready for typing."""
        super().showEvent(event)
        self.focus_first()

    def _lay_out(self, theme_source: ThemeSource) -> None:
        policy = self._form.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._form.setSizePolicy(policy)
        column = QVBoxLayout(self._form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(FormRow("&E-mail address", self._email, theme_source))
        holder = QHBoxLayout()
        holder.setContentsMargins(0, 0, 0, 0)
        holder.setSpacing(4)
        column.addWidget(self._password_row)
        inside = QHBoxLayout(self._password)
        inside.setContentsMargins(0, 0, 4, 0)
        inside.addStretch(1)
        inside.addWidget(self._reveal)
        self._reveal.setCursor(Qt.CursorShape.ArrowCursor)
        self._password.setTextMargins(0, 0, 30, 0)
        column.addWidget(self._remember)
        self._remember.setVisible(self._memory is not None)
        column.addSpacing(8)
        column.addWidget(self._go)
        self.body.addWidget(self._form)

    def _on_email_entered(self) -> None:
        if self._password.text():
            self._submit()
        else:
            self._password.setFocus(Qt.FocusReason.OtherFocusReason)

    def _submit(self) -> None:
        email, password = whole(self._email.text()).strip(), whole(self._password.text())
        if not email:
            self.line.say("Type the e-mail address you sign in with.")
            self._email.setFocus()
        elif not password:
            self.line.say("Type the password.")
            self._password.setFocus()
        elif self._is_ready:
            self._keep(email)
            self._password.forget()
            self._reveal.setChecked(False)
            self.wanted.emit(email, password)

    def _recall(self) -> None:
        email = self._memory.value(_REMEMBERED) if self._memory is not None else None
        if isinstance(email, str) and email:
            self._email.setText(email)
            self._remember.setChecked(True)

    def _keep(self, email: str) -> None:
        if self._memory is None:
            return
        if self._remember.isChecked():
            self._memory.setValue(_REMEMBERED, email)
        else:
            self._memory.remove(_REMEMBERED)

    def _on_reveal(self, is_shown: bool) -> None:  # noqa: FBT001
        self._password.set_shown(shown=is_shown)
        self._reveal.setToolTip("Hide the password" if is_shown else "Show the password")
        self._show_icon()

    def _show_icon(self) -> None:
        name = "mdi6.eye-off-outline" if self._reveal.isChecked() else "mdi6.eye-outline"
        self._reveal.setIcon(icon(name, self._themes.theme))
