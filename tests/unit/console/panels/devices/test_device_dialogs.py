"""What is asked of the device itself: test, certificates, serial ports; answered by hand."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QScrollArea

from console.widgets.spec_form_special import SerialPortInput
from drivers.driver import TestStep as Step
from drivers.questions import OWN_CERTIFICATE, SERIAL_PORTS, TEST, SerialPort
from drivers.workbench import CertificateFacts, Fact, RegisterSpan, Tool
from models.records.device import DeviceId
from tests.unit.console.panels.plant_scene import NOW

FACTS = CertificateFacts(
    "AAAA",
    "CN=PLC-7",
    "CN=PLC-7",
    ":".join(["AB"] * 32),
    NOW - 1e7,
    NOW - 1e5,
    ("plc-7.local",),
    ("It ended on 2027-01-13; have it renewed at the server.",),
)


@pytest.fixture
def show(qtbot, panel):
    """Put a device into the form."""

    def shown(device):
        panel.show_device(DeviceId(device))
        qtbot.waitUntil(lambda: panel.editor.subject.stored.id == device)
        return panel.editor

    return shown


def press(editor, qtbot, name):
    button = editor.findChild(QPushButton, name)
    qtbot.waitUntil(button.isVisible)
    button.click()
    return editor.dialog


def test_a_test_tells_its_steps_as_they_come_and_which_failed(qtbot, bridge, show):
    dialog = press(show(2), qtbot, "device-do-test")
    asked = bridge.device_tools.open(TEST)
    assert (asked.driver, asked.hardware_id, asked.subject.addresses[0]) == (
        "modbus-tcp",
        "DRYER-02",
        "holding:3200:uint16",
    )
    asked.on_part(Step("Port open", True, 12.0, "10.0.0.7:502 accepted"))
    assert (len(dialog.steps), dialog.verdict) == (1, "")
    asked.on_part(Step("Unit answered", False, 1002.0, "No answer within 1 s; check the unit id."))
    asked.on_done(None)
    assert dialog.verdict.startswith("“Unit answered” failed; what stands above it worked.")
    shown = [label.text() for label in dialog.findChildren(QLabel)]
    assert "No answer within 1 s; check the unit id." in shown


def test_a_test_takes_what_is_typed_and_not_what_is_stored(qtbot, bridge, show):
    editor = show(2)
    editor.page.form.inputs["host"].target.setText("10.9.9.9")
    press(editor, qtbot, "device-do-test")
    assert bridge.device_tools.open(TEST).settings["host"] == "10.9.9.9"


def test_closing_a_test_stops_it(qtbot, bridge, show):
    dialog = press(show(2), qtbot, "device-do-test")
    asked = bridge.device_tools.open(TEST)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert asked.is_stopped


def test_a_test_that_cannot_begin_says_why(qtbot, bridge, show):
    dialog = press(show(2), qtbot, "device-do-test")
    bridge.device_tools.open(TEST).on_failed("No station runs on this computer.")
    assert dialog.verdict == "No station runs on this computer."


def test_a_certificate_is_trusted_on_purpose_only(qtbot, bridge, show):
    editor = show(3)
    editor.page.form.inputs["security"].target.setCurrentText("Basic256Sha256")
    dialog = press(editor, qtbot, "spec-server-certificate")
    bridge.device_tools.open(Tool.CERTIFICATE).on_done(FACTS)
    go = dialog.findChild(QPushButton, "server-certificate-trust")
    assert (go.text(), dialog.findChild(QPushButton, "server-certificate-cancel").isDefault()) == (
        "Trust it all the same",
        True,
    )
    assert "It ended on 2027-01-13" in dialog.findChild(QLabel, "server-certificate-complaints").text()
    assert "server_certificate" not in editor.typed.connection
    go.click()
    assert editor.typed.connection["server_certificate"] == "AAAA"


def test_what_a_large_server_tells_of_itself_fits_on_a_small_screen(qtbot, bridge, show):
    dialog = press(show(3), qtbot, "device-do-identify")
    bridge.device_tools.open(Tool.IDENTIFY).on_done(
        tuple(Fact(f"Press{number:03d}: Serial number", f"PRESS-D/{number}") for number in range(200))
    )

    assert dialog.sizeHint().height() < 700
    assert dialog.findChild(QScrollArea, "identify-facts").widget().height() > 3000


def test_an_action_whose_tool_a_protocol_lacks_is_not_offered(qtbot, show):
    editor = show(3)
    button = editor.findChild(QPushButton, "device-do-own-certificate")
    qtbot.waitUntil(button.isVisible)
    show(2)
    qtbot.waitUntil(editor.findChild(QPushButton, "device-do-test").isVisible)
    assert not button.isVisible()


@pytest.mark.parametrize(
    ("device", "key", "action", "name"),
    [
        (2, Qt.Key.Key_R, "test", "connection-test"),
        (2, Qt.Key.Key_B, "bench", "decoder-bench"),
        (3, Qt.Key.Key_B, "browse", "browse"),
    ],
)
def test_actions_have_keys_in_the_list_and_in_a_line_of_text(qtbot, panel, show, device, key, action, name):
    editor = show(device)
    qtbot.waitUntil(editor.findChild(QPushButton, f"device-do-{action}").isVisible)
    for place in (panel.devices_list.focusProxy(), editor.page.general.rows["name"].target):
        editor.window().activateWindow()
        place.setFocus()
        qtbot.waitUntil(place.hasFocus)
        QTest.keyClick(place, key, Qt.KeyboardModifier.ControlModifier)
        assert editor.dialog.objectName() == name
        editor.dialog.reject()


def test_the_bench_begins_where_the_first_tag_is_read(qtbot, bridge, show):
    press(show(2), qtbot, "device-do-bench")
    assert bridge.device_tools.open(Tool.REGISTERS).subject == RegisterSpan("holding", 3200, 20)


def test_the_stations_own_certificate_can_be_copied(qtbot, bridge, show):
    dialog = press(show(3), qtbot, "device-do-own-certificate")
    pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    bridge.device_tools.open(OWN_CERTIFICATE).on_done(pem)
    assert dialog.findChild(QPlainTextEdit, "own-certificate-text").toPlainText() == pem
    dialog.findChild(QPushButton, "own-certificate-copy").click()
    assert QGuiApplication.clipboard().text() == pem


def test_serial_ports_of_the_station_are_asked_for_where_a_protocol_has_one(qtbot, bridge, show):
    serial = replace(bridge.catalogue.device(DeviceId(2)), driver="modbus-rtu", connection={})
    others = [one for one in bridge.catalogue.devices if one.id != serial.id]
    bridge.set_catalogue([*others, serial])
    editor = show(2)
    bridge.device_tools.open(SERIAL_PORTS).on_done((SerialPort("/dev/ttyUSB0", "USB-RS485 Cable"),))
    (box,) = [one.target for one in editor.page.form.inputs.values() if isinstance(one, SerialPortInput)]
    assert box.itemText(0) == "/dev/ttyUSB0  USB-RS485 Cable"
