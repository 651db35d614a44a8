"""Names come from other people: what looks like HTML in one is shown as it stands, and loads no picture."""

from dataclasses import replace

import pytest
from PySide6.QtGui import Qt
from PySide6.QtWidgets import QAbstractItemView, QLabel, QWidget

from console.panels.registry import PANELS
from models.records.device import DeviceState, DeviceStatus
from models.records.threshold import Severity
from tests.unit.console.panels.plant_scene import make_alert, make_device

MARKUP = "<img src='//elsewhere/x'>"
SCREENS = [panel for panel in PANELS if panel.key in ("alerts", "device", "devices", "overview", "trends")]


@pytest.mark.parametrize("panel_type", SCREENS, ids=lambda panel: panel.key)
def test_markup_in_a_name_stays_text(show, bridge, panel_type):
    device = replace(make_device(1), name=MARKUP, type=MARKUP, location=MARKUP, device_id=MARKUP)
    bridge.set_catalogue([replace(device, tags=tuple(replace(t, address=MARKUP) for t in device.tags))])
    bridge.set_states(DeviceState(device.id, DeviceStatus.ERROR, MARKUP, None))
    bridge.set_alerts([make_alert(1, device, Severity.CRITICAL, 60.0, message=MARKUP)])
    panel = show(panel_type, bridge)
    labels = [label for label in panel.findChildren(QLabel) if MARKUP in label.text()]
    tips = [widget.toolTip() for widget in panel.findChildren(QWidget)]
    tips += [
        str(view.model().index(0, column).data(Qt.ItemDataRole.ToolTipRole) or "")
        for view in panel.findChildren(QAbstractItemView)
        for column in range(8)
    ]
    assert [label.objectName() for label in labels if label.textFormat() != Qt.TextFormat.PlainText] == []
    assert [tip for tip in tips if MARKUP in tip] == []
