"""A combo box of choices of which the first lets everything through."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QComboBox, QWidget

_SHOWN_CHOICES = 20

Choice = tuple[str, Any]
"""What is read, and what it stands for."""


class ChoiceCombo(QComboBox):
    """As wide as usual names; a name of 255 letters does not push its neighbours out of the window."""

    def __init__(
        self,
        name: str,
        accessible_name: str,
        choices: Sequence[Choice],
        letters: int = 11,
        parent: QWidget | None = None,
    ) -> None:
        """Lay it out.

        Args:
            name: Object name.
            accessible_name: What a screen reader says.
            choices: The first is the one that narrows nothing.
            letters: How wide, in letters.
            parent: Owner.
        """
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        self.setToolTip(accessible_name)
        self.setMaxVisibleItems(_SHOWN_CHOICES)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(letters)
        for words, data in choices:
            self.addItem(words, data)

    @property
    def is_narrowing(self) -> bool:
        """Whether another than the first is chosen."""
        return self.currentIndex() > 0

    def offer(self, choices: Sequence[Choice]) -> bool:
        """Offer these; what is chosen stays chosen. Tell whether it could not, because it is gone."""
        known = [(self.itemText(place), self.itemData(place)) for place in range(self.count())]
        if known == list(choices):
            return False
        was = self.currentData()
        self.blockSignals(True)
        self.clear()
        for words, data in choices:
            self.addItem(words, data)
        places = [place for place, (_words, data) in enumerate(choices) if data == was]
        self.setCurrentIndex(places[0] if places else 0)
        self.blockSignals(False)
        return not places

    def choose(self, data: Any) -> None:
        """Choose what stands for this; nothing where it is not offered."""
        place = self.findData(data)
        if place >= 0:
            self.setCurrentIndex(place)

    def reset(self) -> None:
        """Let everything through."""
        self.setCurrentIndex(0)
