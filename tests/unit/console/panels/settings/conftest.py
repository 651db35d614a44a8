"""The settings on a bridge fed by hand, and what tests press and read in them."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QWidget

from console.panels.settings.settings_panel import SettingsPanel


@pytest.fixture
def settings(show, empty_bridge) -> SettingsPanel:
    return show(SettingsPanel, empty_bridge)


@pytest.fixture
def find(settings) -> Callable[..., QWidget]:
    """Return a function that finds a widget of the settings, or of a form that is open over them."""

    def found(kind: type[QWidget], name: str) -> QWidget:
        widget = settings.findChild(kind, name)
        assert widget is not None, f"there is no {kind.__name__} called {name}"
        return widget

    return found
