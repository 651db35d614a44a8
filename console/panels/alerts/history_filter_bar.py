"""The rows above the history: search, area, device, time, severities, status."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from console.panels.alerts.period_choice import PeriodChoice
from console.panels.keyboard import LeaveFilter
from console.panels.wording import SEVERITY_WORDS, natural
from console.widgets.choice_combo import Choice, ChoiceCombo
from models.quantities import THE_SIX, Quantities
from models.records.alert import AlertStatus
from models.records.alert_filter import AlertFilter
from models.records.device import Device
from models.records.threshold import DEVICE_METRIC, Severity

_TYPING_MS = 250
_STATUS_WORDS = (
    ("Any status", None),
    ("Active", AlertStatus.ACTIVE),
    ("Acknowledged", AlertStatus.ACKNOWLEDGED),
    ("Resolved", AlertStatus.RESOLVED),
)


class HistoryFilterBar(QWidget):
    """None of them used shows everything.

    Attributes:
        changed: Another filter.
    """

    changed = Signal()

    def __init__(self, table: QWidget, now: Callable[[], float], parent: QWidget) -> None:
        super().__init__(parent)
        self._search = QLineEdit()
        self._search.setObjectName("history-search")
        self._search.setAccessibleName("Search past alerts")
        self._search.setPlaceholderText("Search message, device, area  (Ctrl+F)")
        self._search.setClearButtonEnabled(True)
        self._search.setMinimumWidth(160)
        self._severities = {severity: QPushButton(SEVERITY_WORDS[severity]) for severity in Severity}
        self._status = ChoiceCombo("history-status", "Only this status", _STATUS_WORDS)
        self._area = ChoiceCombo("history-area", "Only this area", [("Any area", None)])
        self._device = ChoiceCombo("history-device", "Only this device", [("Any device", None)])
        self._metric = ChoiceCombo("history-metric", "Only this metric", _metrics(THE_SIX))
        self._period = PeriodChoice("history-period", now)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._combos = (self._status, self._area, self._device, self._metric)
        self._lay_out()
        self._search.textChanged.connect(self._typing.start)
        self._typing.timeout.connect(self.changed)
        for combo in self._combos:
            combo.currentIndexChanged.connect(self.changed)
        self._period.changed.connect(self.changed)
        LeaveFilter(self._search, table)
        find = QShortcut(QKeySequence.StandardKey.Find, parent)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self._search.setFocus)

    @property
    def chosen(self) -> AlertFilter:
        """The filter now set."""
        since, until = self._period.bounds
        status = self._status.currentData()
        return AlertFilter(
            text=self._search.text().strip(),
            severities=frozenset(severity for severity, b in self._severities.items() if b.isChecked()),
            # Qt hands an enumeration of strings back as a plain string.
            statuses=frozenset({AlertStatus(status)}) if status else frozenset(),
            device=self._device.currentData(),
            location=self._area.currentData(),
            metric=self._metric.currentData(),
            since=since,
            until=until,
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is filtered away."""
        return (
            bool(self._search.text().strip())
            or any(button.isChecked() for button in self._severities.values())
            or any(combo.is_narrowing for combo in self._combos)
            or self._period.is_narrowing
        )

    def offer(self, devices: Sequence[Device], quantities: Quantities = THE_SIX) -> None:
        """Offer these devices, their areas, and what is measured; what is chosen stays chosen."""
        areas = sorted({device.location for device in devices}, key=natural)
        is_gone = self._area.offer([("Any area", None), *((area or "No area", area) for area in areas)])
        named = sorted(devices, key=lambda device: (natural(device.name), device.id))
        is_gone |= self._device.offer([("Any device", None), *((d.name, d.id) for d in named)])
        is_gone |= self._metric.offer(_metrics(quantities))
        if is_gone:
            self.changed.emit()

    def clear(self) -> None:
        """Show everything; told once."""
        self.blockSignals(True)
        self._search.clear()
        self._typing.stop()
        for button in self._severities.values():
            button.setChecked(False)
        for combo in self._combos:
            combo.reset()
        self._period.reset()
        self.blockSignals(False)
        self.changed.emit()

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(6)
        first.addWidget(self._search, 1)
        first.addWidget(self._period)
        for severity, button in self._severities.items():
            button.setObjectName(f"history-severity-{severity.value}")
            button.setAccessibleName(f"Only {button.text().casefold()}")
            button.setToolTip(f"Show only: {button.text().casefold()}")
            button.setCheckable(True)
            button.toggled.connect(self.changed)
            second.addWidget(button)
        for combo in self._combos:
            second.addWidget(combo)
        second.addStretch(1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(6)
        rows.addLayout(first)
        rows.addLayout(second)


def _metrics(quantities: Quantities) -> list[Choice]:
    measured = [(quantity.label, quantity.key) for quantity in quantities.all]
    return [("Any metric", None), *measured, ("Device as a whole", DEVICE_METRIC)]
