import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from console.bridge.session_state import Phase, SessionState
from console.frame.first_admin_page import FirstAdminPage, email_fault, name_fault, password_fault
from models.passwords import SHORTEST

GOOD = {
    "name": "Mara Olsen",
    "email": "mara@plant.example",
    "password": "correct horse battery",
    "again": "correct horse battery",
}


@pytest.fixture
def page(qtbot, themes) -> FirstAdminPage:
    made = FirstAdminPage(themes)
    qtbot.addWidget(made)
    made.show_state(SessionState(Phase.FIRST_ADMIN))
    made.show()
    made.activateWindow()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def wanted(page) -> list[tuple[str, str, str]]:
    heard: list[tuple[str, str, str]] = []
    page.wanted.connect(lambda *given: heard.append(given))
    return heard


def fill(page: FirstAdminPage, **changes: str) -> None:
    for name, text in {**GOOD, **changes}.items():
        page.findChild(QLineEdit, f"first-admin-{name}").setText(text)


def below(page: FirstAdminPage, name: str) -> str:
    return page.findChild(QLabel, f"first-admin-{name}-below").text()


def submit(qtbot, page: FirstAdminPage) -> None:
    qtbot.mouseClick(page.findChild(QPushButton, "first-admin-go"), Qt.MouseButton.LeftButton)


def test_the_rule_for_passwords_stands_there_before_anybody_types(page):
    assert f"At least {SHORTEST} characters" in below(page, "password")


def test_a_whole_form_is_handed_over(qtbot, page, wanted):
    fill(page)
    submit(qtbot, page)
    assert wanted == [("Mara Olsen", "mara@plant.example", "correct horse battery")]


@pytest.mark.parametrize(
    ("changes", "wrong", "sentence"),
    [
        ({"name": "  "}, "name", "Type the name"),
        ({"email": ""}, "email", "Type the e-mail address"),
        ({"email": "mara"}, "email", "This is no e-mail address"),
        ({"password": "", "again": ""}, "password", "Type a password."),
        ({"password": "short", "again": "short"}, "password", "at least 10 characters"),
        ({"again": "another horse battery"}, "again", "not the same"),
    ],
)
def test_what_is_wrong_stands_below_its_field_which_gets_the_keyboard(
    qtbot, page, wanted, changes, wrong, sentence
):
    fill(page, **changes)
    submit(qtbot, page)
    assert sentence in below(page, wrong)
    assert wanted == []
    qtbot.waitUntil(page.findChild(QLineEdit, f"first-admin-{wrong}").hasFocus)


def test_enter_leads_from_field_to_field_and_from_the_last_one_on(qtbot, page, wanted):
    for name, text in GOOD.items():
        field = page.findChild(QLineEdit, f"first-admin-{name}")
        qtbot.waitUntil(field.hasFocus)
        qtbot.keyClicks(field, text)
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert len(wanted) == 1


def test_what_the_database_declined_is_said_and_what_was_typed_stays(page):
    fill(page)
    page.show_state(SessionState(Phase.FIRST_ADMIN, "There is one already.", is_fault=True))
    assert page.findChild(QLabel, "first-admin-said").text() == "There is one already."
    assert page.findChild(QLineEdit, "first-admin-name").text() == "Mara Olsen"


def test_faults_of_fields_are_told_one_by_one():
    assert name_fault("Mara") == email_fault("mara@plant.example") == ""
    assert password_fault("correct horse battery", "mara@plant.example", "Mara") == ""
    assert email_fault("a@b@c")
    assert email_fault("a b@c")
    assert "e-mail address or name" in password_fault("mara@plant.example", "mara@plant.example", "")
