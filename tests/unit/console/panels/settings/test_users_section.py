import json
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QLineEdit, QPushButton, QTableView

from console.bridge.people_commands import (
    AddPerson,
    AnonymisePerson,
    ChangeRole,
    EditPerson,
    EndSessions,
    ResetPassword,
    SwitchPerson,
)
from console.panels.settings.people_questions import ExportPerson, ListPeople
from console.panels.settings.person_details import Deed
from console.panels.settings.person_dialogs import PersonDialog, ShownOnce
from console.panels.settings.users_section import UsersSection
from models.records.person import Role
from tests.unit.console.event_loop import next_turn
from tests.unit.console.panels.settings.account_parts import NOW_AT, account

EVA = account(1, "Eva Lind", Role.ADMIN)
ANNA = account(2, "Anna Berg", Role.USER, devices_owned=3)
OWNER = account(9, "root", Role.ADMIN, has_password=False)
LATER = NOW_AT.replace(year=2030)


@pytest.fixture
def users(settings, empty_bridge) -> UsersSection:
    section = settings.current_section
    empty_bridge.answer_next([EVA, ANNA, OWNER])
    section.focus_first()
    select(section, ANNA)
    return section


def select(section: UsersSection, person) -> None:
    section.findChild(QTableView, "users-table").selectRow(section.table_model.row_of(person.id))


def table(section: UsersSection) -> QTableView:
    return section.findChild(QTableView, "users-table")


def press(section: UsersSection, key: Qt.Key) -> None:
    QTest.keyClick(table(section), key)
    # A form that was opened has the keyboard from the next turn of the event loop on.
    next_turn()


def field(section: UsersSection, name: str) -> QLineEdit:
    return section.findChild(QLineEdit, name)


def below(section: UsersSection, name: str) -> str:
    return section.findChild(QLabel, f"{name}-below").text()


def go(section: UsersSection, name: str) -> None:
    QTest.keyClick(section.findChild(QPushButton, f"{name}-go"), Qt.Key.Key_Return)


def said(section: UsersSection) -> str:
    return section.findChild(QLabel, "users-said").text()


def state(section: UsersSection, person) -> str:
    model = section.table_model
    return model.index(model.row_of(person.id), 3).data()


def open_form(section: UsersSection) -> PersonDialog | None:
    return next((form for form in section.findChildren(PersonDialog) if form.isVisible()), None)


def test_the_selected_person_stands_beside_the_table_with_what_can_be_done(users):
    assert users.findChild(QLabel, "person-name").text() == "Anna Berg"
    assert users.details.deeds == set(Deed)


def test_the_computers_owner_can_only_be_looked_at(users, empty_bridge):
    select(users, OWNER)
    press(users, Qt.Key.Key_D)

    assert users.details.deeds == frozenset()
    assert open_form(users) is None
    assert "let in by the operating system" in users.findChild(QLabel, "person-advice").text()


def test_typing_narrows_the_table_and_says_so_when_nobody_is_left(users):
    QTest.keyClicks(field(users, "users-search"), "berg")
    assert users.table_model.rowCount() == 1

    QTest.keyClicks(field(users, "users-search"), " nowhere")
    assert users.table_model.rowCount() == 0
    assert users.findChild(QLabel, "users-summary").text() == "0 of 3 people"


def test_adding_sends_nothing_before_every_field_is_right(users, empty_bridge):
    press(users, Qt.Key.Key_N)
    QTest.keyClicks(field(users, "person-add-email"), "no address")
    go(users, "person-add")

    assert empty_bridge.commanded == []
    assert below(users, "person-add-name") == "Type a name."
    assert "looks like" in below(users, "person-add-email")
    assert field(users, "person-add-name").hasFocus()

    QTest.keyClicks(field(users, "person-add-name"), "B")
    assert below(users, "person-add-name") == ""


def test_a_made_password_is_shown_once_and_only_after_it_counts(users, empty_bridge):
    press(users, Qt.Key.Key_N)
    QTest.keyClicks(field(users, "person-add-name"), "Ben Lund")
    QTest.keyClicks(field(users, "person-add-email"), "ben@example.org")
    users.findChild(QComboBox, "person-add-role").setCurrentText("Engineer")
    go(users, "person-add")

    (asked,) = empty_bridge.commanded
    assert replace(asked.what, password="") == AddPerson("Ben Lund", "ben@example.org", Role.USER, "")
    assert users.findChildren(ShownOnce) == []

    empty_bridge.confirm_next(3)
    empty_bridge.answer_next([EVA, ANNA, OWNER, account(3, "Ben Lund", Role.USER)])
    copy = users.findChild(QPushButton, "person-password-copy")
    QTest.keyClick(copy, Qt.Key.Key_Return)

    assert QApplication.clipboard().text() == asked.what.password
    assert users.findChild(QLabel, "person-name").text() == "Ben Lund"

    shown = field(users, "person-password-shown")
    go(users, "person-password")
    assert shown.text() == ""


def test_a_typed_password_must_be_long_enough_and_typed_twice(users, empty_bridge):
    press(users, Qt.Key.Key_P)
    users.findChild(QCheckBox, "person-reset-generate").setChecked(False)
    QTest.keyClicks(field(users, "person-reset-password"), "short")
    go(users, "person-reset")
    assert "at least 10 characters" in below(users, "person-reset-password")

    QTest.keyClicks(field(users, "person-reset-password"), " but longer")
    QTest.keyClicks(field(users, "person-reset-again"), "another")
    go(users, "person-reset")
    assert "must be the same" in below(users, "person-reset-again")
    assert empty_bridge.commanded == []


def test_a_reset_ends_sessions_once_more_after_the_new_password_counts(users, empty_bridge):
    press(users, Qt.Key.Key_P)
    users.findChild(QCheckBox, "person-reset-generate").setChecked(False)
    for name in ("person-reset-password", "person-reset-again"):
        QTest.keyClicks(field(users, name), "correct horse battery")
    go(users, "person-reset")

    assert empty_bridge.commanded[0].what == ResetPassword(
        ANNA.person, ANNA.updated_at, "correct horse battery"
    )
    empty_bridge.confirm_next(1)
    assert [asked.what for asked in empty_bridge.commanded] == [EndSessions(ANNA.id)]


def test_a_closed_form_remembers_no_password(users):
    press(users, Qt.Key.Key_P)
    users.findChild(QCheckBox, "person-reset-generate").setChecked(False)
    typed = field(users, "person-reset-password")
    QTest.keyClicks(typed, "correct horse battery")
    QTest.keyClick(typed, Qt.Key.Key_Escape)

    assert typed.text() == ""
    assert not typed.isUndoAvailable()


def test_disabling_stays_pending_until_a_list_read_afterwards_says_so(users, empty_bridge):
    press(users, Qt.Key.Key_D)
    go(users, "person-switch")

    assert empty_bridge.commanded[0].what == SwitchPerson(ANNA.id, ANNA.updated_at, is_active=False)
    assert state(users, ANNA) == "Disabling…"
    assert users.details.deeds == frozenset()

    empty_bridge.confirm_next(2)
    assert state(users, ANNA) == "Disabling…"

    empty_bridge.answer_next([EVA, replace(ANNA, is_active=False, updated_at=LATER), OWNER])
    assert state(users, ANNA) == "Disabled"
    assert said(users) == "Anna Berg cannot sign in any more."
    assert users.findChild(QPushButton, "person-switch").text().startswith("Enable…")


def test_enter_on_a_form_that_takes_something_away_does_nothing_by_accident(users, empty_bridge):
    press(users, Qt.Key.Key_D)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)

    assert open_form(users) is None
    assert empty_bridge.commanded == []


def test_somebody_elses_change_is_said_in_the_form_beside_what_is_stored_now(users, empty_bridge):
    press(users, Qt.Key.Key_O)
    users.findChild(QComboBox, "person-role-choice").setCurrentText("Operator")
    go(users, "person-role")
    empty_bridge.refuse_next("Person 2 was changed by somebody else at 12:03:00 UTC; look again.")
    fresh = replace(ANNA, name="Anna Berg-Lund", updated_at=LATER)
    empty_bridge.answer_next([EVA, fresh, OWNER])

    form = open_form(users)
    assert "look again" in form.findChild(QLabel, "person-role-said").text()
    assert "Stored now: Anna Berg-Lund" in form.findChild(QLabel, "person-role-fresh").text()
    assert state(users, ANNA) == "Active"

    go(users, "person-role")
    assert empty_bridge.commanded[0].what == ChangeRole(ANNA.id, LATER, Role.OPERATOR)


def test_the_refusal_to_lose_the_last_administrator_is_said_in_the_form(users, empty_bridge):
    select(users, EVA)
    press(users, Qt.Key.Key_O)
    users.findChild(QComboBox, "person-role-choice").setCurrentText("Operator")
    go(users, "person-role")
    empty_bridge.refuse_next("Person 1 is the last administrator and cannot be given another role.")

    assert "last administrator" in open_form(users).findChild(QLabel, "person-role-said").text()


def test_only_what_was_changed_is_sent(users, empty_bridge):
    press(users, Qt.Key.Key_E)
    field(users, "person-edit-name").setText("Anna Berg-Lund")
    go(users, "person-edit")

    assert empty_bridge.commanded[0].what == EditPerson(ANNA.id, ANNA.updated_at, "Anna Berg-Lund", None)


def test_nobody_changes_the_address_they_are_signed_in_with(users):
    select(users, EVA)
    press(users, Qt.Key.Key_E)

    assert field(users, "person-edit-email").isReadOnly()
    assert "another administrator" in below(users, "person-edit-email")


def test_anonymising_asks_for_the_name_after_saying_what_stays_and_what_goes(users, empty_bridge):
    press(users, Qt.Key.Key_Delete)
    words = " ".join(label.text() for label in open_form(users).findChildren(QLabel))
    assert "cannot be undone" in words
    assert "audit trail, which goes on being verifiable" in words

    go(users, "person-anonymise")
    assert empty_bridge.commanded == []
    assert below(users, "person-anonymise-name") == "Type exactly: Anna Berg"

    QTest.keyClicks(field(users, "person-anonymise-name"), "Anna Berg")
    go(users, "person-anonymise")
    assert empty_bridge.commanded[0].what == AnonymisePerson(ANNA.id, ANNA.updated_at)


def test_an_export_is_written_where_the_person_said(users, empty_bridge, tmp_path):
    target = tmp_path / "anna.json"
    users._choose_file = lambda _parent, _name, _kinds: target
    empty_bridge.asked.clear()
    press(users, Qt.Key.Key_X)

    assert empty_bridge.asked[0].what == ExportPerson(ANNA.id, target)
    empty_bridge.answer_next(f"Everything stored about this person was saved as {target}.")
    assert said(users).endswith(f"{target}.")


def test_an_answer_that_was_overtaken_by_a_newer_question_is_not_shown(users, empty_bridge):
    users.refresh()
    users.refresh()
    first, second = [asked for asked in empty_bridge.asked if asked.what == ListPeople()][-2:]
    second.on_done([EVA, ANNA, OWNER, account(7, "Newest")])
    first.on_done([EVA])

    assert users.table_model.rowCount() == 4


def test_a_person_that_cannot_be_listed_is_said(settings, empty_bridge):
    empty_bridge.fail_next("The database does not answer.")

    assert said(settings.current_section) == "The database does not answer."


@pytest.fixture
def _stored_data(monkeypatch):
    import models.queries.people

    monkeypatch.setattr(
        models.queries.people, "person_export", lambda _connection, id: {"person": {"id": id}}
    )


@pytest.mark.usefixtures("_stored_data")
def test_an_export_holds_what_the_database_returned(tmp_path: Path):
    ExportPerson(2, tmp_path / "anna.json")(None)

    assert json.loads((tmp_path / "anna.json").read_text(encoding="utf-8")) == {"person": {"id": 2}}


@pytest.mark.usefixtures("_stored_data")
def test_an_export_that_cannot_be_written_says_why(tmp_path: Path):
    assert "could not be written" in ExportPerson(2, tmp_path / "missing" / "anna.json")(None)
