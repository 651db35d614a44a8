import pytest

from console.bridge.people_commands import AddPerson, ChangeOwnPassword, ResetPassword
from console.panels.settings.password_choice import made_password
from console.panels.settings.person_dialogs import Order
from console.panels.settings.person_words import (
    ROLE_ABILITIES,
    abilities_text,
    again_error,
    breakable,
    email_error,
    name_error,
    password_error,
    short_name,
    strength_text,
)
from models.records.person import Person, Role
from tests.unit.console.panels.settings.account_parts import NOW_AT

SECRET = "hunter2hunter2"


@pytest.mark.parametrize(
    "name", ["Anna Berg", "محمد عبد الله", "Zoë 👩‍🔧", "Robert'); DROP TABLE users;--", "N" * 255]
)
def test_names_of_any_script_are_accepted(name):
    assert name_error(name) == ""


@pytest.mark.parametrize(
    ("name", "words"),
    [("", "Type a name."), ("   ", "Type a name."), ("N" * 256, "256 letters"), ("Anna\nBerg", "line break")],
)
def test_names_that_cannot_be_stored_are_refused_beside_the_field(name, words):
    assert words in name_error(name)


def test_a_name_of_ten_thousand_letters_is_refused_with_its_length():
    assert name_error("x" * 10_000) == "The name has 10,000 letters; at most 255 fit."


@pytest.mark.parametrize("email", ["anna.berg@example.com", " Anna@PLANT.example ", "root@localhost"])
def test_addresses_that_the_database_takes_are_accepted(email):
    assert email_error(email) == ""


@pytest.mark.parametrize("email", ["", "anna", "anna@", "ännä@example.com", "a b@example.com", "x" * 300])
def test_addresses_that_the_database_refuses_are_refused_beside_the_field(email):
    assert email_error(email)


def test_a_password_is_judged_by_the_rules_of_the_database():
    assert password_error("") == "Type a password."
    assert "at least 10 characters" in password_error("short")
    assert "own e-mail address" in password_error("anna@example.com", "anna@example.com")
    assert password_error("correct horse battery") == ""


def test_the_second_typing_must_be_the_same():
    assert again_error("one", "one") == ""
    assert again_error("one", "two")


def test_a_longer_password_is_called_better():
    assert [strength_text(letters).split(": ")[-1] for letters in (8, 12, 16, 24)] == [
        "8 of at least 10 characters.",
        "acceptable. Longer is stronger.",
        "good.",
        "very good.",
    ]


def test_a_made_password_passes_its_own_rules_and_is_never_the_same():
    made = {made_password() for _ in range(50)}

    assert len(made) == 50
    assert {password_error(password) for password in made} == {""}


def test_no_record_that_carries_a_password_shows_it():
    anna = Person(2, "Anna Berg", "anna@example.org", Role.USER)
    carriers = [
        AddPerson("Anna Berg", "anna@example.org", Role.USER, SECRET),
        ResetPassword(anna, NOW_AT, SECRET),
        ChangeOwnPassword(anna, SECRET, SECRET),
    ]
    order = Order(carriers[0], None, "Adding…", "Done.", SECRET)

    assert [repr(carrier) for carrier in (*carriers, order) if SECRET in repr(carrier)] == []


def test_every_role_says_what_it_may_do():
    assert set(ROLE_ABILITIES) == set(Role)
    assert abilities_text(Role.OPERATOR).startswith("An operator sees the whole plant;")
    assert abilities_text(Role.ADMIN).startswith("An administrator ")


def test_a_long_name_is_shortened_in_sentences():
    assert short_name("N" * 255) == "N" * 47 + "…"
    assert short_name("Anna Berg") == "Anna Berg"


def test_a_word_that_is_wider_than_a_pane_may_break_and_others_stay_whole():
    assert breakable("Wolfeschlegelsteinhausen B") == "Wolfeschlegelsteinha\u200busen B"
    assert breakable("Anna Berg") == "Anna Berg"
