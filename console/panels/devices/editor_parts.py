"""Further tabs of the editor, beside connection and tags: each shows something about the device in it.

A part is a widget that is told which device is looked at. It asks the database only while it is visible.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtWidgets import QWidget

from console.bridge.bridge import Bridge
from console.panels.devices.health.health_part import HealthPart
from console.widgets.theme import ThemeSource
from models.records.device import Device


class EditorPart(Protocol):
    """What a tab must be able to do; it is a QWidget, too."""

    def show_device(self, device: Device | None) -> None:
        """Show a stored device; None: a new one, of which nothing is known yet."""
        ...


@dataclass(frozen=True, slots=True)
class PartKind:
    """One tab.

    Attributes:
        key: For tests and pictures.
        title: On the tab.
        build: Makes it; what it returns is an `EditorPart`.
    """

    key: str
    title: str
    build: Callable[[Bridge, ThemeSource, Callable[[], float]], QWidget]


EDITOR_PARTS: tuple[PartKind, ...] = (PartKind("health", "Health", HealthPart),)
"""One line a tab, left to right."""
