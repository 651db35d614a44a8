"""What is done about open alerts, by keyboard, from the question to the sentence after."""

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QDialog, QLabel, QPushButton, QTableView

from console.bridge.alert_commands import (
    BeginMaintenance,
    CommentAlerts,
    EndMaintenance,
    ShelveThresholds,
    UnshelveThresholds,
)
from console.bridge.commands import AcknowledgeAlerts, ResolveAlerts
from console.panels.alerts.alert_questions import Story
from models.records.alert import AlertEvent, AlertId, AlertOutcome, AlertStatus, EventKind
from models.records.alert_story import AlertFrequency
from models.records.device import DeviceId
from models.records.person import Person, Role
from models.records.shelf import AlarmSettings, HiddenBy, Maintenance, Shelf, ShelfOutcome
from models.records.threshold import Guidance, ThresholdId
from tests.unit.console.panels.alerts.conftest import AT, questions, words_of


def press(panel, key: Qt.Key) -> None:
    QTest.keyClick(panel.findChild(QTableView, "alerts-open"), key)


@pytest.fixture
def form(qtbot, panel):
    """Return the form that is open, once it has the keyboard."""

    def find() -> QDialog:
        (found,) = [each for each in panel.findChildren(QDialog) if each.isVisible()]
        qtbot.waitUntil(found.isActiveWindow)
        return found

    return find


def type_words(form, words: str) -> None:
    """Type where the form has the keyboard, as a person does."""
    QTest.keyClicks(form().focusWidget(), words)


def enter(form) -> None:
    QTest.keyClick(form().focusWidget(), Qt.Key.Key_Return)


def change_first(bridge, **facts) -> None:
    first, *rest = bridge.alerts
    bridge.set_alerts([replace(first, **facts), *rest])


def test_a_comment_is_written_without_touching_the_mouse(panel, bridge, form):
    press(panel, Qt.Key.Key_C)
    type_words(form, "Pump switched over.")
    enter(form)

    assert bridge.commanded[0].what == CommentAlerts((AlertId(1),), "Pump switched over.")
    bridge.confirm_next([AlertId(1)])
    assert words_of(panel, "alerts-said") == "Comment written to 1 alert."
    assert not [each for each in panel.findChildren(QDialog) if each.isVisible()]


def test_an_empty_comment_is_not_sent(panel, bridge, form):
    press(panel, Qt.Key.Key_C)
    enter(form)

    assert bridge.commanded == []
    assert "others will ask why" in words_of(form(), "comment-words-below")


def test_an_alert_that_asks_for_a_comment_is_not_acknowledged_without(panel, bridge, form):
    change_first(bridge, requires_comment=True)
    press(panel, Qt.Key.Key_A)
    assert bridge.commanded == []

    type_words(form, "Seen, crew is there.")
    enter(form)
    assert bridge.commanded[0].what == AcknowledgeAlerts((AlertId(1),), "Seen, crew is there.")
    assert panel.open_page.table_model.pending == {1}

    bridge.refuse_next("The database does not answer; try again.")
    assert panel.open_page.table_model.pending == frozenset()
    assert words_of(form(), "comment-dialog-said").startswith("The database does not answer")


def test_an_answer_that_comes_after_the_form_was_closed_is_told_all_the_same(panel, bridge, form):
    press(panel, Qt.Key.Key_C)
    type_words(form, "Hello")
    enter(form)
    form().reject()
    bridge.refuse_next("The database does not answer; try again.")

    assert words_of(panel, "alerts-said") == "The database does not answer; try again."


def test_shelving_something_critical_is_signed(panel, bridge, form):
    press(panel, Qt.Key.Key_S)
    type_words(form, "Calibration")
    enter(form)
    assert bridge.commanded == []
    assert words_of(form(), "shelve-password-below") == "Type your password."

    type_words(form, "a long secret")
    enter(form)
    given = bridge.commanded[0]
    assert given.what == ShelveThresholds((ThresholdId(300),), "Calibration", 1800.0, False)
    assert given.password == "a long secret"

    bridge.refuse_next("This is not your password.")
    assert words_of(form(), "shelve-dialog-said") == "This is not your password."
    assert form().focusWidget().objectName() == "shelve-password"


def test_shelving_says_until_when_by_the_clock(panel, bridge, form):
    panel.open_page.select([AlertId(2)])
    press(panel, Qt.Key.Key_S)
    type_words(form, "Sensor cleaned")
    form().findChild(QPushButton, "shelve-length-2").click()
    form().findChild(QCheckBox, "shelve-once").setChecked(True)
    assert words_of(form(), "shelve-length-below").startswith("Until normal, at the latest ")
    form().findChild(QPushButton, "shelve-dialog-go").click()

    given = bridge.commanded[0]
    assert given.what == ShelveThresholds((ThresholdId(1100),), "Sensor cleaned", 3600.0, True)
    assert given.password is None
    bridge.confirm_next([ShelfOutcome(ThresholdId(1100), is_changed=True, text="Shelved.")])
    assert words_of(panel, "alerts-said").startswith("1 alert shelved until normal, at the latest ")


def test_of_two_who_shelve_the_second_is_told_who_was_first(panel, bridge, form):
    panel.open_page.select([AlertId(2)])
    press(panel, Qt.Key.Key_S)
    type_words(form, "Sensor cleaned")
    enter(form)
    sentence = "Already shelved by Anna Berg at 08:00, until 09:00; take it from the shelf first."
    bridge.confirm_next([ShelfOutcome(ThresholdId(1100), is_changed=False, text=sentence)])

    assert words_of(panel, "alerts-said") == sentence


def test_reasons_given_last_are_offered(panel, bridge, form):
    press(panel, Qt.Key.Key_S)
    (asked,) = questions(bridge, "AskShelfReasons")
    asked.on_done(["Calibration", "Belt change"])

    field = form().reason_field
    assert [field.itemText(place) for place in range(field.count())] == ["Calibration", "Belt change"]
    assert field.words == ""


def test_no_more_minutes_can_be_typed_than_the_site_allows(panel, bridge, form):
    bridge.set_alarm_settings(AlarmSettings(max_shelf_s=1200.0))
    press(panel, Qt.Key.Key_S)
    shown = form()

    shown.duration.choose(7200.0)
    assert shown.duration.seconds == 1200.0
    assert "This site allows 20 min at most." in words_of(shown, "shelve-length-below")


def test_hidden_alerts_are_out_of_the_way_until_they_are_asked_for(panel, bridge):
    change_first(bridge, hidden_by=HiddenBy.SHELF, shelved_until=AT + timedelta(hours=1), shelf_reason="x")
    model = panel.open_page.table_model
    assert 1 not in [alert.id for alert in model.shown]

    chip = panel.findChild(QPushButton, "alerts-hidden")
    assert (chip.isVisible(), chip.text()) == (True, "1 hidden")
    assert "1 shelved" in chip.accessibleName()
    chip.click()
    assert model.alert_at(model.rowCount() - 1).id == 1


def test_a_shelved_alert_is_taken_back_with_u(panel, bridge):
    until = AT + timedelta(hours=1)
    change_first(bridge, hidden_by=HiddenBy.SHELF, shelved_until=until, shelf_reason="x")
    bridge.set_aside(
        [Shelf(ThresholdId(300), DeviceId(3), "Compressor 3", "Anna", "x", AT, until, False, True)]
    )
    panel.findChild(QPushButton, "alerts-hidden").click()
    panel.open_page.select([AlertId(1)])
    press(panel, Qt.Key.Key_U)

    assert bridge.commanded[0].what == UnshelveThresholds((ThresholdId(300),))
    bridge.confirm_next([])
    assert words_of(panel, "alerts-said").startswith("Nothing was on the shelf any more")


def test_a_latched_alert_that_has_returned_is_reset(panel, bridge):
    bridge.set_alerts(
        [replace(bridge.alerts[0], is_latching=True, cleared_at=AT, status=AlertStatus.ACKNOWLEDGED)]
    )
    panel.open_page.select([AlertId(1)])
    assert panel.findChild(QPushButton, "alerts-resolve").text() == "Reset  (R)"

    press(panel, Qt.Key.Key_R)
    assert bridge.commanded[0].what == ResolveAlerts((AlertId(1),))
    bridge.confirm_next([AlertOutcome(AlertId(1), is_changed=True, text="Resolved.")])
    assert words_of(panel, "alerts-said") == "1 alert reset."


def test_a_device_goes_into_maintenance_with_m_and_comes_back_the_same_way(qtbot, panel, bridge, form):
    press(panel, Qt.Key.Key_M)
    assert "The 2 alerts now open will be hidden." in words_of(form(), "maintenance-dialog-title")
    type_words(form, "Belt change")
    enter(form)
    assert bridge.commanded[0].what == BeginMaintenance((DeviceId(3),), "Belt change", 3600.0)
    bridge.confirm_next([DeviceId(3)])
    assert words_of(panel, "alerts-said").startswith("Compressor 3 is in maintenance until ")

    work = Maintenance(DeviceId(3), "Compressor 3", "Eva Lind", "Belt change", AT, AT + timedelta(hours=1))
    bridge.set_aside(maintenance=[work])
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    press(panel, Qt.Key.Key_M)
    form().findChild(QPushButton, "maintenance-end").click()
    assert bridge.commanded[0].what == EndMaintenance((DeviceId(3),))


def test_n_leads_from_one_alert_nobody_acknowledged_to_the_next_and_round(panel):
    seen = []
    for _ in range(7):
        seen.append(panel.open_page.details.alert.id)
        press(panel, Qt.Key.Key_N)

    assert seen == [1, 2, 3, 6, 7, 5, 1]


def test_the_menu_offers_the_same_and_greys_what_does_not_apply(panel):
    panel.open_page.select([AlertId(4)])
    menu = panel.open_page.bar.menu()
    offered = {action.text().split("\t")[0]: action.isEnabled() for action in menu.actions() if action.text()}
    menu.deleteLater()

    assert offered == {
        "Acknowledge": False,
        "Comment": True,
        "Shelve": True,
        "Resolve": True,
        "Maintenance": True,
        "Take from the shelf": False,
        "Next not acknowledged": True,
        "Show device": True,
    }


def test_an_engineer_can_do_nothing_about_somebody_elses_device(panel, bridge):
    bridge.set_person(Person(77, "Jon Dahl", "jon@example.org", Role.USER))
    panel.open_page.refresh()

    for key in (Qt.Key.Key_A, Qt.Key.Key_C, Qt.Key.Key_S, Qt.Key.Key_R, Qt.Key.Key_M):
        press(panel, key)
    assert bridge.commanded == []
    assert not [each for each in panel.findChildren(QDialog) if each.isVisible()]


@pytest.mark.parametrize(("later_s", "expected"), [(0, "9:15 left"), (700, "2:25 too late")])
def test_the_time_to_respond_counts_down_beside_the_guidance(panel, bridge, later_s, expected):
    limits = [
        limit for device in bridge.catalogue.devices for limit in bridge.catalogue.thresholds_of(device.id)
    ]
    told = Guidance("Worn bearing", "The drive trips", "Lower the speed", 630.0)
    bridge.set_catalogue(
        bridge.catalogue.devices,
        [replace(limit, guidance=told) if limit.id == 300 else limit for limit in limits],
    )
    change_first(bridge, comments=1)
    bridge.now_unix += later_s
    panel.on_second()

    assert words_of(panel, "alert-action") == "Lower the speed"
    assert words_of(panel, "alert-respond") == f"within 10 min 30 s: {expected}"


def test_an_alerts_own_journal_and_how_often_it_came_are_asked_for_when_it_is_looked_at(qtbot, panel, bridge):
    alert = panel.open_page.details.alert
    told = []
    qtbot.waitUntil(lambda: bool(told.extend(questions(bridge, "AskStory")) or told))
    event = AlertEvent(
        *(9, alert.id, alert.device, alert.device_name, alert.severity, alert.message, EventKind.COMMENTED),
        *(AT, AT, "Anna Berg", "", "control-room-2", None, "Watching it.", False),
    )
    told[-1].on_done(Story((event,), AlertFrequency(1, 17)))

    shown = [label.text() for label in panel.open_page.details.findChildren(QLabel) if label.isVisible()]
    assert "Commented by Anna Berg at control-room-2: “Watching it.”" in shown
    assert "Came once in 24 h, 17 times in 7 days." in shown


def test_an_alerts_journal_is_asked_for_again_once_the_database_is_back(qtbot, panel, bridge):
    told = []
    qtbot.waitUntil(lambda: bool(told.extend(questions(bridge, "AskStory")) or told))
    told[-1].on_failed("The database does not answer.")
    assert words_of(panel, "alert-story-more") == "The database does not answer."
    told.clear()

    bridge.set_link(is_window_live=True)
    qtbot.waitUntil(lambda: bool(told.extend(questions(bridge, "AskStory")) or told))
    told[-1].on_done(Story((), None))
    assert not panel.findChild(QLabel, "alert-story-more").isVisible()
