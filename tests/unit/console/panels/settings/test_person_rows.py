from dataclasses import replace
from datetime import UTC, datetime

import pytest

from console.panels.settings.person_details import Deed, advice_for, allowed_deeds
from console.panels.settings.person_rows import (
    Column,
    cell_text,
    filtered,
    sort_key,
    summary,
)
from models.records.person import Role
from tests.unit.console.panels.settings.account_parts import NOW_AT, account

ANNA = account(2, "Anna Berg", Role.OPERATOR, devices_owned=3)
OWNER = account(1, "root", Role.ADMIN, has_password=False, email="owner@localhost")
FORMER = account(
    5,
    "Former person 5",
    Role.USER,
    has_password=False,
    is_former=True,
    is_active=False,
    email="former-5@invalid",
)


def test_roles_are_said_in_plain_words():
    words = [cell_text(replace(ANNA, role=role), Column.ROLE, NOW_AT) for role in Role]

    assert words == ["Administrator", "Operator", "Engineer"]


def test_the_computers_owner_is_told_apart_and_nothing_can_be_done_to_them():
    assert cell_text(OWNER, Column.EMAIL, NOW_AT) == "This computer's owner"
    assert allowed_deeds(OWNER, own_id=9) == frozenset()


def test_a_former_person_has_no_address_and_can_only_be_exported():
    assert cell_text(FORMER, Column.EMAIL, NOW_AT) == "–"
    assert cell_text(FORMER, Column.STATE, NOW_AT) == "Anonymised"
    assert allowed_deeds(FORMER, own_id=9) == {Deed.EXPORT}


def test_administrators_are_not_offered_what_the_database_refuses_to_oneself():
    me = account(3, "Eva Lind", Role.ADMIN)

    assert allowed_deeds(me, own_id=3) == {Deed.EDIT, Deed.ROLE, Deed.EXPORT}
    assert advice_for(me, own_id=3).startswith("This is you.")
    assert allowed_deeds(me, own_id=4) == set(Deed)


def test_a_change_under_way_is_said_instead_of_the_state():
    assert cell_text(ANNA, Column.STATE, NOW_AT) == "Active"
    assert cell_text(ANNA, Column.STATE, NOW_AT, "Disabling…") == "Disabling…"


@pytest.mark.parametrize("typed", ["anna", "BERG operator", "active anna@", "  "])
def test_every_typed_word_must_occur_somewhere_in_the_row(typed):
    assert filtered([ANNA], typed) == [ANNA]
    assert filtered([ANNA], f"{typed} nowhere") == []


def test_devices_sort_most_first_and_names_as_people_count():
    ten, two = account(6, "Person 10", devices_owned=0), account(7, "Person 2", devices_owned=5)

    assert sorted([ten, two], key=sort_key(Column.NAME)) == [two, ten]
    assert sorted([ten, two], key=sort_key(Column.DEVICES)) == [two, ten]


def test_the_last_sign_in_sorts_newest_first_and_never_last():
    old, new, never = (
        account(number, "x", last_sign_in_at=at)
        for number, at in enumerate(
            (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC), None), start=1
        )
    )

    assert sorted([never, old, new], key=sort_key(Column.SIGNED_IN)) == [new, old, never]


def test_the_summary_counts_who_is_shown_disabled_and_gone():
    people = [ANNA, FORMER, account(8, "Off", is_active=False)]

    assert summary(people, 3) == "3 people · 1 disabled · 1 anonymised"
    assert summary(people, 1).startswith("1 of 3 people")
