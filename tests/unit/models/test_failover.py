"""An address of several servers: who takes changes is found, also after the one that did has died."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from sqlalchemy import text

from models.database import Database
from models.errors import DatabaseAway
from tests.system_postgres import FOLLOWED, SystemPostgres, needs_system_postgres, system_postgres

pytestmark = needs_system_postgres


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[SystemPostgres, SystemPostgres]]:
    with system_postgres() as one, system_postgres() as other:
        for server in (one, other):
            server.start()
            server.run("CREATE ROLE ada LOGIN SUPERUSER PASSWORD 'x'")
            server.run("CREATE TABLE notes (text text)")
        yield one, other


@pytest.fixture
def first(servers: tuple[SystemPostgres, SystemPostgres]) -> Iterator[SystemPostgres]:
    yield servers[0]
    servers[0].restore()


@pytest.fixture
def second(servers: tuple[SystemPostgres, SystemPostgres]) -> Iterator[SystemPostgres]:
    yield servers[1]
    servers[1].restore()


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


@pytest.fixture
def leader() -> Iterator[SystemPostgres]:
    with system_postgres(FOLLOWED) as server:
        server.start()
        server.run("CREATE ROLE ada LOGIN SUPERUSER PASSWORD 'x'")
        server.run("CREATE TABLE notes (text text)")
        yield server


@pytest.fixture
def standby(leader: SystemPostgres) -> Iterator[SystemPostgres]:
    with system_postgres(FOLLOWED, leader) as server:
        server.follow(leader)
        yield server


@pytest.fixture
def replicated(leader: SystemPostgres, standby: SystemPostgres) -> Iterator[Database]:
    url = f"postgresql://ada:x@127.0.0.1:{leader.port},127.0.0.1:{standby.port}/postgres"
    database = Database(url, "tests", limit_s=1.0)
    yield database
    database.close()


@contextmanager
def frozen(server: SystemPostgres) -> Iterator[None]:
    processes = server.processes()
    try:
        _tell_all(processes, signal.SIGSTOP)
        yield
    finally:
        _tell_all(processes, signal.SIGCONT)


def _tell_all(processes: list[int], what: signal.Signals) -> None:
    for process in processes:
        with suppress(ProcessLookupError):  # a backend whose client has just left
            os.kill(process, what)


def count(server: SystemPostgres) -> object:
    return server.run("SELECT count(*) FROM notes")[0][0]


@pytest.mark.quiet
def test_a_frozen_leader_is_left_for_the_promoted_standby_and_never_written_to_again(
    replicated: Database, leader: SystemPostgres, standby: SystemPostgres
) -> None:
    assert used(replicated) == leader.port
    # It would wait for its standby; a leader that does not is the dangerous one.
    leader.run("ALTER SYSTEM SET synchronous_standby_names = ''")
    leader.run("SELECT pg_reload_conf()")
    with frozen(leader):
        standby.promote()
        began_s = time.monotonic()
        assert used(replicated) == standby.port
        assert time.monotonic() - began_s < 4.0
    before = count(leader)
    # Back, and it takes changes: a new connection still goes to who was promoted after it.
    replicated.close()
    assert used(replicated) == standby.port
    standby.stop()
    with pytest.raises(DatabaseAway, match="although another server was promoted after it"):
        used(replicated)
    assert count(leader) == before


def test_a_listener_leaves_a_leader_that_was_overtaken_without_noticing(
    replicated: Database, leader: SystemPostgres, standby: SystemPostgres
) -> None:
    stop = threading.Event()
    heard = replicated.listen(("alerts",), stop)
    next(heard)
    used(replicated)
    with frozen(leader):
        standby.promote()
        assert used(replicated) == standby.port
    # It was silent for less than a listener minds, and goes on as if nothing had happened.
    giving_up = threading.Timer(10.0, stop.set)
    giving_up.start()
    with pytest.raises(DatabaseAway, match="another server was promoted after it"):
        list(heard)
    giving_up.cancel()
    giving_up.join()


def test_another_login_knows_who_was_overtaken(
    replicated: Database, leader: SystemPostgres, standby: SystemPostgres
) -> None:
    standby.promote()
    other = replicated.with_login("ada", "x")
    leader.stop()
    assert used(replicated) == standby.port
    leader.start()
    standby.stop()
    with pytest.raises(DatabaseAway, match="promoted after it"):
        used(other)
    other.close()


@pytest.mark.quiet
def test_who_answered_last_is_asked_first_so_that_a_silent_server_costs_its_time_once(
    both: Database, first: SystemPostgres, second: SystemPostgres
) -> None:
    with frozen(first):
        began_s = time.monotonic()
        assert used(both) == second.port
        found_s = time.monotonic() - began_s
        both.close()
        began_s = time.monotonic()
        assert used(both) == second.port
        again_s = time.monotonic() - began_s
    assert (found_s < 2.5, again_s < 1.0) == (True, True)
