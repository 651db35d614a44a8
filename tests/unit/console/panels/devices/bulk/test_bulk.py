"""Imports, profiles and exports in the window, on a bridge fed by hand and plans made by the real planner."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from console.bridge.device_bulk import ImportDevices, UndoChange
from console.catalogue.device_outcomes import ImportDone, UndoDone
from console.catalogue.device_plan import StoredDevices
from console.catalogue.device_planning import plan_from_grid
from console.catalogue.profiles import load_profiles
from console.catalogue.sheet_file import read_grid
from console.panels.devices.bulk.bulk_menu import BulkMenu
from console.panels.devices.bulk.bulk_questions import STOPPED, Compared, ExportDevices, PlanDevices, PlanTask
from console.panels.devices.bulk.import_dialog import ImportDialog
from console.panels.devices.bulk.plan_rows import Shown, rows_of_plan, shown_rows, summary_of, verb_of
from console.panels.devices.bulk.profile_dialog import ProfileDialog
from console.widgets.theme import LIGHT, ThemeSource
from models.records.device_entry import ImportOutcome
from models.records.device_revision import BatchId
from models.records.person import Person, Role

HEADER = "device_id,name,type,location,driver,host,unit,metric,address"
GOOD = "P-{1..3},Pump {1..},pump,Hall,modbus-tcp,10.0.0.{1..},1,rpm,holding:1"
BAD = "Q,Q,pump,Hall,modbus-tcp,h,1,rpm,nowhere:1"


@pytest.fixture
def themes() -> ThemeSource:
    made = ThemeSource()
    made.use(LIGHT)
    return made


def compared(source, stored=None):
    grid = read_grid(source) if isinstance(source, Path) else source
    plan = plan_from_grid(grid, stored or StoredDevices())
    return Compared(plan, tuple(rows_of_plan(plan)))


def file_of(folder: Path, *lines: str) -> Path:
    path = folder / "devices.csv"
    path.write_text("\n".join((HEADER, *lines)), encoding="utf-8")
    return path


@pytest.fixture
def opened(bridge, themes, window, tmp_path):
    def build(*lines: str) -> ImportDialog:
        path = file_of(tmp_path, *lines)
        dialog = ImportDialog(path, bridge, themes, window)
        dialog.open()
        bridge.answer_next(compared(path))
        return dialog

    return build


def go(dialog):
    return dialog.findChild(QWidget, f"{dialog.objectName()}-go")


def said(dialog) -> str:
    return dialog.findChild(QWidget, f"{dialog.objectName()}-said").text()


def texts(dialog, column: int) -> list[str]:
    model = dialog.table_model
    return [model.index(row, column).data() for row in range(model.rowCount())]


# -- a file ------------------------------------------------------------------------------------------------


def test_a_faultless_file_is_stored_whole_and_taken_back(opened, bridge):
    dialog = opened(GOOD)
    assert go(dialog).text() == "Add 3 devices"

    go(dialog).click()
    (order,) = bridge.commanded
    assert isinstance(order.what, ImportDevices)
    assert not order.what.is_partial
    order.on_done(ImportDone(ImportOutcome(3, 0, 0), BatchId(7), 0, 0))

    assert said(dialog).startswith("Devices: 3 added.")
    assert go(dialog).text() == "Undo this import"
    go(dialog).click()
    assert bridge.commanded[1].what == UndoChange(BatchId(7))
    bridge.commanded[1].on_done(UndoDone(("P-1", "P-2", "P-3"), (), BatchId(8)))
    assert said(dialog).startswith("3 devices as before")
    assert not go(dialog).isEnabled()


def test_with_a_fault_nothing_goes_until_the_rest_is_asked_for(opened, bridge):
    dialog = opened(GOOD, BAD)
    assert texts(dialog, 0)[0] == "✕ mend"
    assert texts(dialog, 1)[0] == "I3"
    assert dialog.findChild(QWidget, "devices-import-detail").text().endswith(texts(dialog, 3)[0])
    assert not go(dialog).isEnabled()

    dialog.findChild(QWidget, "devices-import-partial").setChecked(True)
    go(dialog).click()

    assert bridge.commanded[0].what.is_partial


def test_the_list_can_be_narrowed_to_what_is_to_mend_and_to_what_changes(opened):
    dialog = opened(GOOD, BAD)
    choice = dialog.findChild(QWidget, "devices-import-filter")

    choice.setCurrentText(Shown.PROBLEMS.value)
    assert texts(dialog, 2) == ["Q"]
    choice.setCurrentText(Shown.CHANGES.value)
    assert texts(dialog, 2) == ["P-1", "P-2", "P-3"]


def test_whoever_was_faster_is_named_and_the_file_is_compared_again(opened, bridge):
    dialog = opened(GOOD)
    go(dialog).click()

    bridge.commanded[0].on_failed("P-1 was added by Ole at 12:00 meanwhile; nothing of yours was stored.")

    assert "added by Ole" in said(dialog)
    assert isinstance(bridge.asked[0].what, PlanDevices)


def test_an_undo_that_is_refused_offers_the_rest(opened, bridge):
    dialog = opened(GOOD)
    go(dialog).click()
    bridge.commanded[0].on_done(ImportDone(ImportOutcome(3, 0, 0), BatchId(7), 0, 0))
    go(dialog).click()

    bridge.commanded[1].on_failed("1 device was changed since, so nothing was taken back:\nP-1 …")

    assert go(dialog).text() == "Undo the rest"
    go(dialog).click()
    assert bridge.commanded[2].what == UndoChange(BatchId(7), is_partial=True)


def test_a_file_that_cannot_be_read_says_why(opened, bridge, themes, window, tmp_path):
    path = tmp_path / "devices.txt"
    dialog = ImportDialog(path, bridge, themes, window)

    bridge.answer_next(PlanDevices(path, is_taking_results=False, tell=lambda *_: None)(None))

    assert "use a file that ends in" in dialog.findChild(QWidget, "devices-import-summary").text()
    assert not go(dialog).isEnabled()


def test_a_comparison_that_is_stopped_ends_on_the_worker(qtbot, tmp_path, monkeypatch):
    owner = QWidget()
    qtbot.addWidget(owner)
    task = PlanTask(owner)
    task.stop.set()
    monkeypatch.setattr(
        "console.catalogue.device_import.plan_file", lambda _conn, _read, *, tell, **_: tell(1, 2)
    )

    answer = PlanDevices(file_of(tmp_path, GOOD), is_taking_results=False, tell=task.tell)(None)

    assert answer == STOPPED


# -- a profile --------------------------------------------------------------------------------------------


def test_a_profile_makes_many_devices_from_a_few_fields(bridge, themes, window):
    dialog = ProfileDialog(load_profiles(), bridge, themes, window)
    dialog.open()

    def field(name):
        return dialog.findChild(QWidget, f"devices-profile-{name}")

    assert dialog.source() is None
    place = [profile.key for profile in load_profiles()].index("schneider-iem3155")
    field("product").setCurrentIndex(place)
    field("driver").setCurrentText("Modbus TCP")
    field("device_id").setText("M-{01..12}")
    field("name").setText("Meter {1..}")
    field("location").setText("Hall")
    assert field("serial_port").isHidden()
    field("host").setText("10.0.0.{21..}")
    dialog.compare()
    bridge.asked[-1].on_done(compared(dialog.source()))

    assert go(dialog).text() == "Add 12 devices"
    assert texts(dialog, 2)[11] == "M-12"
    assert "10.0.0.32" in texts(dialog, 3)[11]
    assert "signals added to this site" in dialog.findChild(QWidget, "devices-profile-summary").text()


def test_a_field_that_is_wrong_is_named_as_the_form_names_it(bridge, themes, window):
    dialog = ProfileDialog(load_profiles(), bridge, themes, window)
    dialog.findChild(QWidget, "devices-profile-driver").setCurrentText("Modbus TCP")
    for name, text in (("device_id", "M-1"), ("name", "Meter {1..}"), ("location", "Hall")):
        dialog.findChild(QWidget, f"devices-profile-{name}").setText(text)
    dialog.compare()
    bridge.asked[-1].on_done(compared(dialog.source()))

    assert texts(dialog, 1) == ["Name", "Host"]
    assert "has no end" in texts(dialog, 3)[0]


# -- the menu ---------------------------------------------------------------------------------------------


@pytest.fixture
def menu(bridge, themes, window, tmp_path):
    chosen = list(bridge.catalogue.devices)[:2]
    return BulkMenu(
        bridge,
        themes,
        lambda: bridge.now_unix,
        lambda: chosen,
        window,
        choose_target=lambda *_: tmp_path / "out.xlsx",
        choose_source=lambda *_: None,
    )


def test_the_menu_offers_what_the_person_may(menu, bridge):
    menu.follow()
    assert menu.import_action.isEnabled()
    assert menu.selected_action.isEnabled()
    assert not menu.history_action.isEnabled()

    bridge.set_person(Person(2, "Ole", "ole@example.org", Role.OPERATOR))
    menu.follow()
    assert not menu.import_action.isEnabled()
    assert menu.export_action.isEnabled()


def test_the_selected_devices_are_saved_and_that_is_said(menu, bridge, tmp_path):
    heard = []
    menu.said.connect(heard.append)

    menu.export_selected()
    question = bridge.asked[-1].what
    bridge.asked[-1].on_done("2 devices saved.")

    names = frozenset(device.device_id for device in list(bridge.catalogue.devices)[:2])
    assert question == ExportDevices(tmp_path / "out.xlsx", names)
    assert heard == ["Saving…", "2 devices saved."]


def test_every_action_opens_its_dialog(menu, bridge):
    for act, name in ((menu.add_from_profile, "devices-profile"), (menu.show_changes, "device-changes")):
        act()
        assert menu.dialog is not None
        assert menu.dialog.objectName() == name
        menu.dialog.reject()
        assert menu.dialog is None


def test_words_of_a_plan(tmp_path):
    plan = compared(file_of(tmp_path, GOOD, BAD)).plan

    assert verb_of(plan) == "Add 3 devices"
    assert summary_of(plan) == "3 new, 1 to mend. 1 place is wrong."
    assert len(shown_rows(rows_of_plan(plan), Shown.ALL)) == 4
