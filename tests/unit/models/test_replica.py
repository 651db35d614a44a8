"""Questions about the past at a replica, while it answers and is not behind; else at the database."""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Connection

from models import replica as replica_module
from models.address import parsed_address
from models.database import Database
from models.errors import DatabaseAway, Rejected
from tests.system_postgres import FOLLOWED, SystemPostgres, needs_system_postgres, system_postgres

pytestmark = needs_system_postgres

PASSWORD = "x"


@pytest.fixture(scope="module")
def leader() -> Iterator[SystemPostgres]:
    with system_postgres(FOLLOWED) as server:
        server.start()
        server.run(f"CREATE ROLE ada LOGIN PASSWORD '{PASSWORD}'")
        server.run("CREATE TABLE notes (text text)")
        yield server


@pytest.fixture(scope="module")
def standby(leader: SystemPostgres) -> Iterator[SystemPostgres]:
    with system_postgres(FOLLOWED, leader) as server:
        server.follow(leader)
        yield server


@pytest.fixture
def database(leader: SystemPostgres, standby: SystemPostgres) -> Iterator[Database]:
    # Something new, which the standby has got to by the time this is done.
    leader.run("SET synchronous_commit = remote_apply; INSERT INTO notes VALUES ('news')")
    made = Database(
        f"postgresql://ada:{PASSWORD}@127.0.0.1:{leader.port}/postgres",
        "tests",
        limit_s=1.0,
        replica=parsed_address(f"postgresql://127.0.0.1:{standby.port}/postgres"),
    )
    yield made
    made.close()


def port(connection: Connection) -> int:
    return int(connection.execute(text("SHOW port")).scalar_one())


def asked(database: Database, question: Callable[[Connection], int] = port) -> int:
    def otherwise() -> int:
        with database.transaction() as connection:
            return question(connection)

    assert database.replica is not None
    return database.replica.answer(question, otherwise)


def standing(database: Database) -> str:
    assert database.replica is not None
    return database.replica.standing


def test_question_about_the_past_goes_to_the_replica(database: Database, standby: SystemPostgres) -> None:
    assert asked(database) == standby.port
    assert standing(database) == f"The past is read from the replica postgres at 127.0.0.1:{standby.port}."


def test_everything_else_goes_to_the_database(database: Database, leader: SystemPostgres) -> None:
    with database.transaction() as connection:
        assert port(connection) == leader.port


def test_replica_that_does_not_answer_is_passed_over_and_the_sentence_says_so(
    leader: SystemPostgres,
) -> None:
    with system_postgres() as nobody:
        url = f"postgresql://ada:{PASSWORD}@127.0.0.1:{leader.port}/postgres"
        place = parsed_address(f"postgresql://127.0.0.1:{nobody.port}/postgres")
        with closing(Database(url, "tests", replica=place)) as database:
            assert asked(database) == leader.port
            assert standing(database).startswith("The past is read from the database itself. The ")


def test_replica_that_has_had_nothing_new_is_passed_over(
    database: Database, leader: SystemPostgres, standby: SystemPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replica_module, "BEHIND_S", 0.1)
    standby.run("SELECT pg_wal_replay_pause()")
    leader.run("INSERT INTO notes VALUES ('not there yet')")
    late = "SELECT clock_timestamp() - pg_last_xact_replay_timestamp() > interval '0.2 s'"
    while standby.run(late) != [(True,)]:
        pass
    found = asked(database)
    standby.run("SELECT pg_wal_replay_resume()")
    assert found == leader.port
    assert "has had nothing new for" in standing(database)


def test_replica_that_failed_rests_and_is_asked_again_later(
    database: Database, leader: SystemPostgres, standby: SystemPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database.replica, "_monotonic", lambda: now_s[0])

    def failing_once(connection: Connection) -> int:
        found.append(port(connection))
        if len(found) == 1:
            raise DatabaseAway("The replica was cut.")
        return found[-1]

    found: list[int] = []
    now_s = [100.0]
    assert asked(database, failing_once) == leader.port
    assert asked(database) == leader.port
    now_s[0] = 131.0
    assert asked(database) == standby.port


def test_question_that_is_declined_is_the_databases_to_decline(
    database: Database, leader: SystemPostgres, standby: SystemPostgres
) -> None:
    def declined(connection: Connection) -> int:
        seen.append(port(connection))
        raise Rejected("No.")

    seen: list[int] = []
    with pytest.raises(Rejected):
        asked(database, declined)
    assert (seen, asked(database)) == ([standby.port, leader.port], standby.port)


def test_nothing_can_be_written_at_the_replica(database: Database, leader: SystemPostgres) -> None:
    leader.run("GRANT INSERT ON notes TO ada")

    def write(connection: Connection) -> int:
        connection.execute(text("INSERT INTO notes VALUES ('mine')"))
        return port(connection)

    assert asked(database, write) == leader.port


def test_replica_is_asked_with_the_password_of_now(
    database: Database, leader: SystemPostgres, standby: SystemPostgres
) -> None:
    assert asked(database) == standby.port
    leader.run("ALTER ROLE ada PASSWORD 'another'")
    try:
        database.use_login("ada", "another")
        database.close()
        assert asked(database) == standby.port
    finally:
        leader.run(f"ALTER ROLE ada PASSWORD '{PASSWORD}'")


def test_drill_cuts_the_replica_off_as_well(database: Database) -> None:
    asked(database)
    database.cut_off(60.0)
    with pytest.raises(DatabaseAway, match="cut off for a drill"):
        asked(database)
