"""Names and facts in two columns, for panes beside lists. What is empty takes no room."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource

LABEL_PX = 92


class FactGrid(QWidget):
    """Quiet rows of words; they wrap, and can be marked and copied."""

    def __init__(
        self, name: str, titles: Sequence[str], theme_source: ThemeSource, parent: QWidget | None = None
    ) -> None:
        """Lay the rows out, called `NAME-TITLE`."""
        super().__init__(parent)
        self.setObjectName(name)
        self._themes = theme_source
        self._rows: dict[str, tuple[QLabel, QLabel]] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for place, title in enumerate(titles):
            label, fact = QLabel(title), plain_label()
            label.setFixedWidth(LABEL_PX)
            fact.setObjectName(f"{name}-{title.casefold().replace(' ', '-')}")
            fact.setWordWrap(True)
            fact.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(label, place, 0, alignment=Qt.AlignmentFlag.AlignTop)
            grid.addWidget(fact, place, 1)
            self._rows[title] = (label, fact)
        theme_source.changed.connect(self._colour)
        self._colour()

    def show_facts(self, facts: Mapping[str, str]) -> None:
        """Show these facts by title; rows that are empty or not named are not seen."""
        for title, (label, fact) in self._rows.items():
            words = facts.get(title, "")
            if words != fact.text():
                fact.setText(words)
            label.setVisible(bool(words))
            fact.setVisible(bool(words))

    def _colour(self) -> None:
        for label, _fact in self._rows.values():
            label.setStyleSheet(f"color: {self._themes.theme.muted.name()};")
