"""The editor: every rule's fields, checks, the back-test that follows, and two engineers at one threshold."""

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton

from console.panels.alerts.alerts_panel import AlertsPanel
from models.records.device import DeviceId
from models.records.person import Person, Role
from models.records.threshold import RuleKind, Severity, Threshold, ThresholdId
from models.records.threshold_entry import EditOutcome, ThresholdEdit
from tests.unit.console.panels.limits.limits_scene import AT, answer_lists, answer_of
from tests.unit.console.panels.limits.limits_scene import answer_with as answer_with_entries
from tests.unit.console.panels.plant_scene import make_device


@pytest.fixture
def edit(page, press, select):
    """Open the first threshold that a test wants."""

    def open_first(is_wanted):
        (row,) = select(is_wanted)
        press(Qt.Key.Key_Return)
        assert page.is_editing
        return row

    return open_first


@pytest.fixture
def pressure(edit):
    """The editor is open on Press 4's pressure: below 310 or above 800 kPa."""
    return edit(lambda row: row.name == "Press 4 · Pressure · warning")


@pytest.fixture
def answer_with(bridge):
    """Answer the open list with another entry in the place of one."""

    def give(entry=None, *, without=None):
        devices = list(bridge.catalogue.devices)
        entries = answer_of(devices)
        kept = [
            entry if entry is not None and known.threshold.id == entry.threshold.id else known
            for known in entries.entries
            if known.threshold.id != without
        ]
        return answer_lists(bridge, answer_with_entries(kept, devices))

    return give


def field(page, name) -> QLineEdit:
    return page.findChild(QLineEdit, f"limit-{name}")


def below(page, name) -> str:
    return page.findChild(QLabel, f"limit-{name}-below").text()


def save(page) -> QPushButton:
    return page.findChild(QPushButton, "limit-save")


def test_opening_replays_at_once_and_says_what_came_of_it(page, pressure, replays):
    question = replays.answer(episodes=9)
    assert (question.replay.threshold, question.replay.days) == (pressure.threshold, 7)
    assert page.editor.view.verdict == (
        "412 → 9 alerts in 7 days. None of the 3 that somebody acted on would have been missed."
    )


def test_an_edit_is_replayed_once_it_is_over_and_only_the_last_one_counts(qtbot, page, pressure, replays):
    first = replays.next()
    QTest.keyClicks(field(page, "max"), "820")
    assert first.stop.is_set()
    qtbot.waitUntil(lambda: not page.editor.view.runner._settle.isActive())
    assert len(replays.open) == 1  # one at a time, or they would share what was read
    replays.stop()
    question = replays.answer(episodes=2, missed=1)
    assert question.replay.threshold == replace(pressure.threshold, max_value=820.0)
    assert (question.memory, question.until_unix) == (first.memory, first.until_unix)
    assert page.editor.view.verdict.startswith("412 → 2 alerts in 7 days. 1 of the 3")


def test_a_result_that_was_overtaken_is_not_shown(page, pressure, replays):
    field(page, "max").setText("820")
    replays.answer(episodes=99)
    assert "99" not in page.editor.view.verdict
    replays.answer(episodes=5)
    assert "→ 5 alerts" in page.editor.view.verdict


def test_progress_is_shown_and_the_person_can_stop_it(qtbot, page, pressure, replays):
    question = replays.next()
    question.tell(0.42)
    words = page.findChild(QLabel, "back-test-task-words")
    qtbot.waitUntil(lambda: words.text() == "Replaying 7 days: 42 %", timeout=2000)
    page.findChild(QPushButton, "back-test-task-cancel").click()
    assert question.stop.is_set()
    assert page.editor.view.verdict == "Stopped. The next edit, or Replay, begins again."
    replays.stop()
    QTest.keyClick(page.editor, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    replays.answer(episodes=1)
    assert "→ 1 alert in" in page.editor.view.verdict


def test_another_period_is_replayed_at_once(page, pressure, replays):
    replays.answer()
    page.findChild(QPushButton, "back-test-30").click()
    assert replays.answer(episodes=9).replay.days == 30
    assert "in 30 days" in page.editor.view.verdict


def test_what_cannot_be_replayed_says_why(page, pressure, replays):
    replays.answer("What devices' clocks showed is not stored.")
    assert page.editor.view.verdict == "What devices' clocks showed is not stored."


def test_a_fault_is_said_at_its_field_and_nothing_is_replayed_or_stored(page, pressure, replays):
    replays.answer()
    field(page, "min").setText("900")
    assert below(page, "min") == "900 kPa must lie below the maximum of 800 kPa."
    assert (save(page).isEnabled(), page.editor.view.runner.is_busy) == (False, False)
    field(page, "min").setText("3,5")
    assert (below(page, "min"), save(page).isEnabled()) == ("", True)


def test_arrow_keys_move_a_number_as_a_slider_would(page, pressure):
    QTest.keyClick(field(page, "max"), Qt.Key.Key_Up)
    assert page.editor.form.threshold.max_value == 810.0
    QTest.keyClick(field(page, "max"), Qt.Key.Key_PageDown)
    assert page.editor.form.threshold.max_value == 710.0


def test_a_line_on_the_chart_is_dragged_into_the_field(qtbot, page, pressure, replays):
    replays.answer()
    chart = page.editor.view.chart
    page.grab()
    frame = chart._frame
    y = frame.y_of(pressure.threshold.max_value, "kPa")
    x = frame.geometry.plot.center().x()
    start, end = QPointF(x, y).toPoint(), QPointF(x, y - 12).toPoint()
    QTest.mousePress(chart, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    qtbot.mouseMove(chart, end)
    QTest.mouseRelease(chart, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)
    assert page.editor.form.threshold.max_value > 800.0
    assert float(field(page, "max").text()) == page.editor.form.threshold.max_value


def test_usual_values_of_the_metric_are_one_press_away(page, pressure):
    page.findChild(QPushButton, "limit-usual").click()
    typed = page.editor.form.threshold
    assert (typed.deadband, typed.on_delay_s) == (20.0, 15.0)
    assert page.findChild(QPushButton, "limit-usual").isEnabled() is False


def test_saving_hands_out_what_was_seen_and_what_is_wanted(page, pressure, bridge):
    field(page, "deadband").setText("5")
    QTest.keyClick(field(page, "deadband"), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    (asked,) = bridge.commanded
    wanted = ThresholdEdit(pressure.entry, replace(pressure.threshold, deadband=5.0))
    assert asked.what.edits == (wanted,)
    assert save(page).isEnabled() is False
    bridge.confirm_next(EditOutcome(changed=(pressure.threshold.id,)))
    assert page.is_editing is False
    assert page.findChild(QLabel, "limits-said").text().startswith("Saved")


def test_nothing_changed_is_nothing_to_save(page, pressure):
    assert save(page).isEnabled() is False
    field(page, "max").setText("801")
    page.findChild(QPushButton, "limit-revert").click()
    assert (field(page, "max").text(), save(page).isEnabled()) == ("800", False)


def test_escape_asks_before_something_typed_is_lost(page, pressure, answers):
    field(page, "max").setText("801")
    answers.wanted = False
    QTest.keyClick(field(page, "max"), Qt.Key.Key_Escape)
    assert page.is_editing
    assert answers.asked == [
        (
            "1 change of yours is not stored.",
            "Leave without saving",
            ["Maximum 800 kPa → 801 kPa"],
        )
    ]
    answers.wanted = True
    QTest.keyClick(field(page, "max"), Qt.Key.Key_Escape)
    assert page.is_editing is False
    assert page.limits_list.selected()[0].threshold.id == pressure.threshold.id


def test_leaving_stops_the_replay(page, pressure, replays):
    question = replays.next()
    QTest.keyClick(page.editor, Qt.Key.Key_Escape)
    assert question.stop.is_set()


def test_the_second_of_two_engineers_sees_who_changed_what_and_decides(page, pressure, bridge, answer_with):
    field(page, "max").setText("820")
    theirs = replace(
        pressure.entry,
        changed_at=AT + timedelta(hours=1),
        changed_by="Anna Berg",
        threshold=replace(pressure.threshold, max_value=777.0),
    )
    bridge.catalogue_changed.emit()
    answer_with(theirs)
    said = page.findChild(QLabel, "limit-notice-words").text()
    assert "Anna Berg changed this limit at" in said
    assert "Maximum 800 kPa → 777 kPa" in said
    assert save(page).isEnabled() is False
    page.findChild(QPushButton, "limit-notice-1").click()  # keep mine
    save(page).click()
    (asked,) = bridge.commanded
    assert asked.what.edits == (ThresholdEdit(theirs, replace(theirs.threshold, max_value=820.0)),)


def test_theirs_can_be_taken_instead(page, pressure, bridge, answer_with):
    field(page, "max").setText("820")
    other = replace(pressure.threshold, max_value=777.0)
    theirs = replace(pressure.entry, changed_at=AT + timedelta(hours=1), threshold=other)
    bridge.catalogue_changed.emit()
    answer_with(theirs)
    page.findChild(QPushButton, "limit-notice-0").click()
    assert (field(page, "max").text(), save(page).isEnabled()) == ("777", False)


def test_a_change_elsewhere_is_simply_shown_where_nothing_was_typed(page, pressure, bridge, answer_with):
    other = replace(pressure.threshold, max_value=777.0)
    bridge.catalogue_changed.emit()
    answer_with(replace(pressure.entry, changed_at=AT + timedelta(hours=1), threshold=other))
    assert field(page, "max").text() == "777"


def test_a_threshold_that_was_removed_meanwhile_says_so(page, pressure, bridge, answer_with):
    field(page, "max").setText("820")
    bridge.catalogue_changed.emit()
    answer_with(without=pressure.threshold.id)
    assert "was removed meanwhile" in page.findChild(QLabel, "limit-notice-words").text()
    assert save(page).isEnabled() is False


def test_a_refused_save_keeps_everything_typed(page, pressure, bridge):
    field(page, "max").setText("820")
    save(page).click()
    bridge.refuse_next("It was changed by Anna Berg.")
    assert (
        page.findChild(QLabel, "limit-editor-said").toolTip() or page.editor.form.threshold.max_value == 820.0
    )
    assert save(page).isEnabled()


@pytest.mark.parametrize(
    ("rule", "visible"),
    [
        (RuleKind.LIMIT, {"min", "max", "deadband"}),
        (RuleKind.RATE_OF_CHANGE, {"amount", "deadband"}),
        (RuleKind.FROZEN, {"amount"}),
        (RuleKind.NO_DATA, {"amount"}),
        (RuleKind.BAD_QUALITY, set()),
        (RuleKind.OFFLINE, set()),
        (RuleKind.CLOCK, {"amount", "deadband"}),
    ],
)
def test_every_rule_shows_its_own_fields(page, edit, rule, visible):
    edit(lambda row: row.threshold.rule is rule and row.threshold.enabled)
    names = ("min", "max", "amount", "deadband")
    assert {name for name in names if field(page, name).isVisible()} == visible
    assert all(field(page, name).isVisible() for name in ("on-delay", "off-delay", "realarm"))


def test_a_new_limit_is_made_from_nothing_by_keyboard(page, bridge, select, replays, press):
    select(lambda row: row.device.name == "Dryer 2")
    press(Qt.Key.Key_N)
    assert page.editor.form.is_touched is False
    assert below(page, "max") == ""
    severity = page.findChild(QComboBox, "limit-severity")
    severity.setCurrentIndex(severity.findData(Severity.INFO.value))
    QTest.keyClicks(field(page, "max"), "66")
    assert replays.next().replay.threshold.max_value == 66.0
    QTest.keyClick(field(page, "max"), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    (asked,) = bridge.commanded
    (made,) = asked.what.edits
    assert (made.before, made.after.device, made.after.severity) == (None, DeviceId(2), Severity.INFO)


def test_a_new_limit_of_another_rule_asks_for_what_that_needs(page, select, press):
    select(lambda row: row.device.name == "Dryer 2")
    press(Qt.Key.Key_N)
    rule = page.findChild(QComboBox, "limit-rule")
    rule.setCurrentIndex(rule.findData(RuleKind.CLOCK.value))
    assert page.findChild(QComboBox, "limit-metric").currentText() == "Device"
    assert below(page, "amount").startswith("Say by how many seconds")
    rule.setCurrentIndex(rule.findData(RuleKind.DEVICE_EVENT.value))
    assert page.findChild(QComboBox, "limit-metric").currentText() == "Device"
    assert field(page, "amount").isVisible()
    assert not any(field(page, name).isVisible() for name in ("min", "max", "deadband"))
    QTest.keyClicks(field(page, "amount"), "1001")
    assert below(page, "amount") == "Say from which severity, 1 to 1000; empty: from any."
    rule.setCurrentIndex(rule.findData(RuleKind.FROZEN.value))
    assert page.findChild(QComboBox, "limit-metric").currentText() == "Temperature"
    assert below(page, "on-delay").startswith("Say for how long the value must stand still: 2 s")


def test_an_operator_may_look_and_replay_but_not_type(page, bridge, select, press):
    bridge.set_person(Person(78, "Olga", "o@example.org", Role.OPERATOR))
    select(lambda row: row.device.name == "Press 4")
    press(Qt.Key.Key_Return)
    assert page.is_editing
    assert (field(page, "max").isReadOnly(), save(page).isHidden()) == (True, True)


def test_a_proposal_shows_what_is_stored_and_what_is_proposed_and_is_replayed(show, bridge, qtbot):
    panel = show(AlertsPanel, bridge)
    answer = answer_of(list(bridge.catalogue.devices))
    stored = next(e.threshold for e in answer.entries if e.threshold.metric == "pressure")
    panel.show_proposal(replace(stored, deadband=20.0, on_delay_s=15.0, user_id=None))
    page = panel.limits_page
    qtbot.waitUntil(page.isVisible)
    answer_lists(bridge, answer)
    assert page.is_editing
    words = page.findChild(QLabel, "limit-notice-words").text()
    assert words == "Proposed: Deadband 1 kPa → 20 kPa, On-delay 2 s → 15 s. Nothing is stored yet."
    assert page.editor.view.runner.is_busy
    assert save(page).isEnabled()


def test_a_device_screen_can_ask_for_a_new_limit(page, bridge):
    page.show_proposal(Threshold(ThresholdId(0), DeviceId(8), "rpm", None, None, Severity.INFO))
    assert page.is_editing
    assert page.findChild(QComboBox, "limit-device").currentText() == make_device(8).name


def test_a_proposal_does_not_take_away_what_is_being_typed(page, pressure, answers):
    field(page, "max").setText("801")
    answers.wanted = False
    page.show_proposal(replace(pressure.threshold, deadband=20.0))
    assert (len(answers.asked), field(page, "max").text()) == (1, "801")


def test_a_proposal_about_a_threshold_that_is_gone_says_so(page):
    page.show_proposal(Threshold(ThresholdId(123456), DeviceId(8), "rpm", None, 3.0, Severity.INFO))
    assert (page.is_editing, page.findChild(QLabel, "limits-said").text()) == (
        False,
        "This limit was removed meanwhile.",
    )


def test_a_click_on_the_timeline_leads_there_and_double_click_back(page, pressure, replays):
    replays.answer()
    chart = page.editor.view.chart
    whole = chart.visible_range
    timeline = page.findChild(type(page.editor.view._timeline), "back-test-timeline")
    QTest.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=QPoint(timeline.width() // 2, 30))
    since, until = chart.visible_range
    assert until - since < (whole[1] - whole[0]) / 10
    chart.whole_wanted.emit()
    assert chart.visible_range == whole
