"""Appearance: the theme of this workstation."""

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QLabel, QRadioButton, QVBoxLayout

from console.panels.settings.page_parts import add_explained, page_layout, page_title
from console.panels.settings.section import Section, Surroundings

_CHOICES = (
    ("light", "&Light", "Dark letters on grey: for a lit control room."),
    ("dark", "&Dark", "Bright letters on dark grey: for a dark control room."),
    ("system", "&As the desktop", "Light or dark, whichever this computer's desktop is set to."),
)


class AppearanceSection(Section):
    """Three choices; each shows at once and is remembered on this workstation."""

    key: ClassVar[str] = "appearance"
    title: ClassVar[str] = "Appearance"
    icon: ClassVar[str] = "mdi6.theme-light-dark"

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._buttons: dict[str, QRadioButton] = {}
        self._group = QButtonGroup(self)
        layout: QVBoxLayout = page_layout(self)
        layout.addWidget(page_title("Appearance"))
        for setting, words, advice in _CHOICES:
            button = QRadioButton(words)
            button.setObjectName(f"appearance-{setting}")
            button.setAccessibleDescription(advice)
            button.clicked.connect(lambda _=False, setting=setting: self.theme_source.choose(setting))
            self._buttons[setting] = button
            self._group.addButton(button)
            add_explained(layout, button, advice, self.theme_source)
        hint = QLabel("Ctrl+T changes between light and dark on every screen.")
        hint.setAlignment(Qt.AlignmentFlag.AlignLeft)
        layout.addSpacing(8)
        layout.addWidget(hint)
        layout.addStretch(1)
        self.theme_source.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Mark the theme in use."""
        self._buttons[self.theme_source.setting].setChecked(True)

    def focus_first(self) -> None:
        """Put the keyboard on the choice in use."""
        self._buttons[self.theme_source.setting].setFocus()
