"""THE CONTRACT of a section of the settings: one page beside the list.

Like a panel: everything comes through the constructor, a hidden section asks nothing, and nothing is decided
here. `refresh` is called before the section is seen, and while it is seen whenever what it is about changed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from console.bridge.bridge import Bridge
from console.widgets.theme import ThemeSource
from models.records.rights import Action


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every section is built from."""

    bridge: Bridge
    theme_source: ThemeSource
    now: Callable[[], float]


class Section(QWidget):
    """One page.

    Attributes:
        key: Name in code; never changes.
        title: What people read in the list.
        icon: A qtawesome name.
        needs: What a person must be allowed to do to see it; None = everybody sees it.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    icon: ClassVar[str]
    needs: ClassVar[Action | None] = None

    def __init__(self, around: Surroundings) -> None:
        super().__init__()
        self.setObjectName(f"settings-{self.key}")
        self.setAccessibleName(self.title)
        self.bridge = around.bridge
        self.theme_source = around.theme_source
        self.now = around.now

    def refresh(self) -> None:
        """Bring everything up to date."""

    def on_second(self) -> None:
        """Refresh what shows an age."""

    def focus_first(self) -> None:
        """Put the keyboard where work begins."""

    def is_populated(self) -> bool:
        """Tell whether a person would see content now."""
        return True

    def minimumSizeHint(self) -> QSize:
        """As narrow as it must be: the window sets the size, not the longest name in a table."""
        return QSize(0, 0)
