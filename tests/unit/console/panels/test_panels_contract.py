"""What every panel keeps, asked of each in the registry."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QLineEdit, QPushButton, QWidget
from shiboken6 import isValid

import console.panels
from console.panels.registry import PANELS
from console.widgets.theme import DARK, LIGHT, ThemeSource

ROOM = Path(console.panels.__file__).parent
FILES = sorted(ROOM.rglob("*.py"))


class ShownWindows(QObject):
    """Notes which windows of their own are shown."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's spelling)
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.names.append(f"{type(watched).__name__} {watched.objectName()}")
        return False


def test_keys_and_titles_are_unique():
    assert len({panel.key for panel in PANELS}) == len({panel.title for panel in PANELS}) == len(PANELS)


@pytest.mark.parametrize("panel_type", PANELS, ids=lambda panel: panel.key)
def test_every_control_has_an_object_name_and_an_accessible_name(show, bridge, panel_type):
    panel = show(panel_type, bridge)
    controls = [
        control
        for kind in (QPushButton, QLineEdit, QComboBox, QAbstractItemView)
        for control in panel.findChildren(kind)
        if control.isVisible() and not isinstance(control.parentWidget(), QComboBox | QAbstractItemView)
    ]

    nameless = [control for control in controls if not control.objectName()]
    silent = [c for c in controls if not (c.accessibleName() or (isinstance(c, QPushButton) and c.text()))]
    assert (nameless, silent) == ([], [])


@pytest.mark.parametrize("panel_type", PANELS, ids=lambda panel: panel.key)
def test_a_panel_lives_through_theme_changes_and_hiding(show, bridge, panel_type):
    panel = show(panel_type, bridge)
    panel.theme_source.use(DARK)
    panel.grab()
    panel.hide()
    bridge.set_alerts([])
    bridge.set_catalogue([])
    panel.theme_source.use(LIGHT)
    panel.show()

    assert panel.grab().width() == 1280


@pytest.mark.parametrize("panel_type", PANELS, ids=lambda panel: panel.key)
def test_a_hidden_panel_asks_nothing(show, bridge, panel_type):
    panel = show(panel_type, bridge)
    panel.hide()
    bridge.asked.clear()
    bridge.set_alerts(bridge.alerts[1:])
    bridge.set_catalogue(bridge.catalogue.devices)
    bridge.now_unix += 30

    assert bridge.asked == []


@pytest.mark.parametrize("panel_type", PANELS, ids=lambda panel: panel.key)
def test_no_window_flashes_up_while_a_panel_is_built(qapp, bridge, panel_type):
    """A widget that is shown before it has a parent is a window of its own for a moment."""
    shown = ShownWindows()
    qapp.installEventFilter(shown)
    panel = panel_type(bridge, ThemeSource(), lambda *_arguments: None)
    qapp.removeEventFilter(shown)
    panel.deleteLater()

    assert shown.names == []


@pytest.mark.parametrize("panel_type", PANELS, ids=lambda panel: panel.key)
def test_a_panel_of_a_session_that_ended_hears_nothing_more(qtbot, bridge, panel_type):
    panel = panel_type(bridge, ThemeSource(), lambda *_arguments: None)
    panel.show()
    panel.deleteLater()
    qtbot.waitUntil(lambda: not isValid(panel))
    with qtbot.captureExceptions() as exceptions:
        bridge.set_alerts([])
        bridge.set_catalogue([])
        bridge.set_link(is_database_live=False)
        bridge.set_person(None)

    assert exceptions == []


def _outside_of_questions(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    inside = {
        node
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and function.name == "__call__"
        for node in ast.walk(function)
    }
    return [
        f"{file.relative_to(ROOM)}:{node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith(("models.queries", "models.database"))
        and node not in inside
    ]


def test_the_database_is_only_touched_inside_questions():
    """Storage may be imported nowhere but in the `__call__` of a question, which runs on a worker thread."""
    assert len(FILES) > 100
    assert [place for file in FILES for place in _outside_of_questions(file)] == []


def test_panels_open_without_waiting_for_the_database_library():
    code = "import sys, console.panels.registry; sys.exit('sqlalchemy' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOM.parents[1], check=False).returncode == 0
