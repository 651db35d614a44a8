"""One alert on the device's face: badge, message, state with its age, and what can be done about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.panels.alerts.alert_rows import aside_text, can_acknowledge, is_to_reset, since_text
from console.panels.wording import STATE_WORDS, moment_from_unix
from console.widgets.flash import FlashClock
from console.widgets.plain_text import plain_label
from console.widgets.severity_badge import AlertGroup, SeverityBadge, state_of
from console.widgets.theme import ThemeSource
from models.records.alert import Alert
from models.records.shelf import HiddenBy, Maintenance


@dataclass(frozen=True, slots=True)
class CardAction:
    """One thing that may be done about an alert.

    Attributes:
        key: Name in code: the button is called `device-KEY-ID`.
        applies: Whether it makes sense for an alert as it is now.
    """

    key: str
    words: str
    applies: Callable[[Alert], bool]
    act: Callable[[Alert], None]


def is_to_acknowledge(alert: Alert) -> bool:
    """Tell whether somebody has to take note before anything else."""
    return can_acknowledge(alert)


def is_to_be_reset(alert: Alert) -> bool:
    """Tell whether nothing but a reset is left to do."""
    return is_to_reset(alert) and not can_acknowledge(alert)


def is_shelvable(alert: Alert) -> bool:
    """Tell whether an alert could be set aside."""
    return alert.hidden_by is HiddenBy.NOTHING and alert.threshold is not None


def is_shelved(alert: Alert) -> bool:
    """Tell whether an alert lies on the shelf."""
    return alert.hidden_by is HiddenBy.SHELF


class AlertCard(QWidget):
    """Made anew when its alert is another; shows buttons only for what applies."""

    def __init__(
        self,
        alert: Alert,
        theme_source: ThemeSource,
        flash: FlashClock,
        actions: Sequence[CardAction],
    ) -> None:
        """Store the alert, and what this person may do about it."""
        super().__init__()
        self.setObjectName(f"device-alert-{alert.id}")
        self.alert = alert
        badge = SeverityBadge(theme_source, flash)
        state = state_of(alert)
        badge.set_group(AlertGroup(alert.severity, state, 1) if state is not None else None)
        message = plain_label(alert.message)
        message.setWordWrap(True)
        self._state = plain_label()
        self._state.setWordWrap(True)
        self._buttons: list[tuple[QPushButton, str]] = []
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for action in actions:
            if action.applies(alert):
                buttons.addWidget(self._make_button(action))
        buttons.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(message)
        words.addWidget(self._state)
        words.addLayout(buttons)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 6)
        layout.setSpacing(8)
        layout.addWidget(badge, alignment=Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)

    def refresh(self, now_unix: float, works: Sequence[Maintenance] = ()) -> None:
        """Bring ages up to date; `works`: what is in maintenance, for an alert that is hidden by it."""
        now = moment_from_unix(now_unix)
        work = next((work for work in works if work.device == self.alert.device), None)
        since = since_text(self.alert, now)
        aside = aside_text(self.alert, work, now)
        self._state.setText(aside or f"{STATE_WORDS[state_of(self.alert)]}, for {since}")

    def show_pending(self, words: str) -> None:
        """Say that an order is on its way; an empty text takes it back."""
        for place, (button, usual) in enumerate(self._buttons):
            button.setText(words if words and place == 0 else usual)
            button.setEnabled(not words)

    def _make_button(self, action: CardAction) -> QPushButton:
        button = QPushButton(action.words)
        button.setObjectName(f"device-{action.key}-{self.alert.id}")
        button.setAccessibleName(f"{action.words.rstrip('…')}: {self.alert.message}")
        button.clicked.connect(lambda: action.act(self.alert))
        self._buttons.append((button, action.words))
        return button
