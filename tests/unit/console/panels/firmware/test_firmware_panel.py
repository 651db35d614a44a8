"""The Firmware screen at a bridge fed by hand, as somebody at keyboard and mouse meets it."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QPushButton,
    QTableView,
)

from console.bridge.release_work import ForRelease
from console.bridge.rollout_commands import MarkReleased, OrderRollout, RolloutOrder
from console.catalogue.rollout_words import FEW_DEVICES
from console.panels.firmware.firmware_panel import FirmwarePanel
from console.panels.firmware.firmware_questions import AskHeads, AskRollout, AskVersions
from console.panels.firmware.notes_view import NotesView
from console.panels.firmware.pictured import PLANNER
from console.panels.firmware.pictured_versions import pictured_versions
from models.queries.firmware_versions import SigningRule
from models.records.device import DeviceId
from models.records.person import Person, Role
from models.records.rollout import RolloutState
from tests.unit.console.event_loop import next_turn
from tests.unit.console.fake_bridge import FakeBridge
from tests.unit.console.panels.firmware.firmware_scene import NOW_AT, OPERATOR, heads, rollout
from tests.unit.console.panels.plant_scene import NOW, fill


@pytest.fixture
def bridge(qtbot) -> FakeBridge:
    made = FakeBridge(NOW)
    fill(made, 24, seconds=2, has_alerts=False)
    return made


@pytest.fixture
def panel(show, bridge) -> FirmwarePanel:
    """The screen with one rollout in each state; the halted one is selected, as the worst."""
    made = show(FirmwarePanel, bridge)
    bridge.answer_next(heads())
    bridge.answer_next(rollout("halted"))
    made.activateWindow()
    assert QTest.qWaitForWindowActive(made)
    return made


@pytest.fixture
def selected(panel, bridge):
    """Select a rollout of the list."""

    def select(name: str) -> FirmwarePanel:
        wanted = rollout(name)
        panel.rollouts_page.list_view.select(wanted.rollout.id)
        panel.rollouts_page.show_now(wanted)
        bridge.asked.clear()
        return panel

    return select


def text(panel, name: str) -> str:
    return panel.findChild(QLabel, name).text()


def offered(panel) -> list[str]:
    buttons = panel.rollouts_page.pane.findChildren(QPushButton)
    seen = [button.objectName().removeprefix("rollout-") for button in buttons if button.isVisible()]
    return [name for name in seen if name != "report"]


def press(panel, name: str) -> None:
    next_turn()
    QTest.keyClick(panel.findChild(QPushButton, name), Qt.Key.Key_Space)


def test_what_needs_somebody_is_first_and_selected(panel):
    model = panel.rollouts_page.list_view.rollouts_model

    assert [head.name for head in model.heads] == [
        "Presses 3.0.0",
        "Mixers 1.8.2",
        "Drives 2.1.0",
        "Ovens, autumn release",
        "Drives 2.0.3",
    ]
    assert text(panel, "rollouts-summary") == "5 rollouts · 1 stopped · 1 to be approved · 1 running"
    assert text(panel, "rollout-state").startswith("Halted: Alerts came 3.4 times as often")


def test_only_what_is_possible_in_that_state_is_offered(selected):
    assert offered(selected("halted")) == ["agree", "take-back", "abort"]
    assert offered(selected("running")) == ["pause", "halt"]
    assert offered(selected("approval")) == ["approve", "send-back", "edit", "abort"]
    assert offered(selected("draft")) == ["submit", "edit", "abort"]
    assert offered(selected("completed")) == ["take-back"]


def test_an_operator_may_pause_and_halt_and_plans_nothing(selected, bridge):
    bridge.set_person(OPERATOR)

    assert offered(selected("running")) == ["pause", "halt"]
    assert offered(selected("draft")) == []
    selected("draft").rollouts_page.show_heads(heads())
    assert not selected("draft").findChild(QPushButton, "rollouts-new").isVisible()


def test_whoever_planned_is_not_offered_the_approval(selected, bridge):
    bridge.set_person(Person(PLANNER, "Uwe Engel", "uwe@example.org", Role.ADMIN))

    assert offered(selected("approval")) == ["send-back", "edit", "abort"]


def test_a_halt_says_its_consequence_and_wants_a_reason(selected, bridge):
    panel = selected("running")
    press(panel, "rollout-halt")
    title = text(panel, "rollout-order-title")
    QTest.keyClick(panel.findChild(QLineEdit, "rollout-order-reason"), Qt.Key.Key_Return)

    assert title.startswith("No further device of “Drives 2.1.0” is begun, and going on takes a reason")
    assert bridge.commanded == []
    assert text(panel, "rollout-order-reason-below") == "Say why; it stands in the journal."


def test_a_halt_with_its_reason_is_ordered_by_keyboard_alone(selected, bridge):
    panel = selected("running")
    press(panel, "rollout-halt")
    field = panel.findChild(QLineEdit, "rollout-order-reason")
    QTest.keyClicks(field, "Smoke in hall B")
    QTest.keyClick(field, Qt.Key.Key_Return)

    now = rollout("running").rollout
    assert [one.what for one in bridge.commanded] == [
        OrderRollout(RolloutOrder.HALT, now.id, now.plan_hash, "Smoke in hall B")
    ]
    bridge.confirm_next(now.id)
    assert text(panel, "rollouts-said") == "“Drives 2.1.0” is halted."
    assert panel.rollouts_page.orders.dialog is None


def test_what_the_database_refuses_is_said_in_the_form(selected, bridge):
    panel = selected("running")
    press(panel, "rollout-pause")
    QTest.keyClick(panel.findChild(QLineEdit, "rollout-order-reason"), Qt.Key.Key_Return)
    bridge.refuse_next("The rollout is not running any more.")

    assert text(panel, "rollout-order-said") == "The rollout is not running any more."


def test_an_approval_shows_every_device_and_every_setting(selected):
    panel = selected("approval")
    press(panel, "rollout-approve")
    lines = panel.findChild(QPlainTextEdit, "rollout-order-lines").toPlainText().splitlines()

    assert "Install: Mon to Fri, 22:00 to 05:00, bytes may be sent before" in lines
    assert sum(line.startswith("Wave ") for line in lines) == 20
    assert sum(line.startswith("Out: ") for line in lines) == 4


def test_agreeing_says_who_asked_and_why(selected):
    panel = selected("halted")
    press(panel, "rollout-agree")

    assert "Uwe Engel asked for it because: The alerts came from a loose sensor" in text(
        panel, "rollout-order-title"
    )


def test_a_rollout_that_was_given_up_asks_nobody_to_agree(selected):
    panel = selected("halted")
    now = rollout("halted")
    over = replace(now.rollout, state=RolloutState.ABORTED, reason="The line is needed.")
    panel.rollouts_page.show_now(replace(now, rollout=over))

    assert text(panel, "rollout-state") == "Given up: The line is needed."


def test_a_wave_says_its_reason_from_the_beginning_and_whole_as_tool_tip(selected):
    reason = selected("halted").findChild(QLabel, "wave-2-reason")

    assert reason.text().startswith("Alerts came 3.4 times")
    assert reason.text().endswith("…")
    assert reason.accessibleName() == rollout("halted").waves[1].reason
    assert text(selected("halted"), "wave-1-words").startswith("passed at ")


def test_the_evidence_of_the_failed_wave_is_shown_with_what_few_devices_tell(panel):
    panel.rollouts_page.pane.show_part("evidence")

    assert text(panel, "evidence-state").startswith("Failed. Alerts came 3.4 times")
    assert text(panel, "evidence-verdict").startswith("Alerts came 3.4 times as often with the update")
    assert text(panel, "evidence-few") == FEW_DEVICES


def test_arrows_lead_from_wave_to_wave_and_enter_to_the_device(selected, visits):
    panel = selected("running")
    first, second = (panel.findChild(QListView, f"wave-{n}-devices") for n in (1, 2))
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Right)
    assert second.hasFocus()
    QTest.keyClick(second, Qt.Key.Key_Down)
    QTest.keyClick(second, Qt.Key.Key_Return)

    assert visits.seen == [("device", second.currentIndex().data(Qt.ItemDataRole.UserRole + 1).device)]


def test_what_is_done_unfolds_by_enter(selected):
    done = selected("running").findChild(QListView, "wave-1-devices")
    done.setFocus()
    QTest.keyClick(done, Qt.Key.Key_Return)

    assert done.model().rowCount() == 4


def test_news_of_rollouts_are_asked_for_once_however_many_come(qtbot, panel, bridge):
    for _ in range(20):
        bridge.firmware_changed.emit()
    qtbot.waitUntil(lambda: bool(bridge.asked))
    bridge.answer_next(heads())

    assert [type(one.what) for one in bridge.asked] == [AskRollout]


def test_a_screen_that_nobody_looks_at_asks_nothing(qtbot, panel, bridge):
    panel.hide()
    bridge.firmware_changed.emit()
    qtbot.wait(0)

    assert bridge.asked == []


def test_the_selected_rollout_stays_selected_when_it_moves_in_the_list(panel, bridge, selected):
    selected("draft")
    moved = [replace(one, name=one.name) for one in heads() if one.name != "Mixers 1.8.2"]
    panel.rollouts_page.show_heads(moved)

    assert panel.rollouts_page.list_view.selected().name == "Ovens, autumn release"


def test_a_device_that_is_gone_is_still_told_of(selected, bridge):
    bridge.set_catalogue([])
    first = selected("running").findChild(QListView, "wave-2-devices")

    assert first.model().index(1, 0).data().startswith("Device ")


@pytest.fixture
def versions(panel, bridge):
    panel.show_part("versions")
    bridge.asked = [one for one in bridge.asked if isinstance(one.what, AskVersions)]
    bridge.firmware_judge = object
    bridge.answer_next(pictured_versions(NOW))
    return panel


def test_versions_say_what_their_signatures_are_worth(versions):
    model = versions.findChild(QTableView, "versions").model()

    assert [model.index(row, 5).data() for row in range(model.rowCount())] == [
        "2 trusted",
        "2 trusted",
        "1 trusted",
        "1 trusted, 1 unknown key",
        "1 bad",
    ]


def test_a_draft_may_be_released_and_a_released_one_deprecated(versions):
    table = versions.findChild(QTableView, "versions")
    shown = {}
    for row, name in ((0, "released"), (3, "draft"), (1, "deprecated")):
        table.selectRow(row)
        shown[name] = [
            button.objectName()
            for button in versions.versions_page.pane.findChildren(QPushButton)
            if button.isVisible()
        ]

    assert shown == {"released": ["version-deprecate"], "draft": ["version-release"], "deprecated": []}


def test_a_release_is_proved_here_before_the_database_is_told(versions, bridge):
    versions.findChild(QTableView, "versions").selectRow(3)
    press(versions, "version-release")
    press(versions, "version-release-go")
    draft = pictured_versions(NOW).rows[3].version
    bridge.answer_next(ForRelease(draft, SigningRule(2, NOW_AT)))
    assert (len(bridge.besides), bridge.commanded) == (1, [])
    bridge.besides.pop().on_done("The manifest is not signed.")

    assert bridge.commanded == []
    assert text(versions, "version-release-said") == "The manifest is not signed."
    press(versions, "version-release-go")
    bridge.answer_next(ForRelease(draft, SigningRule(2, NOW_AT)))
    bridge.besides.pop().on_done("")
    assert [one.what for one in bridge.commanded] == [MarkReleased(draft)]


def test_an_operator_is_offered_no_change_of_versions(versions, bridge):
    bridge.set_person(OPERATOR)
    versions.findChild(QTableView, "versions").selectRow(3)

    assert not versions.findChild(QPushButton, "version-release").isVisible()


def test_notes_load_nothing_and_show_no_html(versions):
    notes = versions.versions_page.pane.findChild(NotesView, "version-notes")
    notes.show_notes("# Hi\n\n![x](http://attacker.example/x.png) <b>bold</b> [go](http://attacker.example)")

    assert "<b>bold</b>" in notes.toPlainText()
    assert not notes.openLinks()
    assert notes.loadResource(2, "http://attacker.example/x.png").isEmpty()


def test_a_site_without_rollouts_says_what_to_do(show, bridge):
    panel = show(FirmwarePanel, bridge)
    assert [type(one.what) for one in bridge.asked] == [AskHeads]
    bridge.answer_next([])

    assert panel.is_populated()
    words = " ".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())
    assert "New rollout plans one." in words


def test_tab_leads_everywhere_and_to_nothing_that_is_hidden(versions):
    seen = []
    for _ in range(12):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())

    assert {"versions", "versions-upload", "version-notes", "qt_tabwidget_tabbar"} <= {
        one.objectName() for one in seen
    }
    assert all(one.isVisible() for one in seen)


def test_every_picture_of_the_tour_opens(panel):
    for name in panel.dialogs():
        dialog = panel.show_dialog(name)
        assert dialog is not None
        assert dialog.isVisible()
        dialog.close()
        dialog.deleteLater()


def test_a_thousand_devices_stand_in_their_waves(panel, bridge):
    now = rollout("running")
    many = tuple(
        replace(one, id=place * 100 + number, device=DeviceId(place * 100 + number))
        for place, one in enumerate(now.deployments)
        for number in range(50)
    )
    page = panel.rollouts_page
    page.list_view.select(now.rollout.id)
    page.show_now(replace(now, deployments=many))

    assert sum(panel.findChild(QListView, f"wave-{n}-devices").model().rowCount() for n in (2, 3)) > 800
