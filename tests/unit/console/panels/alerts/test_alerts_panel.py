from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QTableView

from console.bridge.commands import AcknowledgeAlerts, ResolveAlerts
from console.panels.alerts.alerts_panel import AlertsPanel
from console.panels.alerts.paged_model import PAGE
from models.records.alert import AlertId, AlertOutcome, AlertStatus
from models.records.device import DeviceId
from models.records.threshold import Severity
from tests.unit.console.panels.plant_scene import NOW, make_alert, make_device


class Answers:
    """Stands in for the confirmation: remembers what it was told, answers as set."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, int]] = []
        self.wanted = True

    def __call__(self, parent, consequence, verb, affected) -> bool:
        self.asked.append((consequence, verb, len(affected)))
        return self.wanted


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def panel(show, bridge, answers) -> AlertsPanel:
    return show(lambda *args, **named: AlertsPanel(*args, ask=answers, **named), bridge)


def table(panel: AlertsPanel) -> QTableView:
    return panel.findChild(QTableView, "alerts-open")


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

    assert answers.asked[0][1:] == ("Acknowledge 6 alerts", 6)
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


def test_history_comes_page_by_page_from_the_database(panel, bridge):
    panel.show_part("History")
    questions = [asked for asked in bridge.asked if hasattr(asked.what, "after")]
    assert [asked.what.after for asked in questions] == [None]
    bridge.asked[:] = questions
    at = datetime.fromtimestamp(NOW, UTC)
    page = [
        make_alert(n, make_device(1), Severity.INFO, n, status=AlertStatus.RESOLVED, resolved_at=at)
        for n in range(1, PAGE + 1)
    ]

    bridge.answer_next(page)
    model = panel.history_page.table_model
    assert (model.rowCount(), model.is_complete) == (PAGE, False)

    assert bridge.asked[0].what.after == page[-1]
    bridge.answer_next(page[:3])
    assert (model.rowCount(), model.is_complete) == (PAGE + 3, True)


def test_a_failed_history_says_why(panel, bridge):
    panel.show_part("History")
    bridge.asked[:] = [asked for asked in bridge.asked if hasattr(asked.what, "after")]
    bridge.fail_next("The database does not answer.")

    assert panel.findChild(QLabel, "history-said").text() == "The database does not answer."
