"""What a scan looks for: units on the line, or readable registers of one table."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QRadioButton, QWidget

from console.widgets.spin_box import make_spin_box
from drivers.workbench import ScanPlan

_LAST = 65535
_FIRST_REGISTERS = 999


class ScanForm(QWidget):
    """Offers units where the connection has any.

    Attributes:
        changed: Something else is wanted.
    """

    changed = Signal()

    def __init__(
        self, tables: Sequence[str], units: tuple[int, int] | None, parent: QWidget | None = None
    ) -> None:
        """Lay it out.

        Args:
            tables: `Tools.tables`.
            units: Lowest and highest unit id there is; None where the connection has no units.
            parent: Owner.
        """
        super().__init__(parent)
        self.setObjectName("scan-form")
        low, high = units or (0, 0)
        self._by_units = _choice("scan-units", "Which &units answer")
        self._by_registers = _choice("scan-registers", "Which &registers can be read")
        self._first_unit = make_spin_box("scan-first-unit", "First unit", low, high, low)
        self._last_unit = make_spin_box("scan-last-unit", "Last unit", low, high, high)
        self._table = QComboBox()
        self._table.setObjectName("scan-table")
        self._table.setAccessibleName("Table")
        for table in tables:
            self._table.addItem(table, table)
        self._start = make_spin_box("scan-start", "First register", 0, _LAST, 0)
        self._end = make_spin_box("scan-end", "Last register", 0, _LAST, _FIRST_REGISTERS)
        self._pause = make_spin_box("scan-pause", "Pause between requests", 0, 10_000, 20)
        self._pause.setSuffix(" ms")
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(8)
        layout.addWidget(self._by_units, 0, 0)
        for place, part in enumerate((_words("from"), self._first_unit, _words("to"), self._last_unit)):
            layout.addWidget(part, 0, 2 + place)
        layout.addWidget(self._by_registers, 1, 0)
        row = (self._table, _words("from"), self._start, _words("to"), self._end)
        for place, part in enumerate(row):
            layout.addWidget(part, 1, 1 + place)
        pause = _words("&Pause between requests")
        pause.setBuddy(self._pause)
        layout.addWidget(pause, 2, 0)
        layout.addWidget(self._pause, 2, 1)
        layout.setColumnStretch(7, 1)
        (self._by_registers if units is None else self._by_units).setChecked(True)
        if units is None:
            self._by_units.hide()
            for place in range(2, 6):
                item = layout.itemAtPosition(0, place)
                if item is not None and (widget := item.widget()) is not None:
                    widget.hide()
        for spin in (self._first_unit, self._last_unit, self._start, self._end, self._pause):
            spin.valueChanged.connect(lambda _: self._tell())
        self._by_units.toggled.connect(lambda _: self._tell())
        self._table.currentIndexChanged.connect(lambda _: self._tell())
        self._tell()

    @property
    def plan(self) -> ScanPlan:
        """What is wanted now; ends that were swapped are put right."""
        pause_ms = self._pause.value()
        if self._by_units.isChecked():
            first, last = sorted((self._first_unit.value(), self._last_unit.value()))
            return ScanPlan(units=(first, last), pause_ms=pause_ms)
        start, end = sorted((self._start.value(), self._end.value()))
        return ScanPlan(table=str(self._table.currentData()), start=start, end=end, pause_ms=pause_ms)

    def _tell(self) -> None:
        by_units = self._by_units.isChecked()
        for field in (self._first_unit, self._last_unit):
            field.setEnabled(by_units)
        for field in (self._table, self._start, self._end):
            field.setEnabled(not by_units)
        self.changed.emit()


def _choice(name: str, text: str) -> QRadioButton:
    choice = QRadioButton(text)
    choice.setObjectName(name)
    return choice


def _words(text: str) -> QLabel:
    return QLabel(text)
