"""Two names sign: who hands over is signed in, who takes over types e-mail and password."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from console.panels.settings.page_parts import Advice
from console.widgets.form_dialog import FormDialog
from console.widgets.password_field import PasswordField
from console.widgets.theme import ThemeSource


class SignDialog(FormDialog):
    """Asks for the second person; while handing over it may be left empty, and somebody signs later."""

    def __init__(
        self, title: str, outgoing: str, theme_source: ThemeSource, parent: QWidget, *, may_wait: bool
    ) -> None:
        """Lay the form out.

        Args:
            title: What is signed.
            outgoing: Name of who hands over.
            theme_source: The theme in use.
            parent: Whose window is blocked meanwhile.
            may_wait: Whether the second signature may come later.
        """
        verb = "Sign" if may_wait else "Take over"
        super().__init__("handover-sign", title, verb, theme_source, parent)
        self._may_wait = may_wait
        self._email = QLineEdit()
        self._email.setObjectName("handover-sign-email")
        self._email.setInputMethodHints(Qt.InputMethodHint.ImhEmailCharactersOnly)
        self._password = PasswordField("handover-sign-password")
        words = f"{outgoing} hands over, signed in at this window. What both have signed never changes."
        self.add_widget(Advice(words, theme_source))
        hint = "Leave both empty to sign alone: it then waits for the person taking over." if may_wait else ""
        self.add_row("&E-mail of the person taking over", self._email, self._check_email, hint)
        self.add_row("Their &password", self._password, self._check_password)
        self._email.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def email(self) -> str:
        """Of the person taking over; empty where the second signature comes later."""
        return self._email.text().strip()

    @property
    def password(self) -> str:
        """As typed."""
        return self._password.text()

    def refuse(self, sentence: str) -> None:
        """Say why not; the password is typed again."""
        super().refuse(sentence)
        self._password.forget()
        if self.email:
            self._password.setFocus(Qt.FocusReason.OtherFocusReason)

    def _check_email(self) -> str:
        if not self.email and (self._password.text() or not self._may_wait):
            return "Type the e-mail address of the person taking over."
        return ""

    def _check_password(self) -> str:
        return "Type their password." if self.email and not self._password.text() else ""
