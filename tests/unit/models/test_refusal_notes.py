import threading

import pytest
from sqlalchemy import text

from models.errors import NotAllowed
from models.records.person import Role
from models.refusal_notes import RefusalNotes

REFUSED = text("SELECT new ->> 'what' FROM app.audit_log WHERE op = 'REFUSED'")


@pytest.fixture
def operator(newest_site):
    return newest_site.signed_in(newest_site.add(Role.OPERATOR))


def noted(site) -> list[str]:
    with site.owner.transaction() as connection:
        return list(connection.execute(REFUSED).scalars())


def refused(database, statement: str = "DELETE FROM app.devices") -> None:
    with pytest.raises(NotAllowed):
        with database.transaction() as connection:
            connection.execute(text(statement))


def test_what_the_database_refused_stands_in_its_audit(newest_site, operator):
    refused(operator)
    assert noted(newest_site) == ["permission denied for table devices"]


def test_the_same_refusal_again_is_noted_once(newest_site, operator):
    refused(operator)
    refused(operator)
    assert len(noted(newest_site)) == 1


def test_another_refusal_is_noted_too(newest_site, operator):
    refused(operator)
    refused(operator, "SELECT password_hash FROM app.users")
    assert len(noted(newest_site)) == 2


def test_a_session_is_left_as_it_was(operator):
    refused(operator)
    with operator.transaction() as connection:
        assert connection.execute(text("SHOW statement_timeout")).scalar_one() == "30s"


def test_a_note_that_cannot_be_written_hides_nothing(newest_site, operator):
    with newest_site.owner.transaction() as connection:
        connection.execute(text("REVOKE EXECUTE ON FUNCTION app.note_refusal(text) FROM console_operator"))
    refused(operator)


def test_a_flood_of_different_refusals_is_cut(shared_database):
    told: list[str] = []
    notes = RefusalNotes(shared_database._engine, lambda _, what: told.append(what), now=lambda: 0.0)
    for number in range(100):
        notes.refused(f"try {number}")
    assert len(told) == 30


def test_after_a_while_the_same_is_noted_again(shared_database):
    told: list[str] = []
    now = 0.0
    notes = RefusalNotes(shared_database._engine, lambda _, what: told.append(what), now=lambda: now)
    notes.refused("try")
    now = 9.0
    notes.refused("try")
    now = 11.0
    notes.refused("try")
    assert len(told) == 2


def test_an_audit_that_is_busy_delays_the_refusal_by_no_more_than_half_a_second(newest_site, operator):
    with newest_site.owner.transaction() as connection:
        connection.execute(text("LOCK TABLE app.audit_log"))
        asked = threading.Thread(target=refused, args=(operator,))
        asked.start()
        asked.join(5.0)
        assert not asked.is_alive()
