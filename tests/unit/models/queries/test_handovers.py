"""Handovers with the logins of real persons: two sign, and what both have signed stays."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from models.errors import NotAllowed, Rejected, StorageError
from models.queries.handovers import (
    discard_handover,
    hand_over,
    list_handovers,
    load_handover,
    take_over,
    take_signature_back,
    write_handover,
)
from models.queries.people import accounts, anonymise_person
from models.records.handover import HandoverSection, HandoverState, SectionKey, ShiftSpan
from models.records.person import Role

NOW = datetime.now(UTC)
SHIFT = ShiftSpan("Early", NOW - timedelta(hours=8), NOW)
WORDS = (
    HandoverSection(SectionKey.OPEN, ("Critical: Press 4: hot.",), "pump ordered"),
    HandoverSection(SectionKey.GENERAL, (), "nothing else"),
)


@pytest.fixture
def team(newest_site):
    """Two operators, an administrator and an engineer, each with a way in of their own."""

    class Team:
        site = newest_site
        olga, piet = newest_site.add(name="Olga Brandt"), newest_site.add(name="Piet Maas")
        engineer, admin = newest_site.add(Role.USER), newest_site.add(Role.ADMIN)

        def ask(self, person, question, *arguments):
            with newest_site.signed_in(person).transaction() as connection:
                return question(connection, *arguments)

    return Team()


@pytest.fixture
def written(team):
    return team.ask(team.olga, write_handover, SHIFT, NOW, WORDS)


@pytest.fixture
def signed(team, written):
    team.ask(team.olga, hand_over, written.id, written.digest)
    team.ask(team.piet, take_over, written.id, written.digest)
    return team.ask(team.piet, load_handover, written.id)


def test_what_was_written_is_read_as_it_was(team, written):
    read = team.ask(team.piet, load_handover, written.id)
    assert (read.shift, read.sections, read.written_by) == (SHIFT, WORDS, "Olga Brandt")
    assert read.state is HandoverState.DRAFT


def test_two_persons_sign_the_same_words(signed, written, team):
    assert signed.state is HandoverState.SIGNED
    assert (signed.outgoing.name, signed.incoming.name) == ("Olga Brandt", "Piet Maas")
    assert (signed.outgoing.person_id, signed.incoming.person_id) == (team.olga.id, team.piet.id)
    assert signed.digest == written.digest


def test_writing_again_replaces_an_own_draft_of_the_shift(team, written):
    again = team.ask(team.olga, write_handover, SHIFT, NOW, (replace(WORDS[0], note="pump is here"),))
    assert again.id == written.id
    assert again.sections[0].note == "pump is here"
    assert again.digest != written.digest


def test_two_persons_of_one_shift_write_one_each(team, written):
    other = team.ask(team.piet, write_handover, SHIFT, NOW, WORDS)
    assert other.id != written.id


def test_nobody_signs_for_both(team, written):
    team.ask(team.olga, hand_over, written.id, written.digest)
    with pytest.raises(NotAllowed, match="two persons sign"):
        team.ask(team.olga, take_over, written.id, written.digest)


def test_nobody_hands_over_what_somebody_else_wrote(team, written):
    with pytest.raises(NotAllowed, match="the person who wrote it"):
        team.ask(team.piet, hand_over, written.id, written.digest)


def test_nobody_takes_over_before_it_was_handed_over(team, written):
    with pytest.raises(Rejected, match="has not signed yet"):
        team.ask(team.piet, take_over, written.id, written.digest)


def test_nobody_signs_what_was_changed_since_they_read_it(team, written):
    team.ask(team.olga, write_handover, SHIFT, NOW, (replace(WORDS[0], note="changed"),))
    with pytest.raises(Rejected, match="changed meanwhile"):
        team.ask(team.olga, hand_over, written.id, written.digest)


def test_a_signed_handover_is_not_written_again(team, written):
    team.ask(team.olga, hand_over, written.id, written.digest)
    with pytest.raises(NotAllowed, match="take the signature back"):
        team.ask(team.olga, write_handover, SHIFT, NOW, (replace(WORDS[0], note="later"),))


def test_a_signature_is_taken_back_while_nobody_has_taken_over(team, written):
    team.ask(team.olga, hand_over, written.id, written.digest)
    assert not team.ask(team.piet, take_signature_back, written.id)
    assert team.ask(team.olga, take_signature_back, written.id)
    assert team.ask(team.olga, load_handover, written.id).state is HandoverState.DRAFT


def test_no_signature_is_taken_back_once_both_have_signed(team, signed):
    assert not team.ask(team.olga, take_signature_back, signed.id)
    assert team.ask(team.olga, load_handover, signed.id) == signed


def test_after_both_have_signed_the_shift_can_be_written_anew(team, signed):
    again = team.ask(team.olga, write_handover, SHIFT, NOW, WORDS)
    assert again.id != signed.id


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE app.shift_handovers SET sections = '[]'",
        "UPDATE app.shift_handovers SET incoming_by = NULL, incoming_at = NULL",
        "UPDATE app.shift_handovers SET outgoing_by = incoming_by",
        "UPDATE app.shift_handovers SET digest = ''",
        "DELETE FROM app.shift_handovers",
        "TRUNCATE app.shift_handovers",
    ],
)
def test_even_the_owner_of_the_database_cannot_change_a_signed_handover(team, signed, change):
    with pytest.raises(StorageError):
        with team.site.owner.transaction() as connection:
            connection.execute(text(change))
    assert team.ask(team.olga, load_handover, signed.id) == signed


def test_even_the_owner_of_the_database_cannot_sign_for_one_person_twice(team, written):
    with pytest.raises(Rejected, match="two_persons"):
        with team.site.owner.transaction() as connection:
            connection.execute(
                text(
                    "UPDATE app.shift_handovers SET outgoing_by = written_by, outgoing_at = now(), "
                    "incoming_by = written_by, incoming_at = now()"
                )
            )


def test_a_draft_is_thrown_away_by_who_wrote_it_only(team, written):
    assert not team.ask(team.piet, discard_handover, written.id)
    assert team.ask(team.olga, discard_handover, written.id)
    assert team.ask(team.olga, list_handovers) == []


def test_what_is_signed_is_not_thrown_away(team, signed):
    assert not team.ask(team.olga, discard_handover, signed.id)


def test_engineers_have_nothing_to_do_with_handovers(team, written):
    with pytest.raises(NotAllowed, match="operator or administrator"):
        team.ask(team.engineer, write_handover, SHIFT, NOW, WORDS)
    with pytest.raises(NotAllowed):
        team.ask(team.engineer, list_handovers)


def test_a_shift_that_has_not_begun_is_not_handed_over(team):
    future = ShiftSpan("Late", NOW + timedelta(hours=1), NOW + timedelta(hours=9))
    with pytest.raises(Rejected, match="has begun"):
        team.ask(team.olga, write_handover, future, NOW, WORDS)


def test_a_note_beyond_all_measure_is_refused(team):
    with pytest.raises(Rejected, match="longer than 4000"):
        team.ask(team.olga, write_handover, SHIFT, NOW, (replace(WORDS[0], note="x" * 4001),))


def test_words_no_database_can_hold_are_left_out(team):
    kept = team.ask(team.olga, write_handover, SHIFT, NOW, (replace(WORDS[0], note="a\0b\ud800"),))
    assert kept.sections[0].note == "ab"


def test_the_newest_shift_is_listed_first(team, written):
    earlier = ShiftSpan("Night", NOW - timedelta(hours=16), SHIFT.began_at)
    team.ask(team.piet, write_handover, earlier, NOW, WORDS)
    assert [one.shift.name for one in team.ask(team.olga, list_handovers)] == ["Early", "Night"]


def test_a_name_is_forgotten_in_a_signed_handover_and_nothing_else(team):
    note = 'Olga Brandt said "all well"\nOlga Brandt asks for a pump'
    words = (HandoverSection(SectionKey.GENERAL, ("06:10 Olga Brandt: hot",), note),)
    written = team.ask(team.olga, write_handover, SHIFT, NOW, words)
    team.ask(team.olga, hand_over, written.id, written.digest)
    team.ask(team.piet, take_over, written.id, written.digest)
    seen = next(a for a in team.ask(team.admin, accounts) if a.id == team.olga.id)
    team.ask(team.admin, anonymise_person, team.olga.id, seen.updated_at)
    after = team.ask(team.piet, load_handover, written.id)
    name = f"Former person {team.olga.id}"
    assert after.sections[0].note == f'{name} said "all well"\n{name} asks for a pump'
    assert after.sections[0].lines == (f"06:10 {name}: hot",)
    assert (after.outgoing.name, after.digest) == (name, written.digest)


def test_what_is_signed_stands_in_the_audit_trail_without_the_words(team, signed):
    with team.site.owner.transaction() as connection:
        rows = connection.execute(
            text("SELECT op, new::text FROM app.audit_log WHERE tbl = 'shift_handovers' ORDER BY seq")
        ).all()
    assert [row[0] for row in rows] == ["INSERT", "UPDATE", "UPDATE"]
    assert signed.digest in rows[0][1]
    assert "pump" not in "".join(row[1] for row in rows)
