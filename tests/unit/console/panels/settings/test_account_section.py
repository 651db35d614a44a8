import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit

from console.bridge.people_commands import ChangeOwnPassword
from console.panels.settings.account_section import AccountSection
from models.records.person import Person, Role

BEN = Person(4, "Ben Lund", "ben@example.org", Role.USER)
OLD, NEW = "the old password", "correct horse battery"


@pytest.fixture
def mine(settings) -> AccountSection:
    settings.show_section("account")
    return settings.current_section


def field(section: AccountSection, name: str) -> QLineEdit:
    return section.findChild(QLineEdit, f"own-password-{name}")


def text(section: AccountSection, name: str) -> str:
    return section.findChild(QLabel, name).text()


def fill(section: AccountSection, old: str = OLD, new: str = NEW, again: str = NEW) -> None:
    for name, typed in (("old", old), ("new", new), ("again", again)):
        QTest.keyClicks(field(section, name), typed)


def change(section: AccountSection) -> None:
    field(section, "again").setFocus()
    QTest.keyClick(field(section, "again"), Qt.Key.Key_Return)


def test_the_person_their_role_and_what_it_means_are_said(settings, empty_bridge):
    empty_bridge.set_person(BEN)
    settings.show_section("account")
    section = settings.current_section

    assert text(section, "account-name") == "Ben Lund"
    assert text(section, "account-role") == "Engineer"
    assert "adds devices, and changes those they own" in text(section, "account-abilities")


def test_an_offline_session_says_that_looking_is_all(settings, empty_bridge):
    empty_bridge.set_person(BEN, is_offline=True)
    settings.show_section("account")

    assert text(settings.current_section, "account-until").startswith("The database is away")


def test_a_password_is_sent_only_when_it_keeps_the_rules(mine, empty_bridge):
    fill(mine, new="short", again="shorter")
    change(mine)

    assert empty_bridge.commanded == []
    assert "at least 10 characters" in text(mine, "own-password-new-below")
    assert "must be the same" in text(mine, "own-password-again-below")
    assert field(mine, "new").hasFocus()


def test_ones_own_address_is_no_password(mine, empty_bridge):
    fill(mine, new=empty_bridge.person.email, again=empty_bridge.person.email)
    change(mine)

    assert empty_bridge.commanded == []
    assert "own e-mail address" in text(mine, "own-password-new-below")


def test_a_wrong_old_password_is_said_beside_its_field(mine, empty_bridge):
    fill(mine)
    change(mine)
    assert empty_bridge.commanded[0].what == ChangeOwnPassword(empty_bridge.person, OLD, NEW)

    empty_bridge.confirm_next(False)
    assert "not your current password" in text(mine, "own-password-old-below")
    assert field(mine, "new").text() == NEW
    assert empty_bridge.session.orders == []


def test_a_changed_password_is_forgotten_here_and_told_to_the_session(mine, empty_bridge):
    fill(mine)
    change(mine)
    assert not field(mine, "old").isEnabled()

    empty_bridge.confirm_next(True)
    assert empty_bridge.session.orders == [("password changed", NEW)]
    assert [field(mine, name).text() for name in ("old", "new", "again")] == ["", "", ""]
    assert text(mine, "own-password-said") == "Your password was changed."


def test_a_refusal_is_said_and_what_was_typed_stays(mine, empty_bridge):
    fill(mine)
    change(mine)
    empty_bridge.refuse_next("The database is away, so you can only look.")

    assert text(mine, "own-password-said") == "The database is away, so you can only look."
    assert field(mine, "old").text() == OLD


def test_the_length_of_a_new_password_is_judged_while_it_is_typed(mine):
    QTest.keyClicks(field(mine, "new"), "twelve chars")

    assert text(mine, "own-password-new-below") == "12 characters: acceptable. Longer is stronger."


def test_what_was_typed_is_forgotten_when_another_section_is_looked_at(mine, settings):
    fill(mine)
    settings.show_section("appearance")

    assert [field(mine, name).text() for name in ("old", "new", "again")] == ["", "", ""]
    assert not field(mine, "old").isUndoAvailable()
