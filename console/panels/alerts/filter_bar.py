"""The row above the open list: search, severities, states."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLineEdit, QPushButton, QWidget

from console.panels.alerts.alert_rows import AlertFilter
from console.panels.keyboard import LeaveFilter
from console.panels.wording import SEVERITY_WORDS
from console.widgets.severity_badge import BadgeState
from models.records.threshold import Severity

_STATES = (
    (BadgeState.UNACKNOWLEDGED, "Not acknowledged"),
    (BadgeState.ACKNOWLEDGED, "Acknowledged"),
    (BadgeState.RETURNED, "Returned"),
)


class FilterBar(QWidget):
    """Buttons that narrow the list; none pressed shows everything.

    Attributes:
        changed: Another filter (AlertFilter).
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
        self._severities = {severity: QPushButton(SEVERITY_WORDS[severity]) for severity in Severity}
        self._states = {state: QPushButton(words) for state, words in _STATES}
        self._buttons = QWidget()
        layout = QHBoxLayout(self._buttons)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for group, buttons in (("severity", self._severities), ("state", self._states)):
            layout.addSpacing(8 if group == "state" else 0)
            for key, button in buttons.items():
                name = key.name if isinstance(key, BadgeState) else key.value
                button.setObjectName(f"alerts-{group}-{name.casefold()}")
                button.setAccessibleName(f"Only {button.text().casefold()}")
                button.setToolTip(f"Show only: {button.text().casefold()}")
                button.setCheckable(True)
                button.toggled.connect(self._announce)
                button.setMinimumWidth(button.sizeHint().width())
                layout.addWidget(button)
        layout.addStretch(1)
        self._rows = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(8)
        self._rows.addWidget(self._search, 1)
        self._rows.addWidget(self._buttons)
        self._search.textChanged.connect(self._announce)
        LeaveFilter(self._search, table)
        shortcut = QShortcut(QKeySequence.StandardKey.Find, parent)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self._search.setFocus)

    @property
    def narrowed(self) -> AlertFilter:
        """The filter now set."""
        return AlertFilter(
            self._search.text(),
            frozenset(severity for severity, button in self._severities.items() if button.isChecked()),
            frozenset(state for state, button in self._states.items() if button.isChecked()),
        )

    def minimumSizeHint(self) -> QSize:
        """As narrow as the buttons: the search moves above them where both do not fit side by side."""
        return QSize(self._buttons.minimumSizeHint().width(), self._rows.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand in one row, or in two."""
        needed = self._search.minimumWidth() + self._rows.spacing() + self._buttons.minimumSizeHint().width()
        is_wide = event.size().width() >= needed
        direction = QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom
        self._rows.setDirection(direction)
        super().resizeEvent(event)

    def clear(self) -> None:
        """Show everything."""
        self._search.clear()
        for button in (*self._severities.values(), *self._states.values()):
            button.setChecked(False)

    def _announce(self) -> None:
        self.changed.emit(self.narrowed)
