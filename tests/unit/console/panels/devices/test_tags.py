"""Tags typed, pasted, copied, judged, and read live before they are saved."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QTableView, QWidget

from console.panels.devices.tag_cells import rows_from_text, text_from_rows
from console.panels.devices.tags_model import Column
from drivers.questions import PREVIEW, PreviewValue
from models.quantities import THE_SIX, Quantities
from models.records.device import DeviceId, Tag
from models.records.signal import Signal, SignalId
from tests.unit.console.panels.plant_scene import NOW


@pytest.fixture
def editor(qtbot, panel):
    """A Modbus device with three tags, its tags on the screen."""
    panel.show_device(DeviceId(2))
    qtbot.waitUntil(lambda: panel.editor.subject.stored.id == 2)
    panel.editor.show_part("tags")
    return panel.editor


@pytest.fixture
def model(editor):
    return editor.tags.table_model


@pytest.fixture
def tags_table(editor):
    return editor.findChild(QTableView, "tags-table")


def put(model, row, column, text):
    model.setData(model.index(row, column), text)


def read(model, row):
    return model.data(model.index(row, Column.LIVE))


def test_what_is_typed_becomes_the_tag(editor, model):
    put(model, 0, Column.ADDRESS, " holding:7:float32 ")
    put(model, 0, Column.SCALE, "0,1")
    put(model, 0, Column.OFFSET, "-4")
    model.setData(
        model.index(0, Column.WRITABLE), Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole
    )
    assert editor.typed.tags[0] == Tag("temperature", "holding:7:float32", 0.1, -4.0, True)
    assert editor.is_changed


def test_each_cell_that_is_wrong_says_why_in_a_sentence(editor, model):
    put(model, 0, Column.ADDRESS, "holding:70000")
    put(model, 1, Column.SCALE, "1,000")
    put(model, 2, Column.QUANTITY, "temperature")
    assert "address 70000 does not exist" in editor.faults["tags[0].address"]
    assert "could mean 1000 or 1.000" in editor.faults["tags[1].scale"]
    assert editor.faults["tags[2].metric"] == "Temperature is in row 1 too; it takes one tag."
    assert "70000" in editor.findChild(QLabel, "tags-fault").text()


def test_a_device_without_tags_is_told_that_it_needs_one(editor, model):
    model.remove([0, 1, 2])
    editor.save()
    assert editor.findChild(QLabel, "tags-fault").text().startswith("A device needs at least one tag")


def test_the_page_is_worked_by_keyboard(qtbot, panel, editor, model, tags_table):
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    tags_table.setFocus()
    qtbot.waitUntil(tags_table.hasFocus)
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(tags_table, Qt.Key.Key_D, held)
    assert [tag.metric for tag in editor.typed.tags][3] == "pressure"
    QTest.keyClick(tags_table, Qt.Key.Key_Delete)
    assert len(model.rows) == 3
    QTest.keyClick(tags_table, Qt.Key.Key_Insert)
    assert len(model.rows) == 4
    assert tags_table.state() is QTableView.State.EditingState


def test_rows_are_pasted_from_a_spreadsheet(editor, model, tags_table):
    text = "Quantity\tAddress\tScale\tOffset\tWrite\nSpeed\tinput:4:float32\t0,5\t\tyes\nvibration\tinput:6\n"
    QGuiApplication.clipboard().setText(text)
    tags_table.setFocus()
    QTest.keyClick(tags_table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert editor.typed.tags[3:] == (
        Tag("rpm", "input:4:float32", 0.5, 0.0, True),
        Tag("vibration", "input:6"),
    )


def test_what_was_copied_is_pasted_as_it_was(model):
    text = text_from_rows(model.rows)
    again = rows_from_text(text, THE_SIX, 0)
    assert [row.tag for row in again] == [row.tag for row in model.rows]


def test_tag_for_a_quantity_that_has_one_takes_its_place(editor, model):
    first, *others = (row.tag for row in model.rows)
    page = editor.tags
    page.add_tags([Tag(first.metric, "holding:77:int16", 0.5), Tag("vibration", "holding:80")])
    assert [row.tag for row in model.rows] == [
        Tag(first.metric, "holding:77:int16", 0.5, is_writable=first.is_writable),
        *others,
        Tag("vibration", "holding:80"),
    ]


def test_values_are_read_before_they_are_saved(qtbot, bridge, editor, model):
    put(model, 0, Column.ADDRESS, "holding:99:int16")
    qtbot.waitUntil(
        lambda: any(one.tool == PREVIEW and not one.is_stopped for one in bridge.device_tools.asked)
    )
    asked = bridge.device_tools.open(PREVIEW)
    assert asked.subject.tags[0].address == "holding:99:int16"
    asked.on_done(
        (
            PreviewValue("holding:99:int16", 612, 612.0, "good", "", NOW),
            PreviewValue("holding:3202:uint16", None, None, "bad", "illegal data address", NOW),
        )
    )
    assert read(model, 0) == "61.2\N{NO-BREAK SPACE}°C   raw 612"
    assert read(model, 1) == "? illegal data address"
    put(model, 0, Column.SCALE, "1")
    assert read(model, 0) == "612.0\N{NO-BREAK SPACE}°C"


def test_nothing_is_read_while_nobody_looks(qtbot, bridge, editor):
    qtbot.waitUntil(lambda: any(one.tool == PREVIEW for one in bridge.device_tools.asked))
    editor.show_part("connection")
    assert all(one.is_stopped for one in bridge.device_tools.asked if one.tool == PREVIEW)


def test_why_nothing_is_read_is_said_and_old_values_go(qtbot, bridge, editor, model):
    qtbot.waitUntil(lambda: any(one.tool == PREVIEW for one in bridge.device_tools.asked))
    bridge.device_tools.open(PREVIEW).on_failed("No answer from 10.0.0.7:502 within 1 s.")
    assert editor.findChild(QLabel, "tags-live").text() == "No answer from 10.0.0.7:502 within 1 s."
    assert read(model, 0) == ""


def test_a_signal_is_added_from_the_choice_of_quantities_and_offered_at_once(
    qtbot, panel, bridge, model, tags_table
):
    tags_table.edit(model.index(0, Column.QUANTITY))
    box = tags_table.findChild(QComboBox, "tag-quantity")
    place = box.findText("Add a signal…")
    box.setCurrentIndex(place)
    box.activated.emit(place)
    form = panel.many.dialog.form
    assert (form.before, model.rows[0].metric) == (None, "temperature")
    flow = Signal("flow", "Flow", "m³/h", 1, (0.0, 500.0), (0.0, 120.0), SignalId(1))
    bridge.set_catalogue(bridge.catalogue.devices, (), Quantities((flow,)))
    put(model, 0, Column.QUANTITY, "flow")
    assert model.data(model.index(0, Column.QUANTITY)) == "Flow"


def test_a_signal_reads_live_with_its_unit_or_the_name_of_its_state(editor, model):
    pump = Signal("pump", "Pump", "", 0, (0.0, 9.0), (0.0, 2.0), SignalId(2), ((0, "Off"), (1, "Running")))
    model.set_quantities(Quantities((pump,)))
    put(model, 0, Column.QUANTITY, "pump")
    put(model, 0, Column.SCALE, "1")
    editor.tags.show_live([PreviewValue(model.rows[0].address, 1, 1.0, "good")])
    assert read(model, 0) == "Running"


@pytest.fixture
def moved(editor, model):
    """Two of the three rows have moved; the form still shows the old places."""
    better = {0: "nsu=urn:plant;s=Heat", 2: "nsu=urn:plant;s=Speed & more"}
    editor.tags.show_live(
        [
            PreviewValue(row.address, None, None, "bad", "moved", better_address=better.get(place, ""))
            for place, row in enumerate(model.rows)
        ]
    )
    return editor


def addresses(editor):
    return [tag.address for tag in editor.typed.tags]


def test_a_better_address_is_taken_with_one_click_and_saved_only_by_hand(moved, model, bridge):
    second = model.rows[1].address
    button = moved.findChild(QPushButton, "tags-mend-one")
    assert button.text().startswith("Use nsu=urn:plant;s=Heat")
    button.click()
    assert addresses(moved)[:2] == ["nsu=urn:plant;s=Heat", second]
    assert moved.is_changed
    assert button.isHidden()


def test_all_better_addresses_are_taken_at_once_and_the_others_stay(moved, model):
    second = model.rows[1].address
    button = moved.findChild(QPushButton, "tags-mend-all")
    assert button.text().startswith("Mend all 2 addresses that moved")
    button.click()
    assert addresses(moved) == ["nsu=urn:plant;s=Heat", second, "nsu=urn:plant;s=Speed & more"]
    assert moved.findChild(QWidget, "tags-mend").isHidden()


def test_better_addresses_are_taken_by_keyboard(qtbot, panel, moved, tags_table):
    panel.activateWindow()
    tags_table.setFocus()
    qtbot.waitUntil(tags_table.hasFocus)
    QTest.keyClick(tags_table, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    assert addresses(moved)[0] == "nsu=urn:plant;s=Heat"


def test_nothing_is_offered_for_addresses_that_are_fine_or_not_known(moved, model):
    moved.tags.say_live("No answer.")
    assert moved.findChild(QWidget, "tags-mend").isHidden()
    moved.tags.show_live([PreviewValue(row.address, 1, 1.0, "good") for row in model.rows])
    assert moved.findChild(QWidget, "tags-mend").isHidden()
