"""An address of several servers: who takes changes is found, also after the one that did has died."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from models.database import Database
from models.errors import DatabaseAway
from tests.system_postgres import SystemPostgres, needs_system_postgres, system_postgres

pytestmark = needs_system_postgres


@pytest.fixture
def first() -> Iterator[SystemPostgres]:
    yield from _started()


@pytest.fixture
def second() -> Iterator[SystemPostgres]:
    yield from _started()


def _started() -> Iterator[SystemPostgres]:
    with system_postgres() as server:
        server.start()
        server.run("CREATE ROLE ada LOGIN SUPERUSER PASSWORD 'x'")
        server.run("CREATE TABLE notes (text text)")
        yield server


@pytest.fixture
def both(first: SystemPostgres, second: SystemPostgres) -> Iterator[Database]:
    database = Database(
        f"postgresql://ada:x@127.0.0.1:{first.port},127.0.0.1:{second.port}/postgres", "tests"
    )
    yield database
    database.close()


def used(database: Database) -> int:
    with database.transaction() as connection:
        connection.execute(text("INSERT INTO notes VALUES ('here')"))
        return int(connection.execute(text("SHOW port")).scalar_one())


def test_the_first_server_that_takes_changes_is_used(both, first):
    assert used(both) == first.port


def test_a_dead_first_server_is_passed_over(both, first, second):
    first.stop()
    assert used(both) == second.port


def test_a_server_that_only_reads_is_passed_over(both, first, second):
    first.restart({"default_transaction_read_only": "on"})
    assert used(both) == second.port


def test_the_next_question_after_a_server_died_goes_to_the_other(both, first, second):
    assert used(both) == first.port
    first.stop()
    assert used(both) == second.port


def test_an_open_connection_to_a_server_that_became_a_follower_is_given_up(both, first, second):
    assert used(both) == first.port
    first.run("ALTER SYSTEM SET default_transaction_read_only = on")
    first.run("SELECT pg_reload_conf()")
    with both.transaction() as connection:
        while connection.execute(text("SHOW default_transaction_read_only")).scalar_one() != "on":
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("BEGIN")
    with pytest.raises(DatabaseAway, match="cannot write now"):
        used(both)
    assert used(both) == second.port


def test_no_server_that_takes_changes_means_try_again(both, first, second):
    first.restart({"default_transaction_read_only": "on"})
    second.restart({"default_transaction_read_only": "on"})
    with pytest.raises(DatabaseAway, match="takes changes now"):
        used(both)


def test_a_server_that_recovers_means_try_again(first):
    (first.folder / "data" / "standby.signal").touch()
    first.restart({"hot_standby": "off"})
    database = Database(f"postgresql://ada:x@127.0.0.1:{first.port}/postgres", "tests")
    with pytest.raises(DatabaseAway, match="is recovering and takes no work yet"):
        used(database)
    database.close()


def test_all_servers_dead_means_try_again_and_names_both(both, first, second):
    first.stop()
    second.stop()
    with pytest.raises(DatabaseAway, match=f"127.0.0.1:{first.port} or 127.0.0.1:{second.port} does not"):
        used(both)
