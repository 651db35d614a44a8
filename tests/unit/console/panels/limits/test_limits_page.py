"""The list: what is shown, what a person may, and every order, by keyboard."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from console.bridge.threshold_commands import ChangeThresholds
from console.catalogue.errors import RowFault
from console.catalogue.threshold_sheet import PlannedEdit, SheetPlan
from console.panels.alerts.alerts_panel import AlertsPanel
from console.panels.limits.limit_questions import AskLimits, PlanImport
from console.panels.limits.limit_rows import Column
from console.panels.limits.many_dialog import ManyDialog
from console.panels.limits.order_dialogs import RemoveDialog, SwitchDialog
from models.records.person import Person, Role
from models.records.threshold import RuleKind
from models.records.threshold_entry import EditOutcome, ThresholdEdit
from tests.unit.console.panels.limits.limits_scene import answer_lists, answer_of, answer_with

ENGINEER = Person(77, "Anna Berg", "anna@example.org", Role.USER)
OPERATOR = Person(78, "Olga Ops", "olga@example.org", Role.OPERATOR)


def shown(page) -> list:
    return list(page.limits_list.table_model.shown)


def said(page) -> str:
    return page.findChild(QLabel, "limits-said").text()


def go(dialog) -> None:
    QTest.keyClick(dialog.findChild(QPushButton, f"{dialog.objectName()}-go"), Qt.Key.Key_Space)


def edits_of(bridge) -> tuple[ThresholdEdit, ...]:
    (asked,) = bridge.commanded
    assert isinstance(asked.what, ChangeThresholds)
    return asked.what.edits


def test_every_threshold_is_listed_and_the_first_is_selected(page, bridge):
    assert len(shown(page)) == len(answer_of(list(bridge.catalogue.devices)).entries)
    assert page.findChild(QLabel, "limit-title").text() == "Press 4 · Temperature · critical"


def test_typing_narrows_the_list_and_escape_shows_all_again(page, find, press):
    press(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(find(QLineEdit, "limits-search"), "press 4 speed")
    assert [row.name for row in shown(page)] == ["Press 4 · Speed · warning"]
    QTest.keyClick(find(QLineEdit, "limits-search"), Qt.Key.Key_Escape)
    assert len(shown(page)) > 40


def test_nothing_found_offers_the_way_back(page, find):
    find(QLineEdit, "limits-search").setText("zzz")
    assert shown(page) == []
    find(QPushButton, "empty-state-action")
    page.limits_list._none_found.acted.emit()
    assert len(shown(page)) > 40


def test_an_order_touches_what_is_selected_and_stays_pending_until_it_comes_back(page, bridge, select, ask):
    rows = select(lambda row: row.threshold.enabled and not row.entry.open_alerts, 3)
    dialog = ask(Qt.Key.Key_D)
    assert isinstance(dialog, SwitchDialog)
    go(dialog)
    assert bridge.commanded == []  # no reason given yet
    QTest.keyClicks(dialog.findChild(QLineEdit, "limits-reason"), "permit 12")
    QTest.keyClick(dialog.findChild(QLineEdit, "limits-reason"), Qt.Key.Key_Return)
    wanted = [replace(row.threshold, enabled=False, disabled_reason="permit 12") for row in rows]
    assert [edit.after for edit in edits_of(bridge)] == wanted
    first = page.limits_list.table_model.index(
        page.limits_list.table_model.row_of(rows[0].threshold.id), Column.STATE
    )
    assert first.data() == "Disabling…"
    bridge.confirm_next(EditOutcome(changed=tuple(row.threshold.id for row in rows)))
    assert (page.dialog, said(page)) == (None, "3 limits out of service now.")


def test_what_is_out_of_service_comes_back_with_the_same_key(page, bridge, select, ask):
    (row,) = select(lambda row: not row.threshold.enabled)
    go(ask(Qt.Key.Key_D))
    (edit,) = edits_of(bridge)
    assert (edit.after.enabled, edit.before) == (True, row.entry)


def test_a_refusal_is_said_in_the_form_and_the_list_is_read_again(page, bridge, select, ask):
    select(lambda row: row.entry.open_alerts)
    dialog = ask(Qt.Key.Key_Delete)
    assert isinstance(dialog, RemoveDialog)
    assert "1 open alert ends" in dialog.accessibleDescription()
    go(dialog)
    bridge.refuse_next("Anna Berg was faster.")
    assert dialog.findChild(QLabel, "limits-remove-said").text() == "Anna Berg was faster."
    assert [type(asked.what) for asked in bridge.asked if isinstance(asked.what, AskLimits)] == [AskLimits]
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert page.dialog is None


def test_several_are_changed_in_the_fields_that_are_ticked_only(page, bridge, select, ask):
    rows = select(lambda row: row.device.name == "Press 4" and row.threshold.metric != "temperature", 3)
    dialog = ask(Qt.Key.Key_E)
    assert isinstance(dialog, ManyDialog)
    assert dialog.findChild(QPushButton, "limits-many-go").isEnabled() is False
    dialog._ticks["on_delay"].click()
    QTest.keyClicks(dialog._inputs["on_delay"], "1 min")
    go(dialog)
    assert [edit.after for edit in edits_of(bridge)] == [
        replace(row.threshold, on_delay_s=60.0) for row in rows
    ]


def test_a_number_that_is_none_keeps_the_order_back(page, select, ask):
    select(lambda row: row.device.name == "Press 4", 2)
    dialog = ask(Qt.Key.Key_E)
    dialog._ticks["deadband"].click()
    dialog._inputs["deadband"].setText("wide")
    assert dialog.findChild(QPushButton, "limits-many-go").isEnabled() is False
    assert "'wide' is not a number." in dialog._list.toPlainText()


def test_a_device_is_the_template_for_others_that_measure_the_same(page, bridge, select, ask):
    select(lambda row: row.device.name == "Drive 1" and row.threshold.rule is RuleKind.NO_DATA)
    dialog = ask(Qt.Key.Key_C)
    dialog._search.setText("drive 5")
    dialog._all.click()
    go(dialog)
    rules = {edit.after.rule for edit in edits_of(bridge)}
    assert {edit.after.device for edit in edits_of(bridge)} == {5}
    # Its limits are there already, and a drive reports no events of its own.
    assert rules == set(RuleKind) - {RuleKind.LIMIT, RuleKind.DEVICE_EVENT}
    bridge.confirm_next(EditOutcome())
    assert said(page) == "6 limits copied."


def test_an_import_shows_what_it_would_do_before_it_does(page, bridge, files, tmp_path, ask):
    files["read"] = tmp_path / "limits.csv"
    dialog = ask(Qt.Key.Key_I)
    (asked,) = [asked for asked in bridge.asked if isinstance(asked.what, PlanImport)]
    assert (asked.what.path, len(asked.what.devices), asked.what.is_removing) == (files["read"], 8, False)
    row = shown(page)[0]
    edit = ThresholdEdit(row.entry, replace(row.threshold, max_value=86.0))
    asked.on_done(SheetPlan(changed=(PlannedEdit(edit, "row 7", row.name),), unchanged=3))
    assert dialog.findChild(QLabel, "limits-import-summary").text() == "1 changed, 3 unchanged."
    go(dialog)
    assert edits_of(bridge) == (edit,)
    bridge.confirm_next(EditOutcome())
    assert said(page) == "Imported: 1 changed, 3 unchanged."


def test_an_import_with_faults_names_each_and_can_not_be_given(page, bridge, files, tmp_path, ask):
    files["read"] = tmp_path / "limits.csv"
    dialog = ask(Qt.Key.Key_I)
    (asked,) = [asked for asked in bridge.asked if isinstance(asked.what, PlanImport)]
    asked.on_done(SheetPlan(faults=(RowFault("E7", "'hot' is not a number."),)))
    assert dialog._lines.toPlainText() == "✕ E7: 'hot' is not a number."
    assert dialog.findChild(QPushButton, "limits-import-go").isEnabled() is False
    asked.on_done("limits.csv is not text in UTF-8.")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert bridge.commanded == []


def test_an_export_writes_what_the_filter_shows(qtbot, page, files, find, tmp_path, press):
    files["write"] = tmp_path / "limits.csv"
    find(QLineEdit, "limits-search").setText("press 4")
    press(Qt.Key.Key_X)
    qtbot.waitUntil(lambda: "saved as" in said(page), timeout=5000)
    assert len(files["write"].read_text(encoding="utf-8-sig").splitlines()) == 1 + 5


def test_a_locked_window_saves_no_file(page, bridge, files, tmp_path, press):
    files["write"] = tmp_path / "limits.csv"
    bridge.session.lock()
    press(Qt.Key.Key_X)
    assert ("locked" in said(page), list(tmp_path.iterdir())) == (True, [])


def test_an_operator_looks_and_changes_nothing(page, bridge, find, press):
    bridge.set_person(OPERATOR)
    hidden = {name for name in page._deeds if find(QPushButton, f"limits-{name}").isHidden()}
    assert hidden == {"new", "switch", "copy", "remove", "import"}
    press(Qt.Key.Key_N)
    press(Qt.Key.Key_Delete)
    assert (page.dialog, page.is_editing) == (None, False)


def test_an_engineer_changes_those_of_own_devices_only(page, bridge, select, ask):
    devices = [
        replace(device, user_id=ENGINEER.id if device.id == 4 else None)
        for device in bridge.catalogue.devices
    ]
    bridge.set_catalogue(devices)
    answer_lists(bridge, answer_of(devices))
    bridge.set_person(ENGINEER)
    rows = select(lambda row: row.device.name in ("Press 4", "Press 8"), 99)
    assert (len(rows), {row.device.name for row in page.limits_list.changeable()}) == (10, {"Press 4"})
    assert ask(Qt.Key.Key_Delete).order().edits == tuple(
        ThresholdEdit(row.entry, None) for row in page.limits_list.changeable()
    )


def test_a_plant_without_limits_says_what_to_do_next(page, bridge, find):
    page.refresh()
    answer_lists(bridge, answer_with([], []))
    assert page.limits_list._none.isVisible()
    page.limits_list._none.acted.emit()
    assert page.is_editing


def test_a_plant_without_limits_offers_an_operator_nothing_to_add(page, bridge):
    bridge.set_person(OPERATOR)
    page.refresh()
    answer_lists(bridge, answer_with([], []))
    assert (page.limits_list._none.isVisible(), page.limits_list._none_to_see.isVisible()) == (False, True)


def test_double_click_of_a_device_is_the_way_to_its_screen(page, visits, find):
    find(QPushButton, "limit-show-device").click()
    assert visits.seen == [("device", 4)]


def test_a_page_that_is_not_seen_asks_nothing(page, bridge):
    page.hide()
    bridge.asked.clear()
    bridge.set_catalogue(bridge.catalogue.devices)
    bridge.set_alerts([])
    assert bridge.asked == []


def test_while_an_answer_is_awaited_nothing_more_is_asked_and_afterwards_once(page, bridge):
    page.refresh()
    bridge.catalogue_changed.emit()
    bridge.catalogue_changed.emit()
    assert len([asked for asked in bridge.asked if isinstance(asked.what, AskLimits)]) == 1
    assert answer_lists(bridge, answer_of(list(bridge.catalogue.devices))) == 1
    assert len([asked for asked in bridge.asked if isinstance(asked.what, AskLimits)]) == 1


def test_a_flood_of_alerts_is_not_asked_about_each_time(page, bridge):
    for _ in range(50):
        bridge.set_alerts([])
    assert [asked for asked in bridge.asked if isinstance(asked.what, AskLimits)] == []
    page._lagging.timeout.emit()
    assert len([asked for asked in bridge.asked if isinstance(asked.what, AskLimits)]) == 1


def test_a_failed_list_says_why(page, bridge):
    page.refresh()
    bridge.asked[-1].on_failed("The database does not answer.")
    assert page.limits_list._failure == "The database does not answer."


def test_the_alerts_screen_has_it_as_a_tab(qtbot, show, bridge):
    panel = show(AlertsPanel, bridge)
    panel.show_part("Limits")
    qtbot.waitUntil(panel.limits_page.isVisible)
    answer_lists(bridge, answer_of(list(bridge.catalogue.devices)))
    assert panel.is_populated()
