"""The Devices screen on a bridge fed by hand, and what tests press and answer."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QTableView, QWidget

from console.panels.devices.devices_panel import DevicesPanel
from console.widgets.theme import LIGHT, ThemeSource
from tests.unit.console.fake_bridge import FakeBridge
from tests.unit.console.panels.plant_scene import NOW, fill


@pytest.fixture
def bridge(qtbot) -> FakeBridge:
    """A small plant: the fill of a large one would be most of these tests' time."""
    made = FakeBridge(NOW)
    fill(made, 8, seconds=5, has_alerts=False)
    return made


@pytest.fixture
def make_panel(qtbot, answers) -> Iterator[Callable[[FakeBridge], DevicesPanel]]:
    def make(on: FakeBridge) -> DevicesPanel:
        panel = DevicesPanel(
            on, ThemeSource(LIGHT), lambda *_, **__: None, now=lambda: on.now_unix, ask=answers
        )
        qtbot.addWidget(panel)
        panel.resize(1188, 690)
        panel.show()
        qtbot.waitExposed(panel)
        return panel

    yield make
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def window(qtbot) -> Iterator[QWidget]:
    """What dialogs open over."""
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    yield made
    made.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def panel(qtbot, bridge, make_panel) -> DevicesPanel:
    """The screen with the device in most trouble in its form."""
    made = make_panel(bridge)
    qtbot.waitUntil(lambda: made.editor.subject is not None)
    return made


@pytest.fixture
def find(panel) -> Callable[..., QWidget]:
    """Find a widget of the screen."""

    def found(kind: type[QWidget], name: str) -> QWidget:
        widget = panel.findChild(kind, name)
        assert widget is not None, f"there is no {kind.__name__} called {name}"
        return widget

    return found


@pytest.fixture
def table(panel) -> QTableView:
    return panel.findChild(QTableView, "devices-table")
