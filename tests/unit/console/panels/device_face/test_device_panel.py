from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QWidget

from console.bridge.alert_commands import BeginMaintenance, EndMaintenance, UnshelveThresholds
from console.bridge.commands import AcknowledgeAlerts
from console.panels.device_face.device_panel import DevicePanel
from console.widgets.value_readout import ValueReadout
from models.records.alert import AlertId, AlertOutcome, AlertStatus
from models.records.device import DeviceId
from models.records.shelf import HiddenBy, Maintenance, Shelf
from models.records.threshold import ThresholdId
from tests.unit.console.panels.plant_scene import NOW, OFFLINE


@pytest.fixture
def panel(show, bridge) -> DevicePanel:
    return show(DevicePanel, bridge)


def text(panel: DevicePanel, name: str) -> str:
    return panel.findChild(QLabel, name).text()


def test_without_a_choice_the_device_of_the_worst_alert_is_shown(panel):
    assert text(panel, "device-name") == "Compressor 3"
    assert len(panel.cards) == 5


def test_an_offline_device_says_why_and_shows_no_value(panel):
    panel.show_device(OFFLINE)

    assert text(panel, "device-state").startswith("Offline · last reading 3 min ago\nNo answer from")
    readouts = [card.findChild(ValueReadout) for card in panel.cards]
    assert all("no good value" in readout.accessibleName() for readout in readouts)


def test_values_grow_stale_on_screen_by_time_alone(panel, bridge):
    bridge.now_unix = NOW + 10
    panel.on_second()

    assert "Stale" in text(panel, "device-state")


def test_keys_lead_to_the_device_before_and_after(panel):
    first = panel.device
    QTest.keyClick(panel, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert panel.device != first

    QTest.keyClick(panel, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert panel.device == first


def test_the_picker_leads_to_any_device(panel):
    picker = panel.findChild(QComboBox, "device-picker")
    row = picker.findText("Press 4 · Hall A")
    picker.setCurrentIndex(row)
    picker.activated.emit(row)

    assert panel.device == 4


def test_an_alert_is_acknowledged_and_pending_until_it_comes_back(panel, bridge):
    button = panel.findChild(QPushButton, "device-acknowledge-1")
    button.click()
    assert (button.text(), button.isEnabled()) == ("Acknowledging…", False)
    assert bridge.commanded[0].what == AcknowledgeAlerts((AlertId(1),))

    bridge.confirm_next([AlertOutcome(AlertId(1), is_changed=True, text="Acknowledged.")])
    bridge.set_alerts([replace(bridge.alerts[0], status=AlertStatus.ACKNOWLEDGED), *bridge.alerts[1:]])

    (card,) = [card for card in panel.findChildren(QWidget, "device-alert-1") if card.isVisible()]
    assert card.findChild(QPushButton, "device-acknowledge-1") is None
    assert any(label.text().startswith("Active, acknowledged") for label in card.findChildren(QLabel))


def test_a_second_operator_is_told_who_was_first(panel, bridge):
    panel.findChild(QPushButton, "device-acknowledge-1").click()
    sentence = "Already acknowledged by m.berg at 07:53:20 UTC."
    bridge.confirm_next([AlertOutcome(AlertId(1), is_changed=False, text=sentence)])

    assert text(panel, "device-alerts-said") == sentence
    assert panel.findChild(QPushButton, "device-acknowledge-1").isEnabled()


def test_trends_show_an_hour_on_demand(qtbot, panel, bridge):
    bridge.asked.clear()
    panel.findChild(QPushButton, "device-span-2").click()

    assert all(card.chart.visible_range[1] - card.chart.visible_range[0] == 3600 for card in panel.cards)


def test_the_way_to_trends_carries_the_device(panel, visits):
    panel.findChild(QPushButton, "device-trends").click()

    assert visits.seen == [("trends", 3)]


def test_a_removed_device_gives_way_to_another(panel, bridge):
    bridge.set_catalogue([device for device in bridge.catalogue.devices if device.id != 3])

    assert panel.device not in (None, 3)


def test_no_devices_says_what_to_do_next(show, empty_bridge):
    panel = show(DevicePanel, empty_bridge)

    assert panel.device is None
    assert any("screen Devices" in label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def test_the_device_seen_last_is_kept(panel):
    panel.show_device(DeviceId(8))
    panel.hide()
    panel.show()

    assert panel.device == 8
    assert panel.findChild(QComboBox, "device-picker").currentData() == 8


AT = datetime.fromtimestamp(NOW, UTC)
WORK = Maintenance(DeviceId(3), "Compressor 3", "Anna Berg", "Belt change", AT, AT + timedelta(minutes=90))


def test_maintenance_is_begun_with_a_reason_and_shown_in_the_head(panel, bridge):
    panel.findChild(QPushButton, "device-maintenance").click()
    QTest.keyClicks(panel.findChild(QLineEdit, "maintenance-reason-line"), "Belt change")
    panel.findChild(QPushButton, "maintenance-dialog-go").click()
    assert bridge.commanded[0].what == BeginMaintenance((DeviceId(3),), "Belt change", 3600.0)

    bridge.confirm_next([DeviceId(3)])
    bridge.set_aside(maintenance=[WORK])

    assert text(panel, "device-said").startswith("Compressor 3 is in maintenance until ")
    assert text(panel, "device-maintenance-state").endswith(", Anna Berg: Belt change")


def test_maintenance_is_ended_from_the_head(panel, bridge):
    bridge.set_aside(maintenance=[WORK])
    panel.findChild(QPushButton, "device-maintenance").click()
    panel.findChild(QPushButton, "maintenance-end").click()

    assert bridge.commanded[0].what == EndMaintenance((DeviceId(3),))
    bridge.confirm_next([DeviceId(3)])
    assert (
        text(panel, "device-said") == "Maintenance of Compressor 3 has ended; what still stands asks again."
    )


def test_a_shelved_alert_says_who_and_why_and_can_be_taken_back(panel, bridge):
    until = AT + timedelta(hours=1)
    shelf = Shelf(
        ThresholdId(300), DeviceId(3), "Compressor 3", "Anna Berg", "Calibration", AT, until, False, True
    )
    shelved = replace(
        bridge.alerts[0],
        hidden_by=HiddenBy.SHELF,
        shelved_until=until,
        shelved_by="Anna Berg",
        shelf_reason="Calibration",
    )
    bridge.set_alerts([shelved, *bridge.alerts[1:]])
    bridge.set_aside([shelf])

    (card,) = [card for card in panel.findChildren(QWidget, "device-alert-1") if card.isVisible()]
    assert any(label.text().endswith("Anna Berg: Calibration") for label in card.findChildren(QLabel))
    card.findChild(QPushButton, "device-unshelve-1").click()
    assert bridge.commanded[0].what == UnshelveThresholds((ThresholdId(300),))
