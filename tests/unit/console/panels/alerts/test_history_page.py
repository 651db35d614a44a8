import csv
import threading
import time

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QTableView

from console.bridge.alert_commands import CommentAlerts
from console.panels.alerts.alert_rows import Column
from console.panels.alerts.export_questions import ExportHistory
from console.panels.alerts.paged_model import PAGE
from models.records.alert import Alert, AlertId, AlertStatus
from models.records.alert_filter import AlertFilter, AlertSort
from models.records.threshold import Severity
from tests.unit.console.panels.alerts.conftest import AT, questions, words_of
from tests.unit.console.panels.plant_scene import make_alert, make_device

DEVICES = [make_device(number) for number in range(1, 25)]


def past(first: int, count: int) -> list[Alert]:
    return [
        make_alert(
            *(n, DEVICES[n % 24], list(Severity)[n % 3], n * 60),
            status=AlertStatus.RESOLVED,
            resolved_at=AT,
        )
        for n in range(first, first + count)
    ]


@pytest.fixture
def page(panel, bridge):
    panel.show_part("History")
    return panel.history_page


def asked_pages(bridge) -> list:
    return questions(bridge, "AskHistory")


def answer_page(bridge, page: list[Alert]) -> None:
    (asked,) = asked_pages(bridge)
    asked.on_done(page)


def test_pages_are_fetched_ahead_one_behind_the_other(page, bridge):
    answer_page(bridge, past(1, PAGE))
    assert (page.table_model.rowCount(), page.table_model.is_complete) == (PAGE, False)

    (asked,) = asked_pages(bridge)
    assert asked.what.after.id == PAGE
    asked.on_done(past(PAGE + 1, PAGE))
    answer_page(bridge, past(2 * PAGE + 1, PAGE))
    # Two pages below what is seen are enough, until somebody scrolls.
    assert asked_pages(bridge) == []

    page.findChild(QTableView, "alerts-history").scrollToBottom()
    answer_page(bridge, past(3 * PAGE + 1, 3))
    assert (page.table_model.rowCount(), page.table_model.is_complete) == (3 * PAGE + 3, True)


def test_the_count_is_that_of_the_database_not_of_what_has_come(page, bridge):
    answer_page(bridge, past(1, PAGE))
    (asked,) = questions(bridge, "CountHistory")
    asked.on_done(100_000)

    assert words_of(page, "history-summary") == "100,000 alerts"


def test_what_is_searched_is_asked_of_the_database(qtbot, page, bridge):
    answer_page(bridge, past(1, 3))
    QTest.keyClicks(page.findChild(QLineEdit, "history-search"), "pump 4")
    page.findChild(QPushButton, "history-severity-critical").click()
    page.findChild(QComboBox, "history-status").setCurrentIndex(3)

    def last() -> AlertFilter:
        return bridge.asked[-1].what.chosen

    qtbot.waitUntil(lambda: last().text == "pump 4")
    assert last() == AlertFilter("pump 4", frozenset({Severity.CRITICAL}), frozenset({AlertStatus.RESOLVED}))


def test_an_answer_to_what_was_asked_before_is_not_shown(page, bridge):
    (late,) = asked_pages(bridge)
    page.reload()
    answer_page(bridge, past(1, 3))
    late.on_done(past(50, 7))

    assert page.table_model.rowCount() == 3


def test_a_heading_sorts_where_the_alerts_are_stored(page, bridge):
    answer_page(bridge, past(1, 3))
    header = page.findChild(QTableView, "alerts-history").horizontalHeader()

    orders = []
    for _ in range(3):
        header.sectionClicked.emit(Column.DEVICE)
        asked = asked_pages(bridge)[-1].what
        orders.append((asked.sort, asked.is_descending))

    assert orders == [(AlertSort.DEVICE, False), (AlertSort.DEVICE, True), (AlertSort.TRIGGERED, True)]


def test_a_failed_page_says_why_and_scrolling_tries_again(page, bridge):
    answer_page(bridge, past(1, PAGE))
    (asked,) = asked_pages(bridge)
    asked.on_failed("The database does not answer.")
    assert words_of(page, "history-said") == "The database does not answer."

    page.findChild(QTableView, "alerts-history").scrollToBottom()
    assert len(asked_pages(bridge)) == 1


def test_nothing_found_offers_to_show_everything(page, bridge):
    answer_page(bridge, past(1, 3))
    page.findChild(QComboBox, "history-status").setCurrentIndex(1)
    answer_page(bridge, [])

    shown = [label.text() for label in page.findChildren(QLabel) if label.isVisible()]
    assert "Nothing found" in shown
    (again,) = [b for b in page.findChildren(QPushButton, "empty-state-action") if b.isVisible()]
    again.click()
    assert asked_pages(bridge)[-1].what.chosen == AlertFilter()


def test_a_past_alert_can_be_commented(page, bridge, qtbot):
    answer_page(bridge, past(1, 3))
    page.comment()
    (dialog,) = [
        each for each in page.findChildren(QLineEdit.__base__) if each.objectName() == "comment-dialog"
    ]
    dialog.findChild(type(dialog._field)).setPlainText("Was the belt.")
    dialog.send()

    assert bridge.commanded[0].what == CommentAlerts((AlertId(1),), "Was the belt.")


def test_a_hundred_thousand_rows_hold_the_window_up_for_no_frame(page, bridge):
    """Measured below 3 ms a page; the bound allows for a slow machine."""
    rows = past(1, PAGE)
    table = page.findChild(QTableView, "alerts-history")
    slowest_s = 0.0
    for number in range(200):
        table.scrollToBottom()
        began = time.thread_time()
        answer_page(bridge, rows)
        slowest_s = max(slowest_s, time.thread_time() - began)
        assert page.table_model.rowCount() == (number + 1) * PAGE

    assert page.table_model.rowCount() == 100_000
    assert slowest_s < 0.25


def test_export_writes_what_the_filter_lets_through_and_says_so(page, bridge, tmp_path):
    answer_page(bridge, past(1, 3))
    page.findChild(QPushButton, "history-export").click()
    (asked,) = questions(bridge, "ExportHistory")
    assert (asked.what.path, asked.what.chosen) == (tmp_path / "alerts.csv", AlertFilter())

    asked.on_done("3 alerts saved.")
    assert words_of(page, "history-task-words") == "3 alerts saved."
    assert page.findChild(QPushButton, "history-export").isEnabled()


@pytest.fixture
def pages_of(monkeypatch):
    """Let the database hold these alerts."""
    import models.queries.alert_search as search

    def hold(alerts: list[Alert]) -> None:
        def page(connection, chosen, sort, *, descending, limit, after):
            start = 0 if after is None else alerts.index(after) + 1
            return alerts[start : start + limit]

        monkeypatch.setattr(search, "alert_page", page)

    return hold


def test_an_export_holds_every_page(pages_of, tmp_path):
    pages_of(past(1, 4_500))
    told: list[int] = []
    path = tmp_path / "alerts.csv"
    question = ExportHistory(AlertFilter(), AlertSort.TRIGGERED, True, path, told.append, threading.Event())

    assert question(None) == f"4,500 alerts saved as {path}."
    with path.open(encoding="utf-8", newline="") as file:
        assert [int(row["alert"]) for row in csv.DictReader(file)] == list(range(1, 4_501))
    assert told == [2_000, 4_000, 4_500]


def test_a_stopped_export_leaves_no_file(pages_of, tmp_path):
    pages_of(past(1, 10))
    stop = threading.Event()
    stop.set()
    question = ExportHistory(
        AlertFilter(), AlertSort.TRIGGERED, True, tmp_path / "alerts.csv", lambda _done: None, stop
    )

    assert question(None) == "Stopped; nothing was saved."
    assert list(tmp_path.iterdir()) == []
