"""From a device's screen to why one of its values is grey."""

import pytest
from PySide6.QtWidgets import QPushButton

from console.panels.device_face.device_panel import DevicePanel
from console.panels.devices.health.grey_dialog import GreyDialog
from tests.unit.console.panels.plant_scene import NOW, OFFLINE


@pytest.fixture
def panel(show, bridge) -> DevicePanel:
    return show(DevicePanel, bridge)


def dialog(panel: DevicePanel) -> GreyDialog:
    return panel.findChild(GreyDialog)


def test_button_is_there_while_a_value_is_grey(panel) -> None:
    why = panel.findChild(QPushButton, "device-why")
    panel.show_device(OFFLINE)
    assert why.isVisible()
    why.click()
    assert dialog(panel).isVisible()
    assert dialog(panel).chain.first_broken is not None


def test_values_that_grow_stale_bring_the_button(panel, bridge) -> None:
    why = panel.findChild(QPushButton, "device-why")
    was_visible = why.isVisible()
    bridge.now_unix = NOW + 10
    panel.on_second()
    assert (was_visible, why.isVisible()) == (False, True)


def test_a_value_that_is_live_can_be_followed_too(panel) -> None:
    panel.findChild(QPushButton, "device-follow").click()
    assert dialog(panel).isVisible()
