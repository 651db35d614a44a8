"""Writing to a device: nothing is sent before the consequence was read; the station notes it and writes."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from console.panels.devices.desk import Desk
from console.panels.devices.write.opening import open_write
from console.panels.devices.write.write_words import raw_from_value, written_text
from console.widgets.confirm import Confirm
from console.widgets.form_dialog import FormDialog
from console.widgets.theme import LIGHT, ThemeSource
from drivers.questions import PREVIEW, PreviewValue, WriteSubject
from drivers.workbench import Tool
from models.quantities import THE_SIX
from models.records.device import Device, DeviceId, Tag
from tests.unit.console.fake_bridge import FakeBridge
from tests.unit.console.panels.plant_scene import NOW

SETPOINT = Tag("temperature", "holding:10:int16", 0.1, 0.0, is_writable=True)
OVEN = Device(
    DeviceId(1), "OVEN-1", "Oven 1", "oven", "Hall A", "modbus-tcp", {"host": "10.0.0.7"}, 1.0, (SETPOINT,)
)


@pytest.fixture
def bridge(qtbot) -> FakeBridge:
    made = FakeBridge(NOW)
    made.set_catalogue([OVEN])
    return made


@pytest.fixture
def open_dialog(qtbot, bridge: FakeBridge) -> Iterator[Callable[..., FormDialog]]:
    home = QWidget()
    qtbot.addWidget(home)

    def build(hardware_id: str = "OVEN-1") -> FormDialog:
        desk = Desk(
            bridge,
            ThemeSource(LIGHT),
            lambda: NOW,
            home,
            lambda: OVEN,
            hardware_id,
            THE_SIX,
            may_change=True,
            add_tags=lambda _: None,
            set_setting=lambda *_: None,
        )
        return open_write(desk)

    yield build
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _submit(dialog: FormDialog, value: str) -> None:
    dialog.findChild(QLineEdit, "device-write-value").setText(value)
    dialog.findChild(QPushButton, "device-write-go").click()


def _said(dialog: FormDialog, name: str) -> str:
    return dialog.findChild(QLabel, name).text()


def test_what_the_device_holds_is_shown_before_anything_is_typed(open_dialog, bridge) -> None:
    dialog = open_dialog()
    bridge.device_tools.open(PREVIEW).on_done(
        (PreviewValue(SETPOINT.address, 450, 45.0, "good", received_unix=NOW),)
    )
    assert _said(dialog, "device-write-tag-below") == "Holds 45.0\N{NO-BREAK SPACE}°C now."


def test_the_consequence_is_said_first_and_only_then_is_the_station_asked(open_dialog, bridge) -> None:
    dialog = open_dialog()
    _submit(dialog, "60,5")
    question = dialog.findChild(Confirm)
    said = question.accessibleDescription().replace("\N{NO-BREAK SPACE}", " ")
    assert "told to hold 60.5 °C in holding:10:int16 (raw 605)" in said
    assert [one.tool for one in bridge.device_tools.asked] == [PREVIEW]

    question.accept()
    assert bridge.commanded == []  # the note is the station's: one line a write
    written = bridge.device_tools.open(Tool.WRITE)
    assert (written.subject, written.hardware_id) == (WriteSubject("holding:10:int16", 605.0), "OVEN-1")
    written.on_done("605")
    said = _said(dialog, "device-write-said").replace("\N{NO-BREAK SPACE}", " ")
    assert said == "Written: the device holds 60.5 °C (raw 605)."


def test_what_it_held_before_is_not_shown_as_what_it_holds_after_a_write(open_dialog, bridge) -> None:
    dialog = open_dialog()
    bridge.device_tools.open(PREVIEW).on_done(
        (PreviewValue(SETPOINT.address, 450, 45.0, "good", received_unix=NOW),)
    )
    _submit(dialog, "60,5")
    dialog.findChild(Confirm).accept()
    assert dialog.findChild(QPushButton, "device-write-cancel").text() == "Close"

    bridge.device_tools.open(Tool.WRITE).on_done("605")

    assert _said(dialog, "device-write-tag-below") == "Asking what it holds now…"


def test_an_answer_that_is_no_number_is_told_as_it_came() -> None:
    assert written_text(SETPOINT, "605; it took a while", THE_SIX).endswith(
        "own number: 605; it took a while."
    )


def test_what_the_station_refuses_is_said(open_dialog, bridge) -> None:
    dialog = open_dialog()
    _submit(dialog, "60")
    dialog.findChild(Confirm).accept()
    bridge.device_tools.open(Tool.WRITE).on_failed("The device Oven 1 belongs to somebody else.")
    assert _said(dialog, "device-write-said") == "The device Oven 1 belongs to somebody else."


@pytest.mark.parametrize("now", [(), (replace(OVEN, tags=(replace(SETPOINT, scale=1.0),)),)])
def test_nothing_is_written_to_a_device_that_is_another_by_now(open_dialog, bridge, now) -> None:
    dialog = open_dialog()
    _submit(dialog, "60")
    question = dialog.findChild(Confirm)
    bridge.set_catalogue(list(now))
    question.accept()
    assert [one.tool for one in bridge.device_tools.asked] == [PREVIEW]
    assert _said(dialog, "device-write-said").startswith("Oven 1 was changed meanwhile; nothing was written.")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("warm", "'warm' is not a number."),
        ("", "Type the value to be written."),
        ("9999", "Temperature is -200 to 1,400 °C."),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_at_its_field(open_dialog, bridge, typed, sentence) -> None:
    dialog = open_dialog()
    _submit(dialog, typed)
    assert (_said(dialog, "device-write-value-below"), dialog.findChild(Confirm)) == (sentence, None)


def test_a_device_that_is_not_stored_must_be_saved_first(open_dialog) -> None:
    assert _said(open_dialog(""), "device-write-first-title").startswith("Save the device first")


def test_a_device_without_a_writable_tag_says_how_to_get_one(open_dialog, bridge) -> None:
    bridge.set_catalogue([replace(OVEN, tags=(replace(SETPOINT, is_writable=False),))])
    assert "Tick “Write”" in _said(open_dialog(), "device-write-first-title")


def test_raw_numbers_are_whole_where_only_noise_keeps_them_from_it() -> None:
    assert raw_from_value(SETPOINT, 0.3) == 3.0


def test_a_tag_without_a_scale_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="scale is 0"):
        raw_from_value(replace(SETPOINT, scale=0.0), 1.0)
