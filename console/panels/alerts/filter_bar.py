"""The rows above the open list: search, area, device, severities, states, and what is hidden."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLineEdit, QPushButton, QWidget

from console.panels.alerts.open_filter import OpenFilter
from console.panels.keyboard import LeaveFilter
from console.panels.wording import SEVERITY_WORDS, count_text, natural
from console.widgets.choice_combo import ChoiceCombo
from console.widgets.severity_badge import BadgeState
from models.records.device import Device
from models.records.threshold import Severity

_STATES = (
    ("unacknowledged", "Not acknowledged", (BadgeState.UNACKNOWLEDGED,)),
    ("acknowledged", "Acknowledged", (BadgeState.ACKNOWLEDGED,)),
    (
        "returned",
        "Returned",
        (BadgeState.RETURNED, BadgeState.LATCHED_UNACKNOWLEDGED, BadgeState.LATCHED),
    ),
)


class FilterBar(QWidget):
    """Buttons and choices that narrow the list; none of them used shows everything that asks for somebody.

    Attributes:
        changed: Another filter (OpenFilter).
    """

    changed = Signal(object)

    def __init__(self, table: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._search = QLineEdit()
        self._search.setObjectName("alerts-search")
        self._search.setAccessibleName("Search open alerts")
        self._search.setPlaceholderText("Search  (Ctrl+F)")
        self._search.setClearButtonEnabled(True)
        self._search.setMinimumWidth(140)
        self._area = ChoiceCombo("alerts-area", "Only this area", [("Any area", None)])
        self._device = ChoiceCombo("alerts-device", "Only this device", [("Any device", None)])
        self._severities = {severity: QPushButton(SEVERITY_WORDS[severity]) for severity in Severity}
        self._states = {key: (QPushButton(words), states) for key, words, states in _STATES}
        self._hidden = QPushButton()
        self._hidden.setObjectName("alerts-hidden")
        self._hidden.setCheckable(True)
        self._buttons = QWidget()
        self._choices = QWidget()
        self._rows = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._lay_out()
        self._search.textChanged.connect(self._announce)
        for combo in (self._area, self._device):
            combo.currentIndexChanged.connect(self._announce)
        self._hidden.toggled.connect(self._announce)
        LeaveFilter(self._search, table)
        shortcut = QShortcut(QKeySequence.StandardKey.Find, parent)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self._search.setFocus)
        self.show_hidden_count(0, "")

    @property
    def narrowed(self) -> OpenFilter:
        """The filter now set."""
        return OpenFilter(
            typed=self._search.text(),
            severities=frozenset(
                severity for severity, button in self._severities.items() if button.isChecked()
            ),
            states=frozenset(
                state for button, states in self._states.values() if button.isChecked() for state in states
            ),
            location=self._area.currentData(),
            device=self._device.currentData(),
            has_hidden=self._hidden.isChecked(),
        )

    def offer(self, devices: Sequence[Device]) -> None:
        """Offer these devices and their areas; what is chosen stays chosen."""
        areas = sorted({device.location for device in devices}, key=natural)
        is_changed = self._area.offer([("Any area", None), *((area or "No area", area) for area in areas)])
        named = sorted(devices, key=lambda device: (natural(device.name), device.id))
        is_changed |= self._device.offer([("Any device", None), *((d.name, d.id) for d in named)])
        if is_changed:
            self._announce()

    def show_hidden_count(self, hidden: int, why: str) -> None:
        """Say how many alerts are hidden, and why; the button goes where there are none."""
        self._hidden.setText(f"{hidden:,} hidden")
        words = f"Show the {count_text(hidden, 'alert')} that ask nobody now: {why}"
        self._hidden.setToolTip(words)
        self._hidden.setAccessibleName(words)
        self._hidden.setVisible(hidden > 0 or self._hidden.isChecked())

    def show_hidden(self) -> None:
        """Show the hidden ones, too."""
        self._hidden.setChecked(True)

    def minimumSizeHint(self) -> QSize:
        """As narrow as the buttons: the search moves above them where both do not fit side by side."""
        return QSize(self._buttons.minimumSizeHint().width(), self._rows.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand in one row, or in two."""
        widths = (self._choices.minimumSizeHint().width(), self._buttons.minimumSizeHint().width())
        is_wide = event.size().width() >= sum(widths) + self._rows.spacing()
        direction = QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom
        self._rows.setDirection(direction)
        super().resizeEvent(event)

    def clear(self) -> None:
        """Show everything that asks for somebody."""
        self._search.clear()
        for combo in (self._area, self._device):
            combo.reset()
        for button in (*self._severities.values(), *(button for button, _ in self._states.values())):
            button.setChecked(False)

    def _lay_out(self) -> None:
        choices = QHBoxLayout(self._choices)
        choices.setContentsMargins(0, 0, 0, 0)
        choices.setSpacing(6)
        choices.addWidget(self._search, 1)
        choices.addWidget(self._area)
        choices.addWidget(self._device)
        layout = QHBoxLayout(self._buttons)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for severity, button in self._severities.items():
            self._add_button(layout, button, f"alerts-severity-{severity.value}")
        layout.addSpacing(8)
        for key, (button, _states) in self._states.items():
            self._add_button(layout, button, f"alerts-state-{key}")
        layout.addSpacing(8)
        layout.addWidget(self._hidden)
        layout.addStretch(1)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(8)
        self._rows.addWidget(self._choices, 1)
        self._rows.addWidget(self._buttons)

    def _add_button(self, layout: QHBoxLayout, button: QPushButton, name: str) -> None:
        button.setObjectName(name)
        button.setAccessibleName(f"Only {button.text().casefold()}")
        button.setToolTip(f"Show only: {button.text().casefold()}")
        button.setCheckable(True)
        button.toggled.connect(self._announce)
        button.setMinimumWidth(button.sizeHint().width())
        layout.addWidget(button)

    def _announce(self) -> None:
        self.changed.emit(self.narrowed)
