"""A file that is typed, or looked for with the mouse."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from console.panels.limits.file_choice import ask_open_path

ChooseFile = Callable[[QWidget, str, str], Path | None]
"""Parent, kinds of files, title → the file; None where the person thought better of it."""


class PathField(QWidget):
    """A line with a button beside it."""

    def __init__(
        self, name: str, title: str, kinds: str, hint: str, choose: ChooseFile = ask_open_path
    ) -> None:
        """Lay it out.

        Args:
            name: Object name of the line.
            title: What is chosen, as a title: "Choose an image".
            kinds: Of files, as Qt wants them.
            hint: Shown in the line while it is empty.
            choose: Asks for a file.
        """
        super().__init__()
        self._title, self._kinds, self._choose = title, kinds, choose
        self.line = QLineEdit()
        self.line.setObjectName(name)
        self.line.setPlaceholderText(hint)
        button = QPushButton("Choose…")
        button.setObjectName(f"{name}-choose")
        button.setAccessibleName(title)
        # In a dialog Enter in any field would press it.
        button.setAutoDefault(False)
        button.clicked.connect(self._ask)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line, 1)
        layout.addWidget(button)

    @property
    def path(self) -> Path | None:
        """What is typed; None where nothing is."""
        typed = self.line.text().strip()
        return Path(typed).expanduser() if typed else None

    def _ask(self) -> None:
        chosen = self._choose(self, self._kinds, self._title)
        if chosen is not None:
            self.line.setText(str(chosen))
