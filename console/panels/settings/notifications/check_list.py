"""Choices of which several may hold: boxes in a line where they are few, a list where they are many."""

from collections.abc import Hashable, Iterable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QListWidget, QListWidgetItem, QWidget

Choice = tuple[Hashable, str]
"""What is chosen, and how it reads."""


class CheckBoxes(QWidget):
    """A line of boxes.

    Attributes:
        changed: Another choice was made.
    """

    changed = Signal()

    def __init__(self, name: str, choices: Sequence[Choice], chosen: Iterable[Hashable]) -> None:
        """Lay the boxes out, those of `chosen` ticked."""
        super().__init__()
        self.setObjectName(name)
        marked = set(chosen)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 2)
        layout.setSpacing(18)
        self._boxes: list[tuple[Hashable, QCheckBox]] = []
        for number, (value, words) in enumerate(choices):
            box = QCheckBox(words)
            box.setObjectName(f"{name}-{number}")
            box.setChecked(value in marked)
            box.toggled.connect(self.changed)
            layout.addWidget(box)
            self._boxes.append((value, box))
        layout.addStretch(1)
        if self._boxes:
            self.setFocusProxy(self._boxes[0][1])

    @property
    def chosen(self) -> list[Hashable]:
        """What is ticked, in the order of the boxes."""
        return [value for value, box in self._boxes if box.isChecked()]


class CheckList(QListWidget):
    """A list whose rows are ticked with the space bar; typing finds a row.

    Attributes:
        changed: Another choice was made.
    """

    changed = Signal()

    def __init__(
        self, name: str, choices: Sequence[Choice], chosen: Iterable[Hashable], rows: int = 4
    ) -> None:
        """Fill the list, what is chosen first; as high as so many rows."""
        super().__init__()
        self.setObjectName(name)
        marked = set(chosen)
        for value, words in sorted(choices, key=lambda choice: choice[0] not in marked):
            item = QListWidgetItem(words)
            item.setData(Qt.ItemDataRole.UserRole, value)
            item.setFlags(
                Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable
            )
            item.setCheckState(Qt.CheckState.Checked if value in marked else Qt.CheckState.Unchecked)
            self.addItem(item)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(24 * rows + 6)
        self.itemChanged.connect(lambda _item: self.changed.emit())
        if self.count():
            self.setCurrentRow(0)

    @property
    def chosen(self) -> list[Hashable]:
        """What is ticked."""
        items = [self.item(row) for row in range(self.count())]
        return [
            item.data(Qt.ItemDataRole.UserRole)
            for item in items
            if item.checkState() is Qt.CheckState.Checked
        ]
