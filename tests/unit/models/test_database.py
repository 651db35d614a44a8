import socket
import threading

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from models.address import shown_url
from models.database import Database
from models.errors import DatabaseAway, NeedsSetup, NotAllowed, Rejected, StorageBug


@pytest.fixture
def nowhere():
    """A database at a port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    database = Database(f"postgresql://bob:geheim@127.0.0.1:{port}/plant", "tests")
    yield database
    database.close()


def test_a_transaction_is_kept_at_its_end(database):
    with database.transaction() as connection:
        connection.execute(text("CREATE TABLE kept (number int)"))
    with database.transaction() as connection:
        assert connection.execute(text("SELECT count(*) FROM kept")).scalar_one() == 0


def test_an_exception_takes_a_transaction_back(database):
    with pytest.raises(StorageBug), database.transaction() as connection:
        connection.exec_driver_sql("CREATE TABLE gone (number int); SELEKT")
    with database.transaction() as connection:
        assert connection.execute(text("SELECT to_regclass('gone')")).scalar_one() is None


def test_autocommit_keeps_what_came_before_a_failure(database):
    with database.autocommit() as connection:
        connection.execute(text("CREATE TABLE kept (number int)"))
        with pytest.raises(ProgrammingError):
            connection.execute(text("SELEKT"))
    with database.transaction() as connection:
        assert connection.execute(text("SELECT to_regclass('kept')")).scalar_one() == "kept"


def test_a_connection_after_autocommit_has_transactions_again(database):
    with database.autocommit() as connection:
        connection.execute(text("SELECT 1"))
    test_an_exception_takes_a_transaction_back(database)


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("SELEKT 1", StorageBug),
        ("SELECT * FROM app.nothing_of_this_name", NeedsSetup),
        ("INSERT INTO app.devices (device_id, name, type, location) VALUES ('A', 'a', 't', NULL)", Rejected),
        ("UPDATE app.alert_thresholds SET severity = 'awful'; SELECT 'awful'::app.severity", Rejected),
        ("SELECT 1 / 0", Rejected),
        ("SET statement_timeout = 10; SELECT pg_sleep(5)", DatabaseAway),
        ("SET ROLE pg_read_all_settings; CREATE TABLE app.mine ()", NotAllowed),
        ("SELECT pg_terminate_backend(pg_backend_pid())", DatabaseAway),
    ],
)
def test_a_failure_becomes_the_reaction_it_asks_for(shared_database, statement, error):
    with pytest.raises(error) as caught:
        with shared_database.transaction() as connection:
            connection.exec_driver_sql(statement)
    assert type(caught.value) is error


def test_the_pool_recovers_after_its_connections_were_cut(database, database_server):
    with database.transaction() as connection:
        name = connection.execute(text("SELECT current_database()")).scalar_one()
    database_server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    with database.transaction() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1


def test_nobody_listening_means_try_again(nowhere):
    with pytest.raises(DatabaseAway, match=r"127\.0\.0\.1:\d+ does not answer \(Connection refused\)"):
        with nowhere.transaction():
            pass


def test_a_socket_that_is_not_there_means_try_again(tmp_path):
    with pytest.raises(DatabaseAway, match=r"does not answer \(No such file or directory\)"):
        with Database(f"postgresql:///plant?host={tmp_path}", "tests").transaction():
            pass


def test_a_password_never_stands_in_a_message(nowhere):
    with pytest.raises(DatabaseAway) as caught:
        with nowhere.transaction():
            pass
    assert "geheim" not in str(caught.value) + nowhere.place + shown_url("postgresql://bob:geheim@h/d")


def test_a_password_given_as_a_parameter_is_hidden_too():
    assert "geheim" not in shown_url("postgresql://h/d?user=bob&password=geheim&sslpassword=geheim2")


def test_an_address_whose_password_would_be_taken_for_the_host_is_refused_without_showing_it():
    with pytest.raises(NeedsSetup, match="%40") as caught:
        shown_url("postgresql://bob:ge@heim@h/d")
    assert "heim" not in str(caught.value)


def test_a_database_that_does_not_exist_names_the_command(database_server):
    database = Database(database_server.url_of("nothing_here"), "tests")
    with pytest.raises(NeedsSetup, match=r"no database nothing_here.*main\.py db init"):
        with database.transaction():
            pass


@pytest.mark.parametrize("url", ["bogus", "mysql://bob:geheim@host/x", "postgresql://bob:geheim@host:port/x"])
def test_an_address_that_is_none_is_refused_without_repeating_it(url):
    with pytest.raises(NeedsSetup) as caught:
        Database(url, "tests")
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_usual_spelling_of_the_scheme_is_taken(scheme):
    assert Database(f"{scheme}://me@host:5433/plant", "tests").place == "plant at host:5433"


def test_a_session_carries_its_name_and_speaks_utc(shared_database):
    with shared_database.transaction() as connection:
        name = connection.execute(text("SHOW application_name")).scalar_one()
        zone = connection.execute(text("SHOW timezone")).scalar_one()
    assert (name, zone) == ("tests", "UTC")


def test_listening_begins_with_a_word_for_each_channel_and_then_tells_what_is_announced(database):
    stop = threading.Event()
    heard = database.listen(("catalogue", "alerts"), stop)
    assert {next(heard).channel, next(heard).channel} == {"catalogue", "alerts"}
    with database.transaction() as connection:
        connection.execute(text("SELECT pg_notify('alerts', 'bell')"))
    told = next(heard)
    stop.set()
    assert (told.channel, told.payload, list(heard)) == ("alerts", "bell", [])


def test_a_cut_connection_ends_listening_with_an_error(database, database_url):
    heard = database.listen(("alerts",), threading.Event())
    next(heard)
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'tests' AND datname = current_database()"
        )
    with pytest.raises(DatabaseAway):
        next(heard)
