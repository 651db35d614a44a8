"""The Reports screen at a bridge fed by hand, as somebody at the keyboard meets it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDateTimeEdit, QLabel, QPushButton, QTableView

from console.bridge.handover_commands import TakeOver, WriteHandover
from console.panels.reports.periods import PeriodKind
from console.panels.reports.report_questions import (
    AskAlarmReport,
    AskAvailability,
    AskDraft,
    AskHandovers,
)
from console.panels.reports.reports_panel import ReportsPanel
from console.panels.reports.sign_dialog import SignDialog
from models.records.handover import SectionKey
from models.records.person import Person, Role
from tests.unit.console.fake_bridge import FakeBridge
from tests.unit.console.panels.plant_scene import fill
from tests.unit.console.panels.reports import report_scene as scene

OPERATOR = Person(2, "Olga Brandt", "olga@example.org", Role.OPERATOR)
ENGINEER = Person(3, "Uwe Engel", "uwe@example.org", Role.USER)


@pytest.fixture
def bridge(qtbot) -> FakeBridge:
    made = FakeBridge(scene.NOW.timestamp())
    fill(made, 6, seconds=2, has_alerts=False)
    made.now_unix = scene.NOW.timestamp()
    made.set_alarm_settings(scene.SHIFTS)
    return made


@pytest.fixture
def panel(show, bridge):
    return show(ReportsPanel, bridge)


@pytest.fixture
def filled(panel, bridge):
    bridge.answer_next(scene.report())
    bridge.answer_next(scene.availability())
    return panel


@pytest.fixture
def handovers(panel, bridge):
    """The last tab, with one handover in each state, the shift under way chosen."""
    panel.show_part("handover")
    bridge.asked = [asked for asked in bridge.asked if isinstance(asked.what, AskHandovers)]
    bridge.answer_next([scene.handover(3, 1), scene.handover(2, 2, by=2), scene.handover(1, 2, 3, by=2)])
    bridge.answer_next(scene.draft(bridge.asked[0].what.shift))
    return panel


def find(panel, kind, name):
    return panel.findChild(kind, name)


def press(qtbot, panel, name):
    qtbot.mouseClick(find(panel, QPushButton, name), Qt.MouseButton.LeftButton)


def choose(panel, row):
    find(panel, QTableView, "handover-list").selectRow(row)


def note(panel, key):
    return panel.findChild(object, f"handover-note-{key.value}")


# -- figures -------------------------------------------------------------------------------------------


def test_the_last_24_hours_are_asked_for_first(panel, bridge):
    first, second = (asked.what for asked in bridge.asked)
    assert isinstance(first, AskAlarmReport)
    assert isinstance(second, AskAvailability)
    assert (first.period.until - first.period.since).total_seconds() == 86_400


def test_every_figure_stands_with_target_and_verdict_in_words(filled):
    model = filled.load_page.table_model
    rows = [[model.index(row, column).data() for column in range(5)] for row in range(model.rowCount())]
    assert len(rows) == 20
    assert [cell.strip() for cell in rows[0]] == [
        "Alerts per 10 min, average",
        "1.33",
        "≈ 1, at most 2",
        "~ acceptable",
        "",
    ]
    assert [row[3] for row in rows].count("✗ missed") == 9


def test_the_level_is_said_and_that_it_is_an_indication(filled):
    assert (
        find(filled, QLabel, "reports-level").text().startswith("16 alerts in 2 h 00 min. EEMUA 191: Stable")
    )
    assert find(filled, QLabel, "reports-note").text() == "An indication: a verdict needs 30 days."


def test_the_exact_meaning_of_the_selected_figure_is_told(qtbot, filled):
    table = find(filled, QTableView, "reports-figures")
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert find(filled, QLabel, "reports-meaning").text().startswith("The same, per hour;")


def test_pictures_are_told_in_words_too(filled):
    words = {
        name: filled.findChild(object, name).accessibleDescription()
        for name in ("reports-over-time", "reports-severities", "reports-hours", "reports-top-ten")
    }
    assert words["reports-over-time"] == "At most 12 in 10 minutes; 1 floods."
    assert words["reports-severities"] == "critical 1, warning 3, info 12"
    assert words["reports-hours"] == "0 h 4, 1 h 12"
    assert words["reports-top-ten"].startswith("Device 20, hot: 3;")


def test_an_empty_time_says_what_is_missing(panel, bridge):
    bridge.answer_next(scene.empty_report())
    texts = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
    assert "Nothing was recorded in this time" in texts


def test_a_report_that_fails_says_why_and_keeps_the_one_before(filled, bridge):
    filled.refresh()
    bridge.fail_next("The database does not answer.")
    assert find(filled, QLabel, "reports-period-said").text() == "The database does not answer."
    assert filled.load_page.table_model.rowCount() == 20


def test_another_time_is_asked_for_by_keyboard(qtbot, filled, bridge):
    bridge.asked.clear()
    combo = find(filled, QComboBox, "reports-period")
    combo.setFocus()
    qtbot.keyClick(combo, Qt.Key.Key_Down)
    period = bridge.asked[0].what.period
    assert (period.until - period.since).days == 7


@pytest.mark.parametrize(
    ("kind", "name", "hours"),
    [(PeriodKind.THIS_SHIFT, "Night shift so far", 4), (PeriodKind.LAST_SHIFT, "Late shift", 8)],
)
def test_shifts_are_those_of_the_site(filled, bridge, kind, name, hours):
    bridge.asked.clear()
    filled.period_bar.choose(kind)
    period = bridge.asked[0].what.period
    assert period.name == name
    assert (period.until - period.since).total_seconds() == hours * 3600


def test_a_chosen_time_that_ends_before_it_begins_is_refused(qtbot, filled, bridge):
    filled.period_bar.choose(PeriodKind.CUSTOM)
    bridge.asked.clear()
    since, until = (find(filled, QDateTimeEdit, f"reports-{name}") for name in ("since", "until"))
    since.setDateTime(until.dateTime().addSecs(60))
    press(qtbot, filled, "reports-go")
    assert bridge.asked == []
    assert "must begin before it ends" in find(filled, QLabel, "reports-period-said").text()


def test_an_answer_to_an_earlier_question_is_not_shown(filled, bridge):
    filled.period_bar.choose(PeriodKind.DAYS_7)
    filled.period_bar.choose(PeriodKind.DAYS_30)
    bridge.answer_next(scene.empty_report())
    assert filled.load_page.table_model.rowCount() == 20


def test_a_report_older_than_a_minute_is_computed_again_when_the_screen_is_seen(filled, bridge):
    bridge.asked.clear()
    filled.hide()
    filled.show()
    assert bridge.asked == []
    filled.hide()
    bridge.now_unix += 61
    filled.show()
    assert len(bridge.asked) == 2


# -- the worst -----------------------------------------------------------------------------------------


def test_a_proposal_is_tried_by_keyboard(qtbot, filled, visits):
    filled.show_part("worst")
    table = find(filled, QTableView, "reports-worst-table")
    assert table.hasFocus()
    qtbot.keyClick(table, Qt.Key.Key_T)
    assert visits.seen == [("alerts", scene.PROPOSAL.device)]
    assert visits.proposals == [scene.PROPOSAL]


def test_a_threshold_that_no_setting_helps_has_no_dead_button(qtbot, filled, visits):
    filled.show_part("worst")
    table = find(filled, QTableView, "reports-worst-table")
    table.selectRow(2)
    qtbot.keyClick(table, Qt.Key.Key_T)
    assert not find(filled, QPushButton, "reports-try").isVisible()
    assert visits.seen == []


def test_the_sentence_says_why(filled):
    filled.show_part("worst")
    assert find(filled, QLabel, "reports-worst-why").text() == "It swings.\nProposed: off-delay 0 s → 50 s."


def test_a_duplicate_is_opened_rather_than_tried(filled):
    filled.show_part("worst")
    find(filled, QTableView, "reports-worst-table").selectRow(1)
    assert find(filled, QPushButton, "reports-try").text() == "&Open this limit  (T)"


# -- availability --------------------------------------------------------------------------------------


def test_the_least_available_device_comes_first_and_enter_leads_to_it(qtbot, filled, visits):
    filled.show_part("availability")
    table = find(filled, QTableView, "reports-availability-table")
    assert table.model().index(0, 2).data().strip() == "75.00\N{NO-BREAK SPACE}%"
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert visits.seen == [("device", 5)]


# -- files ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["pdf", "xlsx", "csv"])
def test_a_report_is_saved_on_a_worker(qtbot, show, bridge, tmp_path, kind):
    path = tmp_path / f"report.{kind}"
    panel = show(lambda *a, **k: ReportsPanel(*a, choose_file=lambda *_asked: path, **k), bridge)
    bridge.answer_next(scene.report())
    bridge.answer_next(scene.availability())
    panel.findChild(object, f"reports-save-{kind}").trigger()
    qtbot.waitUntil(lambda: panel.said == f"The report is saved as {path}.")
    assert path.stat().st_size > 1000


def test_nothing_is_saved_before_there_is_a_report(panel):
    assert not find(panel, QPushButton, "reports-save").isEnabled()


# -- handovers -----------------------------------------------------------------------------------------


def test_an_engineer_has_no_handovers(show, bridge):
    bridge.set_person(ENGINEER)
    assert show(ReportsPanel, bridge).parts() == ["load", "worst", "availability"]


def test_the_shift_under_way_is_drafted_at_once(panel, bridge):
    panel.show_part("handover")
    bridge.asked = [asked for asked in bridge.asked if isinstance(asked.what, AskHandovers)]
    bridge.answer_next([])
    asked = bridge.asked[-1].what
    assert isinstance(asked, AskDraft)
    assert asked.shift.name == "Night"
    bridge.answer_next(scene.draft(asked.shift))
    assert "Critical: Press 4: hot." in find(panel, QLabel, "handover-lines-open").text()
    assert find(panel, QLabel, "handover-lines-shelved").text() == "Nothing is on the shelf."


def test_a_draft_is_kept_with_its_notes(qtbot, handovers, bridge):
    note(handovers, SectionKey.OPEN).setPlainText("pump ordered")
    press(qtbot, handovers, "handover-save")
    command = bridge.commanded[0].what
    assert isinstance(command, WriteHandover)
    assert not command.is_signed
    assert command.sections[0].note == "pump ordered"


def test_looking_again_keeps_the_notes(qtbot, handovers, bridge):
    note(handovers, SectionKey.OPEN).setPlainText("pump ordered")
    press(qtbot, handovers, "handover-renew")
    bridge.answer_next(scene.draft(bridge.asked[-1].what.shift))
    assert note(handovers, SectionKey.OPEN).toPlainText() == "pump ordered"


def test_two_persons_sign_at_one_window_by_keyboard_alone(qtbot, handovers, bridge):
    button = find(handovers, QPushButton, "handover-sign-open")
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    dialog = handovers.findChild(SignDialog)
    qtbot.keyClicks(dialog.focusWidget(), "piet@example.org")
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    qtbot.keyClicks(dialog.focusWidget(), "secret words")
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    assert bridge.commanded[0].what.is_signed
    bridge.confirm_next(scene.handover(9, 1))
    assert bridge.countersigned == [("piet@example.org", "secret words")]
    assert bridge.commanded[0].what == TakeOver(9, "ab" * 32)
    bridge.confirm_next(scene.handover(9, 1, 3))
    assert handovers.said == "Signed by Eva Lind and Piet Maas."


def test_a_wrong_password_leaves_the_first_signature_and_asks_again(qtbot, handovers, bridge):
    press(qtbot, handovers, "handover-sign-open")
    dialog = handovers.findChild(SignDialog)
    dialog.findChild(object, "handover-sign-email").setText("piet@example.org")
    dialog.findChild(object, "handover-sign-password").setText("wrong")
    press(qtbot, dialog, "handover-sign-go")
    bridge.confirm_next(scene.handover(9, 1))
    bridge.refuse_next("The e-mail address or the password is wrong.")
    assert "Eva Lind has signed" in find(dialog, QLabel, "handover-sign-said").text()
    dialog.findChild(object, "handover-sign-password").setText("right")
    press(qtbot, dialog, "handover-sign-go")
    assert isinstance(bridge.commanded[0].what, TakeOver)


def test_who_is_alone_signs_and_it_waits(qtbot, handovers, bridge):
    press(qtbot, handovers, "handover-sign-open")
    press(qtbot, handovers.findChild(SignDialog), "handover-sign-go")
    bridge.confirm_next(scene.handover(9, 1))
    assert handovers.said == "Signed by you; it waits for the person taking over."


def test_an_email_without_a_password_is_not_sent(qtbot, handovers, bridge):
    press(qtbot, handovers, "handover-sign-open")
    dialog = handovers.findChild(SignDialog)
    dialog.findChild(object, "handover-sign-email").setText("piet@example.org")
    press(qtbot, dialog, "handover-sign-go")
    assert bridge.commanded == []


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        (0, {"sign-open", "save", "renew", "print"}),
        (2, {"take", "back", "print"}),  # signed by Eva herself
        (3, {"take", "print"}),  # signed by Olga
        (4, {"print"}),  # signed by both
    ],
)
def test_only_what_can_be_done_with_a_handover_is_offered(handovers, row, shown):
    choose(handovers, row)
    names = ("sign-open", "take", "save", "renew", "back", "discard", "print")
    assert {n for n in names if find(handovers, QPushButton, f"handover-{n}").isVisible()} == shown


def test_what_both_have_signed_is_shown_and_cannot_be_written(handovers):
    choose(handovers, 4)
    assert not note(handovers, SectionKey.OPEN).isVisible()
    assert find(handovers, QLabel, "handover-kept-open").text() == "Note: pump ordered"
    assert "taken over by Piet Maas" in find(handovers, QLabel, "handover-state").text()


def test_somebody_else_takes_over_at_their_own_window_after_a_question(qtbot, handovers, bridge):
    choose(handovers, 3)
    press(qtbot, handovers, "handover-take")
    question = handovers.findChild(object, "confirm")
    press(qtbot, question, "confirm-go")
    assert bridge.commanded[0].what == TakeOver(2, "ab" * 32)
    assert bridge.countersigned == []


def test_a_handover_is_printed(qtbot, show, bridge, tmp_path):
    path = tmp_path / "handover.pdf"
    panel = show(lambda *a, **k: ReportsPanel(*a, choose_file=lambda *_asked: path, **k), bridge)
    panel.show_part("handover")
    bridge.asked = [asked for asked in bridge.asked if isinstance(asked.what, AskHandovers)]
    bridge.answer_next([scene.handover(1, 2, 3, by=2)])
    choose(panel, 2)
    press(qtbot, panel, "handover-print")
    qtbot.waitUntil(lambda: panel.said == f"The handover is saved as {path}.")
    assert path.read_bytes().startswith(b"%PDF")


def test_the_tabs_turn_by_keyboard(qtbot, filled):
    qtbot.keyClick(filled, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert find(filled, QTableView, "reports-worst-table").isVisible()
