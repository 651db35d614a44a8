import threading
from datetime import timedelta

import pytest
from PySide6.QtCore import QCoreApplication, QDateTime, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDateTimeEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
)

import models.queries.audit
from console.panels.settings.audit_model import PAGE
from console.panels.settings.audit_questions import AskChoices, AskPage, Choices, ExportTrail, VerifyTrail
from console.panels.settings.audit_section import AuditSection
from models.records.audit import AuditAnchor, AuditFilter, AuditOperation, AuditVerdict
from tests.unit.console.panels.settings.account_parts import NOW_AT, account, entry

NOTES = {"table": "", "key": "", "before": {}}


@pytest.fixture
def audit(settings, empty_bridge) -> AuditSection:
    settings.show_section("audit")
    return settings.current_section


def pages(bridge) -> list[AskPage]:
    return [asked.what for asked in bridge.asked if isinstance(asked.what, AskPage)]


def answer_page(bridge, page) -> None:
    """Answer the newest question for a page, and forget every other."""
    newest = [asked for asked in bridge.asked if isinstance(asked.what, AskPage)][-1]
    bridge.asked.clear()
    newest.on_done(page)


def table(section: AuditSection) -> QTableView:
    return section.findChild(QTableView, "audit-table-view")


def summary(section: AuditSection) -> str:
    return section.findChild(QLabel, "audit-summary").text()


def full_page(newest: int) -> list:
    return [entry(newest - step) for step in range(PAGE)]


def test_the_newest_page_is_read_when_the_section_is_seen(audit, empty_bridge):
    assert pages(empty_bridge) == [AskPage(AuditFilter(), PAGE, None)]

    answer_page(empty_bridge, [entry(2), entry(1)])
    assert summary(audit) == "2 entries, newest first"
    assert audit.findChild(QLabel, "audit-title").text() == "Eva Lind changed User 2"


def test_the_next_page_is_asked_for_before_the_end_is_reached_and_only_once(audit, empty_bridge):
    answer_page(empty_bridge, full_page(1_000))
    bar = table(audit).verticalScrollBar()
    bar.setValue(1)
    assert pages(empty_bridge) == []

    bar.setValue(bar.maximum() * 2 // 3)
    assert len(pages(empty_bridge)) == 1
    bar.setValue(bar.maximum())
    assert pages(empty_bridge) == [AskPage(AuditFilter(), PAGE, 801)]

    answer_page(empty_bridge, full_page(800))
    assert audit.table_model.rowCount() == 2 * PAGE
    assert summary(audit) == "400 entries, newest first; scroll down for older ones"


def test_the_end_of_the_trail_is_not_asked_for_again(audit, empty_bridge):
    answer_page(empty_bridge, full_page(PAGE + 1))
    table(audit).verticalScrollBar().setValue(table(audit).verticalScrollBar().maximum())
    answer_page(empty_bridge, [entry(1)])
    table(audit).scrollToBottom()

    assert audit.table_model.is_complete
    assert pages(empty_bridge) == []


def test_news_do_not_pull_the_list_away_from_somebody_who_reads_the_past(audit, empty_bridge):
    answer_page(empty_bridge, full_page(1_000))
    table(audit).verticalScrollBar().setValue(500)
    empty_bridge.asked.clear()
    empty_bridge.people_changed.emit()

    assert [asked.what for asked in empty_bridge.asked] == [AskChoices()]


def test_the_selected_entry_stays_selected_when_newer_ones_come(audit, empty_bridge):
    answer_page(empty_bridge, [entry(2, key="7"), entry(1)])
    audit.reload()
    answer_page(empty_bridge, [entry(3), entry(2, key="7"), entry(1)])

    assert audit.findChild(QLabel, "audit-title").text() == "Eva Lind changed User 7"


def test_every_choice_narrows_what_is_asked_for(audit, empty_bridge):
    answer_page(empty_bridge, [entry(1)])
    audit._take_choices(Choices((account(4, "Ben Lund"),), (), ("devices", "users")))
    for name, words in (
        ("audit-who", "Ben Lund"),
        ("audit-table", "Devices"),
        ("audit-done", "Changed"),
        ("audit-span", "Last 24 hours"),
    ):
        audit.findChild(QComboBox, name).setCurrentText(words)

    assert pages(empty_bridge)[-1].chosen == AuditFilter(
        since=NOW_AT - timedelta(days=1), person_id=4, table="devices", operation=AuditOperation.CHANGED
    )
    assert isinstance(pages(empty_bridge)[-1].chosen.operation, AuditOperation)


def test_a_span_of_ones_own_has_a_beginning_and_an_end(audit, empty_bridge, qtbot):
    audit.findChild(QComboBox, "audit-span").setCurrentText("Between…")
    begin = QDateTime.fromSecsSinceEpoch(int(NOW_AT.timestamp()) - 3_600)
    audit.findChild(QDateTimeEdit, "audit-from").setDateTime(begin)
    qtbot.waitUntil(lambda: pages(empty_bridge)[-1].chosen.since == NOW_AT - timedelta(hours=1))

    assert pages(empty_bridge)[-1].chosen.until is not None


def test_typing_is_searched_for_once_it_pauses(audit, empty_bridge, qtbot):
    empty_bridge.asked.clear()
    QTest.keyClicks(audit.findChild(QLineEdit, "audit-search"), "100%_'; DROP")
    qtbot.waitUntil(lambda: pages(empty_bridge) != [])

    assert [page.chosen for page in pages(empty_bridge)] == [AuditFilter(text="100%_'; DROP")]


def test_a_filter_that_finds_nothing_offers_the_way_back(audit, empty_bridge):
    audit.findChild(QComboBox, "audit-done").setCurrentText("Removed")
    answer_page(empty_bridge, [])
    audit.findChild(QPushButton, "empty-state-action").click()

    assert pages(empty_bridge)[-1].chosen == AuditFilter()


def test_what_is_chosen_stays_chosen_when_the_choices_are_read_again(audit):
    audit._take_choices(Choices((account(4, "Ben Lund"),), (), ()))
    audit.findChild(QComboBox, "audit-who").setCurrentText("Ben Lund")
    audit._take_choices(Choices((account(3, "Anna"), account(4, "Ben Lund")), (), ()))

    assert audit.findChild(QComboBox, "audit-who").currentText() == "Ben Lund"


def test_an_entry_is_shown_field_by_field_with_login_and_claimed_workstation(audit, empty_bridge):
    answer_page(empty_bridge, [entry(1, before={"role": "user"}, after={"role": "admin"})])
    fields = audit.findChild(QAbstractItemView, "audit-changes").model()
    shown = [label.text() for label in audit.findChildren(QLabel)]

    assert [fields.index(0, column).data() for column in range(3)] == ["Role", "Engineer", "Administrator"]
    assert {"u_0123", "window on desk 4", "10.0.0.7"} <= set(shown)


def test_a_refusal_shows_what_was_tried(audit, empty_bridge):
    refused = entry(1, AuditOperation.REFUSED, after={"what": "Changing a role"}, **NOTES)
    answer_page(empty_bridge, [refused])

    assert audit.findChild(QLabel, "audit-words").text() == "Changing a role"
    assert not audit.findChild(QAbstractItemView, "audit-changes").isVisible()


def test_verifying_shows_how_far_it_is_and_then_what_was_found(audit, empty_bridge):
    answer_page(empty_bridge, [entry(142_310)])
    audit.findChild(QPushButton, "audit-verify").click()
    (asked,) = empty_bridge.asked
    asked.what.tell(2_000)
    assert audit.task_line.words == "Verifying the trail: 2,000 entries…"
    assert not audit.findChild(QPushButton, "audit-export").isEnabled()

    asked.on_done(AuditVerdict(142_310, AuditAnchor(142_310, "ab")))
    assert audit.task_line.words == "142,310 entries, unbroken."
    assert not audit.task_line.is_busy


def test_verifying_compares_with_what_this_computer_has_seen(audit, empty_bridge):
    seen = (AuditAnchor(5, "cd"),)
    empty_bridge.audit_anchors = {"the plant": seen}.get
    empty_bridge.session.become(place="the plant")
    audit.verify()

    (question,) = [asked.what for asked in empty_bridge.asked if isinstance(asked.what, VerifyTrail)]
    assert question.anchors() == seen


def test_long_work_can_be_stopped(audit, empty_bridge, tmp_path):
    answer_page(empty_bridge, [entry(1)])
    audit._choose_file = lambda _parent, _name, _kinds: tmp_path / "audit.csv"
    QTest.keyClick(audit.findChild(QPushButton, "audit-export"), Qt.Key.Key_Space)
    (asked,) = empty_bridge.asked
    audit.findChild(QPushButton, "audit-task-cancel").click()

    assert asked.what.stop.is_set()
    assert asked.what.chosen == AuditFilter()


def test_work_ends_when_nobody_waits_for_it_any_more(audit, empty_bridge):
    audit.verify()
    (question,) = [asked.what for asked in empty_bridge.asked if isinstance(asked.what, VerifyTrail)]
    empty_bridge.set_person(None)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    question.tell(2_000)

    assert question.stop.is_set()


@pytest.fixture
def _trail(monkeypatch):
    monkeypatch.setattr(
        models.queries.audit, "export_audit", lambda _conn, _chosen: iter([entry(1), entry(2), entry(3)])
    )


@pytest.mark.usefixtures("_trail")
def test_an_export_says_how_much_was_saved(tmp_path):
    question = ExportTrail(AuditFilter(), tmp_path / "audit.csv", lambda _done: None, threading.Event())

    assert question(None) == f"3 entries saved as {tmp_path / 'audit.csv'}."
    assert len((tmp_path / "audit.csv").read_text(encoding="utf-8").splitlines()) == 4


@pytest.mark.usefixtures("_trail")
def test_a_stopped_export_leaves_nothing_behind(tmp_path):
    stop = threading.Event()
    stop.set()

    assert ExportTrail(AuditFilter(), tmp_path / "audit.json", lambda _done: None, stop)(None) == (
        "Stopped; nothing was saved."
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("_trail")
def test_an_export_that_cannot_be_written_says_why(tmp_path):
    target = tmp_path / "missing" / "audit.csv"

    said = ExportTrail(AuditFilter(), target, lambda _done: None, threading.Event())(None)
    assert said.startswith(f"{target} could not be written:")
