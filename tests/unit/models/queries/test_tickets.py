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
def test_a_ticket_speaks_for_whom_it_was_issued_to_for_seven_days(shared_site: Site, role: Role) -> None:
    person = shared_site.add(role)
    ticket = issued(shared_site, person)
    holder = answer(shared_site, ticket)
    assert isinstance(holder, TicketHolder)
    assert (holder.person_id, holder.name, holder.role) == (person.id, person.name, role)
    assert holder.expires_at == ticket.expires_at
    assert 7 * 86_400 - 60 < holder.remaining_s <= 7 * 86_400


def test_tokens_are_long_unlike_each_other_and_never_shown(shared_site: Site) -> None:
    person = shared_site.add()
    tickets = [issued(shared_site, person) for _ in range(3)]
    assert len({ticket.token for ticket in tickets}) == 3
    assert all(re.fullmatch("[0-9a-f]{64}", ticket.token) for ticket in tickets)
    assert tickets[0].token not in repr(tickets[0])


def test_the_token_stands_nowhere_in_the_database(shared_site: Site) -> None:
    ticket = issued(shared_site, shared_site.add())
    stored = shared_site.all_text()
    assert ticket.token not in stored
    assert digest_of(ticket.token).hex() in stored


def test_an_unknown_ticket_speaks_for_nobody(shared_site: Site) -> None:
    with shared_site.owner.transaction() as connection:
        assert check_ticket(connection, digest_of("made up")) is None


@pytest.mark.parametrize(
    ("assignment", "state"),
    [
        ("is_active = false", TicketState.DISABLED),
        ("deleted_at = now()", TicketState.DISABLED),
        ("password_hash = '$2b$12$' || repeat('a', 53)", TicketState.PASSWORD_CHANGED),
    ],
)
def test_a_ticket_ends_with_the_account_or_the_password(shared_site: Site, assignment: str, state) -> None:
    person = shared_site.add()
    ticket = issued(shared_site, person)
    change(shared_site, assignment, person)
    assert answer(shared_site, ticket) is state


def test_an_account_enabled_again_does_not_revive_its_tickets(shared_site: Site) -> None:
    person = shared_site.add()
    ticket = issued(shared_site, person)
    change(shared_site, "is_active = false", person)
    change(shared_site, "is_active = true", person)
    assert answer(shared_site, ticket) is TicketState.DISABLED


def test_another_role_is_read_at_the_next_check(shared_site: Site) -> None:
    person = shared_site.add(Role.OPERATOR)
    ticket = issued(shared_site, person)
    change(shared_site, "role = 'user'", person)
    holder = answer(shared_site, ticket)
    assert isinstance(holder, TicketHolder)
    assert holder.role is Role.USER


def test_a_ticket_runs_out_and_is_removed_a_week_later(shared_site: Site) -> None:
    person = shared_site.add()
    ticket = issued(shared_site, person)
    with shared_site.owner.transaction() as connection:
        connection.execute(text("UPDATE app.window_tickets SET expires_at = now() - interval '1 s'"))
    assert answer(shared_site, ticket) is TicketState.EXPIRED
    with shared_site.owner.transaction() as connection:
        connection.execute(text("UPDATE app.window_tickets SET expires_at = now() - interval '8 days'"))
    issued(shared_site, person)
    assert answer(shared_site, ticket) is None


def test_a_ticket_ends_at_sign_out_once(shared_site: Site) -> None:
    person = shared_site.add()
    ticket = issued(shared_site, person)
    with shared_site.signed_in(person).transaction() as connection:
        assert drop_ticket(connection, ticket.token)
        assert not drop_ticket(connection, ticket.token)
    assert answer(shared_site, ticket) is TicketState.SIGNED_OUT


def test_a_ticket_with_a_successor_is_good_for_a_little_longer(shared_site: Site) -> None:
    person = shared_site.add()
    ticket = issued(shared_site, person)
    with shared_site.signed_in(person).transaction() as connection:
        assert drop_ticket(connection, ticket.token, in_s=60)
        assert drop_ticket(connection, ticket.token, in_s=86_400 * 30)
    holder = answer(shared_site, ticket)
    assert isinstance(holder, TicketHolder)
    assert 50 < holder.remaining_s <= 60


def test_nobody_ends_the_ticket_of_another(shared_site: Site) -> None:
    ticket = issued(shared_site, shared_site.add())
    with shared_site.signed_in(shared_site.add(Role.ADMIN)).transaction() as connection:
        assert not drop_ticket(connection, ticket.token)
    assert isinstance(answer(shared_site, ticket), TicketHolder)


def test_a_digest_that_is_known_is_not_given_to_a_second_person(shared_site: Site) -> None:
    ticket = issued(shared_site, shared_site.add(name="Anna"))
    with pytest.raises(Rejected), shared_site.signed_in(shared_site.add()).transaction() as connection:
        connection.execute(
            text("SELECT app.register_ticket(:digest, '')"), {"digest": digest_of(ticket.token)}
        )
    holder = answer(shared_site, ticket)
    assert isinstance(holder, TicketHolder)
    assert holder.name == "Anna"


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_digest_of_another_length_is_declined(shared_site: Site, size: int) -> None:
    with pytest.raises(Rejected), shared_site.signed_in(shared_site.add()).transaction() as connection:
        connection.execute(text("SELECT app.register_ticket(:digest, '')"), {"digest": b"x" * size})


def test_a_program_that_runs_wild_pushes_out_its_own_oldest_tickets_only(shared_site: Site) -> None:
    careful, wild = shared_site.add(), shared_site.add()
    kept = issued(shared_site, careful)
    first = issued(shared_site, wild)
    with shared_site.signed_in(wild).transaction() as connection:
        connection.execute(
            text("SELECT app.register_ticket(sha256(n::text::bytea), '') FROM generate_series(1, 500) AS n")
        )
    assert answer(shared_site, first) is None
    assert isinstance(answer(shared_site, kept), TicketHolder)


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
def test_no_person_reads_changes_or_checks_tickets(
    newest_shared_site: Site, role: Role, statement: str
) -> None:
    issued(newest_shared_site, newest_shared_site.add())
    with (
        pytest.raises(NotAllowed),
        newest_shared_site.signed_in(newest_shared_site.add(role)).transaction() as connection,
    ):
        connection.exec_driver_sql(statement)


def test_a_login_without_a_person_gets_no_ticket(newest_shared_site: Site) -> None:
    person = newest_shared_site.add()
    database = newest_shared_site.signed_in(person)
    with database.transaction() as connection:
        change(newest_shared_site, "is_active = false", person)
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
