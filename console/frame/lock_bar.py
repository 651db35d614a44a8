"""The slim bar that says who locked the controls, and takes the password that unlocks them."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from console.bridge.session_keeper import SessionKeeper
from console.frame.spoken_line import SpokenLine
from console.frame.typed_text import LONGEST_PASSWORD, whole
from console.panels.elided_label import ElidedLabel
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.icons import icon
from console.widgets.password_field import PasswordField
from console.widgets.theme import ThemeSource

_FIELD_PX = 220
_MOST_NAME = 60


class LockBar(QFrame):
    """Hidden while nothing is locked. Everything below it stays visible and live."""

    def __init__(self, session: SessionKeeper, theme_source: ThemeSource) -> None:
        super().__init__()
        self.setObjectName("lock-bar")
        self.setAutoFillBackground(True)
        self._session = session
        self._themes = theme_source
        self._picture = QLabel()
        self._who = ElidedLabel()
        self._who.setObjectName("lock-who")
        self._who.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
        self._said = SpokenLine("lock-said")
        self._said.setWordWrap(False)
        self._said.setMinimumHeight(0)
        self._said.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._password = PasswordField("lock-password")
        self._password.setAccessibleName("Password, to use the controls")
        self._password.setPlaceholderText("Password  (Ctrl+L)")
        self._password.setMaxLength(LONGEST_PASSWORD)
        self._password.setFixedWidth(_FIELD_PX)
        self._go = QPushButton("Unlock")
        self._go.setObjectName("lock-unlock")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 5)
        layout.setSpacing(10)
        layout.addWidget(self._picture)
        layout.addWidget(self._who, 2)
        layout.addWidget(self._said, 1)
        layout.addWidget(self._password)
        layout.addWidget(self._go)
        self._password.returnPressed.connect(self._submit)
        self._go.clicked.connect(self._submit)
        session.changed.connect(self._follow)
        session.unlock_refused.connect(self._on_refused)
        theme_source.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.hide()
        self._follow()

    def demand(self) -> None:
        """Somebody used a control: point at the way to unlock it."""
        if self.isVisible():
            self._said.say("That control is locked.")
            self.focus_password()

    def focus_password(self) -> None:
        """Put the keyboard where the password is typed."""
        self._password.setFocus(Qt.FocusReason.OtherFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line to what is below."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._themes.theme.line)
        painter.end()

    def _follow(self) -> None:
        state = self._session.state
        if state.session is not None:
            name = state.session.person.name
            shown = name if len(name) <= _MOST_NAME else f"{name[: _MOST_NAME - 1]}…"
            self._who.setText(f"Locked by {shown} — enter the password to use the controls")
        for part in (self._password, self._go):
            part.setEnabled(not state.is_busy)
        if state.is_locked != self.isVisibleTo(self.parentWidget() or self):
            self._said.say("")
            self._password.forget()
            self.setVisible(state.is_locked)

    def _submit(self) -> None:
        password = whole(self._password.text())
        self._password.forget()
        if password:
            self._said.say("Checking…")
            self._session.unlock(password)

    def _on_refused(self, sentence: str) -> None:
        self._said.say(sentence)
        self._password.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_theme_changed(self) -> None:
        theme = self._themes.theme
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, theme.raised)
        self.setPalette(palette)
        self._picture.setPixmap(icon("mdi6.lock-outline", theme).pixmap(20, 20))
