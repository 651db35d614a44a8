"""What becomes of the window when somebody signs in, is locked, changes role, or leaves."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QDialog, QLabel, QLineEdit, QPushButton, QToolButton, QWidget
from shiboken6 import isValid

from console.bridge.commands import AcknowledgeAlerts
from console.bridge.session_state import Phase
from console.main_window import MainWindow
from models.records.person import Role
from models.records.threshold import Severity
from tests.unit.console.fake_bridge import EVA
from tests.unit.console.frame.frame_parts import PANELS, PeoplePanel, alert

OPERATOR = replace(EVA, role=Role.OPERATOR)
ENGINEER = replace(EVA, role=Role.USER)


@pytest.fixture
def window(qtbot, bridge, themes, memory) -> Iterator[MainWindow]:
    """With a screen that is for administrators only, and that the lock disables."""
    made = MainWindow(bridge, themes, (*PANELS, PeoplePanel), memory, now=lambda: bridge.now_unix)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    made.begin()
    yield made
    made.close()


def find(window: MainWindow, kind: type, name: str):
    found = window.findChild(kind, name)
    assert found is not None, name
    return found


def test_while_nobody_is_signed_in_nothing_of_the_plant_is_there(window, bridge):
    bridge.set_alerts([alert(1)])
    bridge.set_person(None)
    assert window.workplace is None
    assert find(window, QWidget, "entrance").isVisible()
    assert window.windowTitle() == "Operator console"
    assert [panel for panel in window.findChildren(QWidget, "panel-overview") if panel.isVisible()] == []


def test_an_ended_session_is_covered_by_the_page_with_its_sentence(window, bridge):
    bridge.set_person(None)
    bridge.session.become(phase=Phase.ENDED, sentence="Your password was changed; sign in again.")
    assert find(window, QLabel, "sign-in-said").text() == "Your password was changed; sign in again."
    assert find(window, QLineEdit, "sign-in-password").isVisible()


@pytest.mark.parametrize("before", [Phase.FIRST_ADMIN, Phase.OPENING, Phase.SIGNED_OUT])
def test_after_the_sign_out_the_keyboard_is_where_the_next_person_types(qtbot, window, bridge, before):
    bridge.set_person(None)
    for phase in (Phase.OPENING, before):
        bridge.session.become(phase=phase)
    bridge.set_person(EVA)
    bridge.set_person(None)
    qtbot.waitUntil(find(window, QLineEdit, "sign-in-email").hasFocus)


def test_after_the_unlock_the_keyboard_is_on_the_screen_again(qtbot, window, bridge):
    bridge.session.lock()
    qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(find(window, QLineEdit, "lock-password").hasFocus)
    bridge.session.become(is_locked=False)
    focused = window.focusWidget()
    assert focused is window.current_panel or window.current_panel.isAncestorOf(focused)


def test_the_keys_of_the_plant_do_nothing_while_nobody_is_signed_in(qtbot, window, bridge):
    bridge.set_alerts([alert(1)])
    bridge.set_person(None)
    qtbot.keyClick(window, Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(window, Qt.Key.Key_F2)
    assert bridge.commanded == []
    assert window.workplace is None


def test_the_next_person_gets_screens_of_their_own(qtbot, window, bridge):
    first = window.current_panel
    bridge.set_person(None)
    bridge.set_person(OPERATOR)
    qtbot.waitUntil(lambda: not isValid(first))
    assert window.current_panel.key == "overview"


def test_a_role_sees_only_the_screens_it_may_use_and_the_keys_follow(qtbot, window, bridge):
    assert window.panel_keys == ["overview", "device", "alerts", "people"]
    bridge.set_person(OPERATOR)
    assert window.panel_keys == ["overview", "device", "alerts"]
    assert window.workplace.findChild(QAbstractButton, "rail-people") is None
    qtbot.keyClick(window, Qt.Key.Key_F4)
    window.show_panel("people")
    assert window.current_panel.key == "overview"


def test_the_screen_last_used_is_shown_to_the_next_who_may_see_it(window, bridge):
    window.show_panel("alerts")
    bridge.set_person(None)
    bridge.set_person(OPERATOR)
    assert window.current_panel.key == "alerts"
    bridge.set_person(EVA)
    window.show_panel("people")
    bridge.set_person(OPERATOR)
    assert window.current_panel.key == "overview"


def test_a_question_that_stands_open_goes_with_the_session(qtbot, window, bridge):
    bridge.set_alerts([alert(1), alert(2)])
    qtbot.mouseClick(find(window, QPushButton, "banner-acknowledge-all"), Qt.MouseButton.LeftButton)
    dialog = find(window, QDialog, "confirm")
    bridge.set_person(None)
    qtbot.waitUntil(lambda: not isValid(dialog))
    assert bridge.commanded == []


def test_an_engineer_acknowledges_alerts_of_their_own_devices_only(window, bridge):
    own, other = bridge.catalogue.devices[:2]
    own, other = replace(own, user_id=ENGINEER.id), replace(other, user_id=2)
    bridge.set_catalogue([own, other])
    bridge.set_person(ENGINEER)
    bridge.set_alerts([alert(own.id), alert(other.id)])
    shown = {
        number: find(window.workplace, QPushButton, f"banner-acknowledge-{number}").isVisible()
        for number in (1, 2)
    }
    assert sorted(shown.values()) == [False, True]


def test_whoever_may_only_look_is_offered_nothing_else(qtbot, window, bridge):
    other = replace(bridge.catalogue.devices[0], user_id=2)
    bridge.set_catalogue([other])
    bridge.set_person(ENGINEER)
    bridge.set_alerts([alert(other.id)])
    assert not find(window.workplace, QPushButton, "banner-acknowledge-1").isVisible()
    qtbot.keyClick(window, Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier)
    assert bridge.commanded == []


def test_offline_an_operator_acknowledges_by_key(qtbot, window, bridge):
    bridge.set_person(OPERATOR, is_offline=True)
    bridge.set_alerts([alert(1)])
    assert find(window.workplace, QPushButton, "banner-acknowledge-1").isVisible()
    qtbot.keyClick(window, Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier)
    assert len(bridge.commanded) == 1


def test_once_the_database_is_back_everything_is_offered_again(qtbot, window, bridge):
    bridge.set_person(EVA, is_offline=True)
    assert window.panel_keys == ["overview", "device", "alerts"]
    looking = window.current_panel
    bridge.session.become(session=replace(bridge.session.state.session, is_offline=False))
    assert window.panel_keys == ["overview", "device", "alerts", "people"]
    qtbot.waitUntil(lambda: not isValid(looking))


def test_an_offline_session_is_said_below_the_banner(window, bridge):
    bridge.set_person(OPERATOR, is_offline=True)
    bridge.set_link(is_offline=True, is_database_live=False, database_text="away")
    assert find(window.workplace, QLabel, "degraded-text").text() == (
        "The database is away. Check the database server and the network to it. "
        "Signed in without it: you can look and acknowledge."
    )


def test_what_was_silenced_stays_silent_when_the_database_is_back(qtbot, window, bridge):
    bridge.set_person(EVA, is_offline=True)
    bridge.set_alerts([alert(1, Severity.CRITICAL)])
    qtbot.keyClick(window, Qt.Key.Key_F12)
    bridge.session.become(session=replace(bridge.session.state.session, is_offline=False))
    assert bridge.sounds.wanted is None


def test_the_status_bar_says_who_is_here_and_in_which_role(window, bridge):
    bridge.set_person(OPERATOR)
    assert find(window.workplace, QToolButton, "status-person").text() == "Eva Lind · Operator"


def test_a_name_of_ten_thousand_letters_leaves_room_for_everything_else(window, bridge):
    bridge.set_person(replace(OPERATOR, name="W" * 10_000))
    assert window.minimumSizeHint().width() <= 1280
    bridge.session.lock()
    assert window.minimumSizeHint().width() <= 1280


def test_ctrl_l_locks_the_controls_and_the_view_stays(qtbot, window, bridge):
    qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert find(window, QWidget, "lock-bar").isVisible()
    assert find(window, QLabel, "lock-who").text().startswith("Locked by Eva Lind")
    assert window.current_panel.isVisible()
    assert window.current_panel.isEnabled()
    qtbot.keyClick(window, Qt.Key.Key_F3)
    assert window.current_panel.key == "alerts"


def test_the_lock_disables_a_screen_that_is_all_controls(window, bridge):
    window.show_panel("people")
    bridge.session.lock()
    assert not window.current_panel.isEnabled()
    bridge.session.become(is_locked=False)
    assert window.current_panel.isEnabled()


def test_the_password_unlocks(qtbot, window, bridge):
    bridge.session.lock()
    field = find(window, QLineEdit, "lock-password")
    qtbot.keyClicks(field, "secret words")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert bridge.session.orders == [("unlock", "secret words")]
    assert field.text() == ""
    bridge.session.unlock_refused.emit("This is not Eva Lind's password.")
    assert find(window, QLabel, "lock-said").text() == "This is not Eva Lind's password."
    bridge.session.become(is_locked=False)
    assert not find(window, QWidget, "lock-bar").isVisible()


def test_a_control_that_is_locked_points_at_the_way_to_unlock_it(qtbot, window, bridge):
    bridge.session.lock()
    bridge.control_refused.emit("Locked by Eva Lind: enter the password to use the controls.")
    qtbot.waitUntil(find(window, QLineEdit, "lock-password").hasFocus)
    assert find(window, QLabel, "lock-said").text() == "That control is locked."


def test_an_operator_acknowledges_while_the_controls_are_locked(qtbot, window, bridge):
    bridge.set_person(OPERATOR)
    bridge.set_alerts([alert(1)])
    bridge.session.lock()
    qtbot.keyClick(window, Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier)
    assert [order.what for order in bridge.commanded] == [AcknowledgeAlerts((1,))]


def test_signing_out_asks_only_while_an_order_is_on_its_way(qtbot, window, bridge):
    find(window, QAction, "person-sign-out").trigger()
    assert bridge.session.orders == [("sign out",)]
    bridge.pending_commands = 1
    find(window, QAction, "person-sign-out").trigger()
    assert bridge.session.orders == [("sign out",)]
    qtbot.mouseClick(find(window, QPushButton, "confirm-go"), Qt.MouseButton.LeftButton)
    assert bridge.session.orders == [("sign out",)] * 2


def test_an_idle_administrator_is_locked(window, bridge):
    window.workplace._idle_watch.idle.emit()
    assert bridge.is_locked
