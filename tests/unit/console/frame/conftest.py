"""A bridge fed by hand and a window round small panels."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSettings

from console.main_window import MainWindow
from console.widgets.theme import LIGHT, ThemeSource
from tests.unit.console.fake_bridge import FakeBridge
from tests.unit.console.frame.frame_parts import NOW, PANELS, device


@pytest.fixture
def bridge(qapp) -> FakeBridge:
    made = FakeBridge(NOW)
    made.set_catalogue([device(number) for number in range(1, 6)])
    made.set_link(is_opening=False, is_station_connected=True, is_database_live=True, database_text="live")
    return made


@pytest.fixture
def themes(qapp) -> ThemeSource:
    made = ThemeSource()
    made.use(LIGHT)
    return made


@pytest.fixture
def memory(tmp_path) -> QSettings:
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def window(qtbot, bridge, themes, memory) -> Iterator[MainWindow]:
    made = MainWindow(bridge, themes, PANELS, memory, now=lambda: bridge.now_unix)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    made.begin()
    yield made
    made.close()
