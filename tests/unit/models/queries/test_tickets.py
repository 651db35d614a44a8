"""Tickets against real servers: who gets one, who may check one, and what ends it."""

import re

import psycopg
import pytest
from sqlalchemy import text

from models.errors import NotAllowed, Rejected
from models.queries.tickets import check_ticket, check_tickets, drop_ticket, issue_ticket
from models.records.person import Person, Role
from models.records.ticket import Ticket, TicketHolder, TicketState, digest_of
from tests.account_parts import Site


def issued(site: Site, person: Person) -> Ticket:
    with site.signed_in(person).transaction() as connection:
        return issue_ticket(connection, "Panel 3")


def answer(site: Site, ticket: Ticket) -> TicketHolder | TicketState | None:
    digest = digest_of(ticket.token)
    with site.owner.transaction() as connection:
        return check_tickets(connection, [digest]).get(digest)


def change(site: Site, assignment: str, person: Person) -> None:
    with site.owner.transaction() as connection:
        connection.execute(text(f"UPDATE app.users SET {assignment} WHERE id = :id"), {"id": person.id})


@pytest.mark.parametrize("role", list(Role))
def test_a_ticket_speaks_for_whom_it_was_issued_to_for_seven_days(site: Site, role: Role) -> None:
    person = site.add(role)
    ticket = issued(site, person)
    holder = answer(site, ticket)
    assert isinstance(holder, TicketHolder)
    assert (holder.person_id, holder.name, holder.role) == (person.id, person.name, role)
    assert holder.expires_at == ticket.expires_at
    assert 7 * 86_400 - 60 < holder.remaining_s <= 7 * 86_400


def test_tokens_are_long_unlike_each_other_and_never_shown(site: Site) -> None:
    person = site.add()
    tickets = [issued(site, person) for _ in range(3)]
    assert len({ticket.token for ticket in tickets}) == 3
    assert all(re.fullmatch("[0-9a-f]{64}", ticket.token) for ticket in tickets)
    assert tickets[0].token not in repr(tickets[0])


def test_the_token_stands_nowhere_in_the_database(site: Site) -> None:
    ticket = issued(site, site.add())
    stored = site.all_text()
    assert ticket.token not in stored
    assert digest_of(ticket.token).hex() in stored


def test_an_unknown_ticket_speaks_for_nobody(site: Site) -> None:
    with site.owner.transaction() as connection:
        assert check_ticket(connection, digest_of("made up")) is None


@pytest.mark.parametrize(
    ("assignment", "state"),
    [
        ("is_active = false", TicketState.DISABLED),
        ("deleted_at = now()", TicketState.DISABLED),
        ("password_hash = '$2b$12$' || repeat('a', 53)", TicketState.PASSWORD_CHANGED),
    ],
)
def test_a_ticket_ends_with_the_account_or_the_password(site: Site, assignment: str, state) -> None:
    person = site.add()
    ticket = issued(site, person)
    change(site, assignment, person)
    assert answer(site, ticket) is state


def test_an_account_enabled_again_does_not_revive_its_tickets(site: Site) -> None:
    person = site.add()
    ticket = issued(site, person)
    change(site, "is_active = false", person)
    change(site, "is_active = true", person)
    assert answer(site, ticket) is TicketState.DISABLED


def test_another_role_is_read_at_the_next_check(site: Site) -> None:
    person = site.add(Role.OPERATOR)
    ticket = issued(site, person)
    change(site, "role = 'user'", person)
    holder = answer(site, ticket)
    assert isinstance(holder, TicketHolder)
    assert holder.role is Role.USER


def test_a_ticket_runs_out_and_is_removed_a_week_later(site: Site) -> None:
    person = site.add()
    ticket = issued(site, person)
    with site.owner.transaction() as connection:
        connection.execute(text("UPDATE app.window_tickets SET expires_at = now() - interval '1 s'"))
    assert answer(site, ticket) is TicketState.EXPIRED
    with site.owner.transaction() as connection:
        connection.execute(text("UPDATE app.window_tickets SET expires_at = now() - interval '8 days'"))
    issued(site, person)
    assert answer(site, ticket) is None


def test_a_ticket_ends_at_sign_out_once(site: Site) -> None:
    person = site.add()
    ticket = issued(site, person)
    with site.signed_in(person).transaction() as connection:
        assert drop_ticket(connection, ticket.token)
        assert not drop_ticket(connection, ticket.token)
    assert answer(site, ticket) is TicketState.SIGNED_OUT


def test_a_ticket_with_a_successor_is_good_for_a_little_longer(site: Site) -> None:
    person = site.add()
    ticket = issued(site, person)
    with site.signed_in(person).transaction() as connection:
        assert drop_ticket(connection, ticket.token, in_s=60)
        assert drop_ticket(connection, ticket.token, in_s=86_400 * 30)
    holder = answer(site, ticket)
    assert isinstance(holder, TicketHolder)
    assert 50 < holder.remaining_s <= 60


def test_nobody_ends_the_ticket_of_another(site: Site) -> None:
    ticket = issued(site, site.add())
    with site.signed_in(site.add(Role.ADMIN)).transaction() as connection:
        assert not drop_ticket(connection, ticket.token)
    assert isinstance(answer(site, ticket), TicketHolder)


def test_a_digest_that_is_known_is_not_given_to_a_second_person(site: Site) -> None:
    ticket = issued(site, site.add(name="Anna"))
    with pytest.raises(Rejected), site.signed_in(site.add()).transaction() as connection:
        connection.execute(
            text("SELECT app.register_ticket(:digest, '')"), {"digest": digest_of(ticket.token)}
        )
    holder = answer(site, ticket)
    assert isinstance(holder, TicketHolder)
    assert holder.name == "Anna"


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_digest_of_another_length_is_declined(site: Site, size: int) -> None:
    with pytest.raises(Rejected), site.signed_in(site.add()).transaction() as connection:
        connection.execute(text("SELECT app.register_ticket(:digest, '')"), {"digest": b"x" * size})


def test_a_program_that_runs_wild_pushes_out_its_own_oldest_tickets_only(site: Site) -> None:
    careful, wild = site.add(), site.add()
    kept = issued(site, careful)
    first = issued(site, wild)
    with site.signed_in(wild).transaction() as connection:
        connection.execute(
            text("SELECT app.register_ticket(sha256(n::text::bytea), '') FROM generate_series(1, 500) AS n")
        )
    assert answer(site, first) is None
    assert isinstance(answer(site, kept), TicketHolder)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM app.check_tickets(ARRAY[sha256('x')])",
        "SELECT digest FROM app.window_tickets",
        "SELECT person_id FROM app.window_tickets",
        "INSERT INTO app.window_tickets (digest, person_id, expires_at) VALUES (sha256('x'), 1, now())",
        "UPDATE app.window_tickets SET expires_at = 'infinity'",
        "DELETE FROM app.window_tickets",
    ],
)
def test_no_person_reads_changes_or_checks_tickets(newest_site: Site, role: Role, statement: str) -> None:
    issued(newest_site, newest_site.add())
    with pytest.raises(NotAllowed), newest_site.signed_in(newest_site.add(role)).transaction() as connection:
        connection.exec_driver_sql(statement)


def test_a_login_without_a_person_gets_no_ticket(newest_site: Site) -> None:
    person = newest_site.add()
    database = newest_site.signed_in(person)
    with database.transaction() as connection:
        change(newest_site, "is_active = false", person)
        with pytest.raises(psycopg.errors.InsufficientPrivilege) as refused:
            connection.connection.cursor().execute("SELECT app.register_ticket(sha256('x'), '')")
    assert "only a person who may sign in gets a ticket" in str(refused.value)


def test_ended_tickets_are_announced_and_new_ones_are_not(newest_site: Site, database_url: str) -> None:
    person = newest_site.add()
    listener = psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True)
    listener.execute("LISTEN people")
    ticket = issued(newest_site, person)
    assert list(listener.notifies(timeout=0.2)) == []
    with newest_site.signed_in(person).transaction() as connection:
        drop_ticket(connection, ticket.token)
    assert len(list(listener.notifies(timeout=5, stop_after=1))) == 1
    listener.close()
