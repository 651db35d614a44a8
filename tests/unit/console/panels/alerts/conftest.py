"""The Alerts screen on a bridge that holds a plant, and what stands in for people's answers."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QWidget

from console.panels.alerts.alerts_panel import AlertsPanel
from tests.unit.console.panels.plant_scene import NOW

AT = datetime.fromtimestamp(NOW, UTC)


@pytest.fixture
def panel(show, bridge, answers, tmp_path) -> AlertsPanel:
    def choose(parent: QWidget, name: str, kinds: str) -> Path:
        return tmp_path / name

    return show(lambda *args, **named: AlertsPanel(*args, ask=answers, choose_file=choose, **named), bridge)


def words_of(widget: QWidget, name: str) -> str:
    return widget.findChild(QLabel, name).text()


def questions(bridge, kind: str) -> list:
    """Take the open questions of a kind out of the bridge's list, oldest first."""
    found = [asked for asked in bridge.asked if type(asked.what).__name__ == kind]
    bridge.asked[:] = [asked for asked in bridge.asked if asked not in found]
    return found
