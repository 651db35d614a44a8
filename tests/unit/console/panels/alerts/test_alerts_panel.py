import time
from dataclasses import replace
from datetime import timedelta

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QTableView, QTabWidget

from console.bridge.commands import AcknowledgeAlerts, ResolveAlerts
from console.panels.alerts.alerts_panel import AlertsPanel
from models.records.alert import AlertId, AlertOutcome, AlertStatus
from models.records.device import DeviceId
from models.records.shelf import Maintenance
from models.records.threshold import Severity
from tests.unit.console.panels.alerts.conftest import AT
from tests.unit.console.panels.plant_scene import make_alert, make_device


def table(panel: AlertsPanel) -> QTableView:
    return panel.findChild(QTableView, "alerts-open")


def test_the_first_alert_is_selected_though_there_was_none_when_the_screen_came(show, bridge):
    coming = bridge.alerts
    bridge.set_alerts([])
    panel = show(AlertsPanel, bridge)
    assert panel.open_page.selected() == []

    bridge.set_alerts(coming)

    assert [alert.id for alert in panel.open_page.selected()] == [1]
    assert panel.open_page.details.alert.id == 1
    assert panel.window().focusWidget() is table(panel)


def test_what_was_let_go_of_is_not_selected_again_by_itself(panel, bridge):
    table(panel).clearSelection()

    bridge.set_alerts(bridge.alerts[:3])

    assert panel.open_page.selected() == []


def said(panel: AlertsPanel) -> str:
    return panel.findChild(QLabel, "alerts-said").text()


def changed(*ids: int) -> list[AlertOutcome]:
    return [AlertOutcome(AlertId(id), is_changed=True, text="Acknowledged.") for id in ids]


def test_the_worst_alert_is_selected_and_its_facts_stand_beside_it(panel):
    assert panel.open_page.details.alert.id == 1
    assert panel.findChild(QLabel, "alert-message").text().startswith("Temperature 86.8")


def test_one_key_acknowledges_and_stays_pending_until_it_comes_back(panel, bridge, answers):
    QTest.keyClick(table(panel), Qt.Key.Key_A)

    assert [asked.what for asked in bridge.commanded] == [AcknowledgeAlerts((AlertId(1),))]
    assert answers.asked == []
    bridge.confirm_next(changed(1))
    assert panel.open_page.table_model.pending == {1}

    first, *rest = bridge.alerts
    bridge.set_alerts([*rest, replace(first, status=AlertStatus.ACKNOWLEDGED)])
    assert panel.open_page.table_model.pending == frozenset()
    assert said(panel) == "1 alert acknowledged."


def test_several_are_acknowledged_only_after_the_consequence_was_shown(panel, bridge, answers):
    answers.wanted = False
    table(panel).selectAll()
    panel.open_page.acknowledge()

    _, verb, affected = answers.asked[0]
    assert (verb, len(affected)) == ("Acknowledge 6 alerts", 6)
    assert bridge.commanded == []

    answers.wanted = True
    panel.open_page.acknowledge()
    assert bridge.commanded[0].what.ids == (1, 2, 3, 6, 7, 5)


def test_a_refused_resolve_says_the_databases_sentence_and_takes_pending_back(panel, bridge):
    QTest.keyClick(table(panel), Qt.Key.Key_R)
    assert bridge.commanded[0].what == ResolveAlerts((AlertId(1),))

    bridge.confirm_next([AlertOutcome(AlertId(1), is_changed=False, text="The condition still stands.")])

    assert said(panel) == "The condition still stands."
    assert panel.open_page.table_model.pending == frozenset()


def test_an_order_that_cannot_be_delivered_is_taken_back(panel, bridge):
    panel.open_page.acknowledge()
    bridge.refuse_next("The database does not answer; try again.")

    assert said(panel) == "The database does not answer; try again."
    assert panel.open_page.table_model.pending == frozenset()


def test_typing_a_search_with_an_a_acknowledges_nothing(panel, bridge):
    field = panel.findChild(QLineEdit, "alerts-search")
    field.setFocus()
    QTest.keyClicks(field, "hall a")

    assert bridge.commanded == []
    assert panel.open_page.table_model.rowCount() == 3


def test_filter_buttons_narrow_and_show_all_brings_everything_back(panel):
    panel.findChild(QPushButton, "alerts-severity-info").click()
    panel.findChild(QPushButton, "alerts-state-returned").click()
    assert panel.open_page.table_model.rowCount() == 0

    shown = [b for b in panel.findChildren(QPushButton, "empty-state-action") if b.isVisible()]
    shown[0].click()
    assert panel.open_page.table_model.rowCount() == 7


def test_selection_and_scroll_position_stay_when_alerts_arrive(qtbot, panel, bridge):
    view = table(panel)
    many = [make_alert(100 + n, make_device(n % 24 + 1), Severity.WARNING, 100 + n) for n in range(60)]
    bridge.set_alerts([*bridge.alerts, *many])
    panel.open_page.select([AlertId(140)])
    qtbot.waitUntil(lambda: view.verticalScrollBar().maximum() > 400)
    view.verticalScrollBar().setValue(300)

    bridge.set_alerts([*bridge.alerts, make_alert(300, make_device(1), Severity.INFO, 1)])

    assert [alert.id for alert in panel.open_page.selected()] == [140]
    assert view.verticalScrollBar().value() == 300


def test_enter_opens_the_device(panel, visits):
    QTest.keyClick(table(panel), Qt.Key.Key_Return)

    assert visits.seen == [("device", 3)]


def test_a_device_leads_to_its_most_urgent_alert(panel):
    panel.show_device(DeviceId(20))

    assert panel.open_page.details.alert.id == 6


def test_a_third_click_on_a_heading_goes_back_to_urgency(panel):
    header = table(panel).horizontalHeader()
    model = panel.open_page.table_model
    for _ in range(2):
        header.sectionClicked.emit(2)
    assert model.alert_at(0).id != 1

    header.sectionClicked.emit(2)
    assert model.alert_at(0).id == 1


def test_details_follow_the_current_row(panel):
    view = table(panel)
    view.selectionModel().setCurrentIndex(
        view.model().index(5, 0),
        QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows,
    )

    assert panel.open_page.details.alert.id == 4


def test_without_alerts_nothing_is_promised_about_silent_devices(panel, bridge):
    bridge.set_alerts([])

    words = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
    assert any("on any device that answers" in text for text in words)
    assert not panel.findChild(QPushButton, "alerts-acknowledge").isEnabled()


def test_every_tab_is_a_part_that_can_be_turned_to(panel):
    tabs = panel.findChild(QTabWidget, "alerts-tabs")
    for part in panel.parts():
        panel.show_part(part)
        assert tabs.tabText(tabs.currentIndex()).startswith(part)


def test_ctrl_page_down_turns_to_the_next_tab_and_round(panel):
    tabs = panel.findChild(QTabWidget, "alerts-tabs")
    turned = []
    for _ in panel.parts():
        QTest.keyClick(panel, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
        turned.append(tabs.currentIndex())

    assert turned == [*range(1, len(panel.parts())), 0]


def test_tabs_tell_how_much_asks_and_how_much_is_set_aside(panel, bridge):
    until = AT + timedelta(hours=1)
    bridge.set_aside(maintenance=[Maintenance(DeviceId(5), "Drive 5", "Anna", "Belt", AT, until)])
    tabs = panel.findChild(QTabWidget, "alerts-tabs")

    assert [tabs.tabText(0), tabs.tabText(1)] == ["Open (7)", "Shelved (1)"]


def test_a_flood_is_shown_within_a_frame_and_what_was_chosen_stays_chosen(panel, bridge):
    """The measured time is 10 to 30 ms; the bound allows for a slow machine, not for work on every row."""
    devices = bridge.catalogue.devices
    flood = [make_alert(1000 + n, devices[n % 24], list(Severity)[n % 3], n * 0.002) for n in range(5_000)]
    panel.open_page.select([AlertId(4)])
    bridge.set_alerts([*bridge.alerts, *flood[:4_900]])

    began = time.thread_time()
    bridge.set_alerts([*bridge.alerts, *flood[4_900:]])
    took_s = time.thread_time() - began

    assert took_s < 0.5
    assert panel.open_page.table_model.rowCount() == 5_007
    assert [alert.id for alert in panel.open_page.selected()] == [4]
    assert panel.findChild(QTabWidget, "alerts-tabs").tabText(0) == "Open (5,007)"


def test_acknowledging_a_whole_flood_is_one_order(panel, bridge, answers):
    devices = bridge.catalogue.devices
    bridge.set_alerts([make_alert(n, devices[n % 24], Severity.WARNING, n) for n in range(1, 3_001)])
    table(panel).selectAll()
    panel.open_page.acknowledge()

    _, verb, affected = answers.asked[0]
    assert (verb, len(affected)) == ("Acknowledge 3,000 alerts", 3_000)
    assert len(bridge.commanded[0].what.ids) == len(panel.open_page.table_model.pending) == 3_000
