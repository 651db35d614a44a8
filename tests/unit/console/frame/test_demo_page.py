import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

from console.bridge.session_state import Phase, SessionState
from console.demo_people import PASSWORD, PERSONS
from console.frame.demo_page import DemoPage

READY = SessionState(Phase.SIGNED_OUT)


@pytest.fixture
def page(qtbot, themes) -> DemoPage:
    made = DemoPage(themes, PERSONS)
    qtbot.addWidget(made)
    made.show_state(READY)
    made.show()
    made.activateWindow()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def wanted(page) -> list[tuple[str, str]]:
    heard: list[tuple[str, str]] = []
    page.wanted.connect(lambda *given: heard.append(given))
    return heard


def card(page: DemoPage, number: int) -> QAbstractButton:
    return page.findChild(QAbstractButton, f"demo-person-{number}")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_one_click_signs_in_as_that_person(qtbot, page, wanted, number):
    qtbot.mouseClick(card(page, number), Qt.MouseButton.LeftButton)
    assert wanted == [(PERSONS[number - 1].email, PASSWORD)]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_digit_signs_in_as_that_person(qtbot, page, wanted, number):
    qtbot.waitUntil(card(page, 1).hasFocus)
    qtbot.keyClicks(page, str(number))
    assert wanted == [(PERSONS[number - 1].email, PASSWORD)]


def test_tab_and_enter_choose_too(qtbot, page, wanted):
    qtbot.waitUntil(card(page, 1).hasFocus)
    qtbot.keyClick(card(page, 1), Qt.Key.Key_Tab)
    qtbot.keyClick(card(page, 2), Qt.Key.Key_Return)
    assert wanted == [(PERSONS[1].email, PASSWORD)]


def test_nobody_can_be_chosen_before_the_database_is_there(qtbot, page, wanted):
    page.show_state(SessionState(Phase.OPENING, "Creating the database…"))
    qtbot.keyClicks(page, "1")
    assert wanted == []


def test_screen_readers_get_digit_role_name_and_what_the_person_may_do(page):
    assert card(page, 2).accessibleName() == (
        "2: sign in as Operator, Mara Olsen. Sees the whole plant and handles its alerts."
    )
