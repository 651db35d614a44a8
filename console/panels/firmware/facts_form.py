"""Facts of a version, a name and a value each; values can be marked and copied."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel

from console.panels.elided_label import ElidedLabel
from console.widgets.plain_text import plain_label, plain_tip

Fact = tuple[str, str]


class FactsForm(QFormLayout):
    """The names are always the same; lines are made with the first facts and kept."""

    def __init__(self, name: str, elided: str = "") -> None:
        """Store what is needed.

        Args:
            name: How the values' object names begin.
            elided: Name of the fact that has no place where a line could break.
        """
        super().__init__()
        self._name, self._elided = name, elided
        self._values: list[QLabel] = []
        self.setHorizontalSpacing(14)
        self.setVerticalSpacing(5)
        self.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show these."""
        for label, _value in facts[len(self._values) :]:
            words = ElidedLabel() if label == self._elided else selectable_label("")
            words.setObjectName(f"{self._name}-{label.lower()}")
            self._values.append(words)
            title = plain_label(label)
            title.setAlignment(Qt.AlignmentFlag.AlignTop)
            self.addRow(title, words)
        for words, (_label, value) in zip(self._values, facts, strict=True):
            words.setText(value)
            words.setToolTip(plain_tip(value))


def selectable_label(name: str) -> QLabel:
    """Return a label whose words wrap and can be copied."""
    label = plain_label()
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def grouped_digits(digits: str) -> str:
    """Return a hash in groups of eight, so that people can compare it and lines can break."""
    return " ".join(digits[place : place + 8] for place in range(0, len(digits), 8))
