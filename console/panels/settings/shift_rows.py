"""The shifts of the day as rows: name, beginning, and a way to take one out."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from console.panels.settings.alarm_checks import LONGEST_NAME, MOST_SHIFTS
from models.records.shelf import Shift

_NAME_PX, _CLOCK_PX = 220, 80


class ShiftRows(QWidget):
    """Rows can be typed in any order; they are stored in the order of the day.

    Attributes:
        edited: Something was typed, added or taken out.
        added: A row was added at the end.
    """

    edited = Signal()
    added = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("alarm-shifts")
        self._rows: list[tuple[QWidget, QLineEdit, QLineEdit]] = []
        self._made = 0
        self._add = QPushButton("Add a shift")
        self._add.setObjectName("alarm-shift-add")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        below = QHBoxLayout()
        below.addWidget(self._add)
        below.addStretch(1)
        self._column.addLayout(below)
        self._add.clicked.connect(self._append_empty)

    @property
    def typed(self) -> list[tuple[str, str]]:
        """Names and beginnings as typed."""
        return [(name.text(), clock.text()) for _, name, clock in self._rows]

    def show_shifts(self, shifts: Sequence[Shift]) -> None:
        """Show these instead."""
        while self._rows:
            self._drop(self._rows[-1][0])
        self._made = 0
        for shift in shifts:
            self._append(shift.name, shift.starts)

    def focus_first(self) -> None:
        """Put the keyboard on the first row."""
        (self._rows[0][1] if self._rows else self._add).setFocus()

    def _append_empty(self) -> None:
        self._append("", "")
        self._rows[-1][1].setFocus()
        self.edited.emit()
        self.added.emit()

    def _append(self, name: str, starts: str) -> None:
        # Not the place: of three rows the second may have gone, and names must differ.
        self._made = number = self._made + 1
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        named, clock = QLineEdit(name), QLineEdit(starts)
        named.setMaxLength(LONGEST_NAME)
        named.setFixedWidth(_NAME_PX)
        named.setPlaceholderText("Name")
        clock.setFixedWidth(_CLOCK_PX)
        clock.setPlaceholderText("06:00")
        remove = QPushButton("Remove")
        for part, key, words in (
            (named, "name", f"Name of shift {number}"),
            (clock, "starts", f"Beginning of shift {number}"),
            (remove, "remove", f"Remove shift {number}"),
        ):
            part.setObjectName(f"alarm-shift-{key}-{number}")
            part.setAccessibleName(words)
            layout.addWidget(part)
        layout.addStretch(1)
        for field in (named, clock):
            field.textChanged.connect(self.edited)
        remove.clicked.connect(lambda: self._remove(row))
        self._rows.append((row, named, clock))
        self._column.insertWidget(len(self._rows) - 1, row)
        self._add.setEnabled(len(self._rows) < MOST_SHIFTS)

    def _remove(self, row: QWidget) -> None:
        self._drop(row)
        self._add.setFocus()
        self.edited.emit()

    def _drop(self, row: QWidget) -> None:
        self._rows = [known for known in self._rows if known[0] is not row]
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()
        self._add.setEnabled(len(self._rows) < MOST_SHIFTS)
