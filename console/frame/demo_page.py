"""The demonstration's three persons: one click, or one digit, and one is at work as any of them."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeySequence, QPainter, QPaintEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from console.bridge.session_state import Phase, SessionState
from console.demo_people import PASSWORD, DemoPerson
from console.frame.entrance_card import EntranceCard
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.icons import icon
from console.widgets.theme import ThemeSource

_HEIGHT = 66


class PersonCard(QAbstractButton):
    """Digit, role, name, and what this person may do."""

    def __init__(self, number: int, person: DemoPerson, theme_source: ThemeSource) -> None:
        super().__init__()
        self.setObjectName(f"demo-person-{number}")
        self.setText(person.role.label)
        self.setAccessibleName(f"{number}: sign in as {person.role.label}, {person.name}. {person.line}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._number = number
        self._person = person
        self._themes = theme_source
        theme_source.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Three lines."""
        return QSize(320, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the card."""
        theme, person = self._themes.theme, self._person
        role = person.role.label
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        is_lit = self.hasFocus()
        pen = painter.pen()
        pen.setWidth(2 if is_lit else 1)
        pen.setColor(theme.focus if is_lit else theme.text if self.underMouse() else theme.outline)
        painter.setPen(pen)
        painter.setBrush(theme.selection if self.isDown() else theme.raised)
        painter.drawRoundedRect(rect, 4, 4)
        pixmap = icon(person.icon, theme).pixmap(QSize(28, 28), self.devicePixelRatioF())
        painter.drawPixmap(14, round((self.height() - 28) / 2), pixmap)
        left, right = 56.0, 34.0
        width = rect.width() - left - right
        painter.setPen(theme.text if self.isEnabled() else theme.outline)
        painter.setFont(text_font(BODY_PX + 1, QFont.Weight.DemiBold))
        painter.drawText(QRectF(left, 12, width, 20), Qt.AlignmentFlag.AlignVCenter, role)
        taken = painter.fontMetrics().horizontalAdvance(role)
        painter.setPen(theme.muted)
        painter.setFont(text_font(BODY_PX))
        painter.drawText(
            QRectF(left + taken + 8, 12, width - taken - 8, 20), Qt.AlignmentFlag.AlignVCenter, person.name
        )
        painter.drawText(QRectF(left, 34, width, 22), Qt.AlignmentFlag.AlignTop, person.line)
        painter.drawText(
            QRectF(rect.right() - right, rect.top(), right - 8, rect.height()),
            Qt.AlignmentFlag.AlignCenter,
            str(self._number),
        )
        painter.end()


class DemoPage(EntranceCard):
    """Digits and arrows choose, Enter and a click sign in.

    Attributes:
        wanted: Somebody wants in (e-mail, password).
    """

    wanted = Signal(str, str)

    def __init__(self, theme_source: ThemeSource, persons: Sequence[DemoPerson]) -> None:
        introduction = (
            "Choose who to sign in as; a click or the digit will do. The people and the factory are made up. "
            f"Where a password is asked for, it is “{PASSWORD}” for all three."
        )
        super().__init__(theme_source, "demo", "Demonstration", introduction)
        self._cards = [PersonCard(number, each, theme_source) for number, each in enumerate(persons, start=1)]
        for number, (card, person) in enumerate(zip(self._cards, persons, strict=True), start=1):
            self.body.addWidget(card)
            card.clicked.connect(lambda _checked=False, person=person: self._choose(person))
            shortcut = QShortcut(QKeySequence(str(number)), self)
            shortcut.activated.connect(card.click)
            for key in ("Return", "Enter"):
                enter = QShortcut(QKeySequence(key), card)
                enter.setContext(Qt.ShortcutContext.WidgetShortcut)
                enter.activated.connect(card.click)

    def show_state(self, state: SessionState) -> None:
        """Follow the session."""
        is_ready = state.phase in (Phase.SIGNED_OUT, Phase.ENDED)
        for card in self._cards:
            card.setEnabled(is_ready and not state.is_busy)
        self.set_busy(is_busy=state.is_busy or (state.phase is Phase.OPENING and not state.is_fault))
        self.set_about(state.place, state.cautions)
        self.line.say("Signing in…" if state.is_busy and not state.sentence else state.sentence)
        if is_ready and not state.is_busy and not any(card.hasFocus() for card in self._cards):
            self._cards[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def forget(self) -> None:
        """Nothing was typed."""

    def showEvent(self, event: QShowEvent) -> None:
        """Be ready for keys."""
        super().showEvent(event)
        self._cards[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _choose(self, person: DemoPerson) -> None:
        self.wanted.emit(person.email, PASSWORD)
