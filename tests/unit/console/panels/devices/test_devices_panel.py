"""The Devices screen: what is listed, who may do what, and that nothing typed is lost without asking."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from console.bridge.device_commands import AskDeviceUses, AskLastChange, AskOwners, RemoveDevice, SaveDevice
from models.records.device import DeviceId
from models.records.device_edit import DeviceUses, SavedDevice
from models.records.person import Person, Role
from tests.unit.console.panels.plant_scene import OFFLINE

OLGA = Person(9, "Olga", "olga@example.org", Role.OPERATOR)


def type_name(panel, text):
    panel.editor.page.general.rows["name"].target.setText(text)


def answer(bridge, kind, result):
    asked = next(one for one in bridge.asked if isinstance(one.what, kind))
    bridge.asked.remove(asked)
    asked.on_done(result)


def edited(panel):
    subject = panel.editor.subject
    return subject.stored.id if subject is not None and subject.stored is not None else None


def store(bridge, device):
    """The database tells of a device as it is stored now."""
    others = [one for one in bridge.catalogue.devices if one.id != device.id]
    bridge.set_catalogue([*others, device])


def test_the_worst_device_is_first_and_in_the_form(panel):
    assert panel.devices_list.table_model.row_at(0).id == OFFLINE
    assert panel.editor.subject.stored.id == OFFLINE


def test_what_is_typed_into_the_search_narrows_the_list(panel, find):
    find(QLineEdit, "devices-search").setText("hall press")
    model = panel.devices_list.table_model
    assert {model.row_at(row).device.type for row in range(model.rowCount())} == {"press"}
    assert find(QLabel, "devices-summary").text() == "2 of 8 devices, 1 in trouble"


def test_an_empty_plant_says_what_to_do_next(make_panel, empty_bridge):
    panel = make_panel(empty_bridge)
    action = next(b for b in panel.findChildren(QPushButton, "empty-state-action") if b.isVisible())
    action.click()
    assert panel.editor.subject.stored is None
    assert panel.is_populated()


def test_an_operator_looks_and_is_offered_nothing_that_does_not_work(qtbot, bridge, make_panel):
    bridge.set_person(OLGA)
    panel = make_panel(bridge)
    qtbot.waitUntil(lambda: panel.editor.subject is not None)
    seen = {button.objectName() for button in panel.findChildren(QPushButton) if button.isVisible()}
    assert seen <= {"spec-form-more", "devices-many"}
    assert all(
        field.isReadOnly() for field in panel.editor.page.general.findChildren(QLineEdit, "device-name")
    )
    assert "For looking only" in panel.editor.said


def test_a_change_is_sent_with_what_was_read_and_confirmed_by_what_came_back(panel, bridge, find):
    before = panel.editor.subject.stored
    type_name(panel, "Drive five")
    find(QPushButton, "device-save").click()
    command = bridge.commanded[0].what
    assert isinstance(command, SaveDevice)
    assert (command.before, command.after) == (before, replace(before, name="Drive five"))
    assert panel.editor.said == "Saving…"
    bridge.confirm_next(SavedDevice(before.id))
    store(bridge, replace(before, name="Drive five"))
    assert not panel.editor.is_changed
    assert panel.editor.subject.stored.name == "Drive five"
    bridge.now_unix += 0.6
    bridge.add_reading(before.id, temperature=20.0)
    assert panel.editor.said == "Saved; its station polls it, first value after 0.6 s."


def test_what_came_of_a_device_is_not_said_of_the_next_one_in_the_form(qtbot, panel, bridge, find):
    before = panel.editor.subject.stored
    type_name(panel, "Drive five")
    find(QPushButton, "device-save").click()
    bridge.confirm_next(SavedDevice(before.id))
    store(bridge, replace(before, name="Drive five"))
    other = next(one for one in bridge.catalogue.devices if one.id != before.id)
    panel.show_device(other.id)
    qtbot.waitUntil(lambda: panel.editor.subject.stored.id == other.id)
    bridge.now_unix += 0.6
    bridge.add_reading(before.id, temperature=20.0)
    assert panel.editor.said == ""
    assert panel.many.line.text() == "Drive five: Saved; its station polls it, first value after 0.6 s."


def test_what_came_back_while_another_screen_was_shown_is_taken_up(panel, bridge, find):
    before = panel.editor.subject.stored
    type_name(panel, "Drive five")
    find(QPushButton, "device-save").click()
    panel.hide()
    bridge.confirm_next(SavedDevice(before.id))
    store(bridge, replace(before, name="Drive five"))
    panel.show()
    assert not panel.editor.is_changed
    assert panel.editor.may_leave()


def test_trouble_with_what_was_saved_is_told_with_its_reason(qtbot, panel, bridge, find):
    before = panel.editor.subject.stored
    type_name(panel, "Drive five")
    find(QPushButton, "device-save").click()
    bridge.confirm_next(SavedDevice(before.id))
    store(bridge, replace(before, name="Drive five"))
    bridge.now_unix += 7.0
    qtbot.waitUntil(lambda: panel.editor.said.startswith("Saved, but no value has come for 7 s: No answer"))


def test_what_could_not_be_stored_is_still_there(panel, bridge, find):
    type_name(panel, "Drive five")
    find(QPushButton, "device-save").click()
    bridge.refuse_next("The hardware id DRIVE-05 is used by Press 4; ids are unique.")
    assert panel.editor.said.startswith("The hardware id DRIVE-05")
    assert panel.editor.typed.name == "Drive five"
    assert find(QPushButton, "device-save").isEnabled()


def test_what_is_wrong_is_led_to_instead_of_being_sent(panel, bridge, find):
    type_name(panel, "")
    find(QPushButton, "device-save").click()
    assert bridge.commanded == []
    assert panel.editor.page.general.rows["name"].error == "Name must not be empty."
    assert panel.editor.said == "1 field to mend before this can be saved."


def test_another_device_is_shown_after_asking_once(qtbot, panel, answers):
    type_name(panel, "Drive five")
    answers.wanted = False
    panel.devices_list.select(DeviceId(2))
    qtbot.waitUntil(lambda: len(answers.asked) == 1)
    assert answers.asked[0][0] == "What you typed for Drive five is not stored."
    assert panel.editor.subject.stored.id == OFFLINE
    qtbot.waitUntil(lambda: [row.id for row in panel.devices_list.selected()] == [OFFLINE])
    answers.wanted = True
    panel.devices_list.select(DeviceId(2))
    qtbot.waitUntil(lambda: panel.editor.subject.stored.id == 2)
    assert len(answers.asked) == 2


def test_what_is_on_its_way_is_not_left(qtbot, panel, bridge, find, answers):
    type_name(panel, "Drive five")
    find(QPushButton, "device-save").click()
    panel.devices_list.select(DeviceId(2))
    qtbot.waitUntil(lambda: [row.id for row in panel.devices_list.selected()] == [OFFLINE])
    bridge.refuse_next("The database is away.")
    assert (panel.editor.typed.name, answers.asked) == ("Drive five", [])


def test_somebody_elses_change_is_taken_where_nothing_is_typed(panel, bridge):
    stored = panel.editor.subject.stored
    store(bridge, replace(stored, location="Hall Z"))
    assert panel.editor.typed.location == "Hall Z"


def test_somebody_elses_change_is_told_and_saving_over_keeps_both(panel, bridge, find):
    stored = panel.editor.subject.stored
    type_name(panel, "Drive five")
    store(bridge, replace(stored, location="Hall Z"))
    answer(bridge, AskLastChange, "Anna Berg at 2026-03-01 09:14:02 UTC")
    words = find(QLabel, "device-notice-words").text()
    assert words.startswith("Anna Berg at 2026-03-01 09:14:02 UTC changed this device meanwhile: Area")
    assert not find(QPushButton, "device-save").isEnabled()
    find(QPushButton, "device-notice-1").click()
    sent = bridge.commanded[0].what
    assert (sent.before.location, sent.after.location, sent.after.name) == ("Hall Z", "Hall Z", "Drive five")


def test_theirs_can_be_taken_instead(panel, bridge, find):
    stored = panel.editor.subject.stored
    type_name(panel, "Drive five")
    store(bridge, replace(stored, name="Drive V"))
    answer(bridge, AskLastChange, "Anna Berg")
    find(QPushButton, "device-notice-0").click()
    assert (panel.editor.typed.name, panel.editor.is_changed) == ("Drive V", False)


def test_a_device_removed_meanwhile_can_only_be_read(panel, bridge, find):
    gone = panel.editor.subject.stored.id
    type_name(panel, "Drive five")
    bridge.set_catalogue([device for device in bridge.catalogue.devices if device.id != gone])
    assert "was removed meanwhile" in find(QLabel, "device-notice-words").text()
    assert not find(QPushButton, "device-save").isVisible()


def test_deleting_shows_what_hangs_on_the_device_first(panel, bridge, answers, find):
    find(QPushButton, "devices-remove").click()
    answer(bridge, AskDeviceUses, DeviceUses(3, 1, ("Press 4",), "2026-03-01"))
    consequence, verb, lines = answers.asked[0]
    assert consequence.startswith("Drive 5 (DRIVE-05) is no longer polled")
    assert verb == "Delete device"
    assert [line.split(":")[0] for line in lines[:3]] == [
        "1 open alert",
        "3 limits",
        "1 device reached through it (Press 4)",
    ]
    assert isinstance(bridge.commanded[0].what, RemoveDevice)


def test_a_deletion_thought_better_of_sends_nothing(panel, bridge, answers, find):
    answers.wanted = False
    find(QPushButton, "devices-remove").click()
    answer(bridge, AskDeviceUses, DeviceUses(0, 0))
    assert bridge.commanded == []


def test_a_copy_gets_names_of_its_own_and_may_be_saved_at_once(panel, bridge, find):
    find(QPushButton, "devices-duplicate").click()
    copy = panel.editor.typed
    assert (copy.id, copy.name, copy.device_id) == (0, "Drive 5 copy", "DRIVE-05-2")
    find(QPushButton, "device-save").click()
    command = bridge.commanded[0].what
    assert (command.before, command.origin.id, command.after.tags) == (None, OFFLINE, copy.tags)


def test_discarding_a_new_device_leads_back_to_the_list(panel, find):
    find(QPushButton, "devices-add").click()
    type_name(panel, "Meter 1")
    assert panel.editor.typed.device_id == ""
    find(QPushButton, "device-discard").click()
    assert panel.editor.subject is None or panel.editor.subject.stored is not None


def test_a_new_device_is_made_by_keyboard_alone(qtbot, panel, bridge, table):
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Insert)
    name = panel.editor.page.general.rows["name"].target
    qtbot.waitUntil(name.hasFocus)
    QTest.keyClicks(name, "Meter 7")
    assert panel.editor.typed.device_id == "METER-7"
    QTest.keyClick(name, Qt.Key.Key_Escape)
    assert table.hasFocus()


def test_administrators_give_devices_to_people_and_engineers_do_not(qtbot, panel, bridge, make_panel):
    answer(bridge, AskOwners, {2: "Anna Berg"})
    assert panel.editor.page.general.rows["user_id"].isVisible()
    bridge.set_person(Person(2, "Anna Berg", "anna@example.org", Role.USER))
    other = make_panel(bridge)
    qtbot.waitUntil(lambda: other.editor.subject is not None)
    assert not other.editor.page.general.rows["user_id"].isVisible()


def test_a_protocol_that_is_not_known_here_is_named_and_its_settings_are_kept(qtbot, panel, bridge, find):
    strange = replace(bridge.catalogue.device(DeviceId(2)), driver="profinet", connection={"rack": 2})
    store(bridge, strange)
    panel.show_device(DeviceId(2))
    qtbot.waitUntil(lambda: edited(panel) == 2)
    assert "does not know the protocol 'profinet'" in find(QLabel, "device-protocol-unknown").text()
    type_name(panel, "Strange")
    find(QPushButton, "device-save").click()
    assert bridge.commanded[0].what.after.connection == {"rack": 2}


def test_without_the_database_it_is_said_why_nothing_can_be_changed(qtbot, bridge, make_panel):
    bridge.set_person(bridge.person, is_offline=True)
    bridge.set_link(is_offline=True)
    panel = make_panel(bridge)
    qtbot.waitUntil(lambda: panel.editor.subject is not None)
    assert panel.editor.said.startswith("The database is away, so you can only look")


def test_an_engineer_changes_own_devices_only(qtbot, bridge, make_panel):
    mine = replace(bridge.catalogue.device(DeviceId(2)), user_id=2)
    store(bridge, mine)
    bridge.set_person(Person(2, "Anna Berg", "anna@example.org", Role.USER))
    panel = make_panel(bridge)
    for device, may in ((DeviceId(2), True), (DeviceId(3), False)):
        panel.show_device(device)
        qtbot.waitUntil(lambda device=device: edited(panel) == device)
        assert panel.findChild(QPushButton, "device-save").isVisible() is may


@pytest.mark.slow
def test_a_thousand_devices_are_arranged_within_a_frame(qtbot, make_panel, bridge):
    import time

    from tests.unit.console.panels.plant_scene import make_device

    bridge.set_catalogue([make_device(number) for number in range(1, 1001)])
    panel = make_panel(bridge)
    began = time.perf_counter()
    panel._show_rows()
    assert time.perf_counter() - began < 0.05
