"""The embedded database of a data folder: first start, who is let in how, what goes on while it is away."""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from console.database_host import DatabaseHost
from console.settings import Settings
from console.sign_in import SignIn
from console.storage import open_storage
from models.cluster import Cluster
from models.credentials import MemoryStore
from models.database import Database
from models.errors import DatabaseAway, NeedsSetup, NotAllowed, SignInRefused
from models.queries.people import current_person, set_station_enabled, stations
from models.records.person import Role
from models.server import EmbeddedServer
from tests.account_parts import PASSWORD

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="peers of a Unix socket")

ADA = "ada@example.com"


@pytest.fixture(scope="module")
def settings() -> Iterator[Settings]:
    """A data folder in which Ada is the first administrator. Nothing runs in it."""
    with tempfile.TemporaryDirectory(prefix="console-tests-") as folder:
        made = Settings(Path(folder), station_name="Line 1")
        sign_in = SignIn(made, MemoryStore())
        try:
            site = sign_in.open()
            assert site.needs_first_admin
            assert site.is_embedded
            site.create_first_admin("Ada", ADA, PASSWORD)
        finally:
            sign_in.close()
        yield made
        EmbeddedServer(made.database_dir).stop()


@pytest.fixture
def host(settings: Settings) -> Iterator[DatabaseHost]:
    opened = DatabaseHost(settings)
    opened.start()
    yield opened
    opened.release()


@pytest.fixture
def station(host: DatabaseHost) -> Iterator[Database]:
    login = host.station(MemoryStore)
    login.prepare()
    yield login.database
    login.database.close()


def test_persons_may_ask_a_replica_about_the_past_and_others_ask_the_database(settings):
    host = DatabaseHost(replace(settings, history_url="postgresql://replica/plant"))
    assert host.person(ADA, PASSWORD, "tests").replica is not None
    assert host.owner("tests").replica is None


def test_the_first_administrator_is_asked_for_once(settings):
    sign_in = SignIn(settings, MemoryStore())
    try:
        assert not sign_in.open().needs_first_admin
    finally:
        sign_in.close()


def test_while_the_database_is_away_who_signed_in_before_may_again(settings):
    sign_in = SignIn(settings, MemoryStore())
    site = sign_in.open()
    site.sign_in(ADA, PASSWORD, "tests")
    sign_in.close()
    with pytest.raises(DatabaseAway):
        site.sign_in(ADA, PASSWORD, "tests")
    offline = site.sign_in_offline(ADA, PASSWORD)
    assert (offline.person.name, offline.is_offline) == ("Ada", True)
    with pytest.raises(DatabaseAway):
        site.refresh(offline)


def test_a_server_that_did_not_start_is_started_by_the_next_who_signs_in(settings, monkeypatch):
    def fail(self: EmbeddedServer) -> str:
        raise DatabaseAway("The database in the folder stopped at once.")

    sign_in = SignIn(settings, MemoryStore())
    try:
        with monkeypatch.context() as patched:
            patched.setattr(EmbeddedServer, "ensure_running", fail)
            site = sign_in.open()
        assert site.away == "The database in the folder stopped at once."
        assert site.sign_in(ADA, PASSWORD, "tests").person.name == "Ada"
        assert site.away == ""
    finally:
        sign_in.close()


def test_a_command_without_a_person_works_as_the_owner(settings):
    with open_storage(settings, "tests") as database, database.transaction() as connection:
        assert connection.execute(text("SELECT session_user")).scalar_one() == "console_owner"


def test_a_command_works_as_the_person_it_was_told(settings, monkeypatch):
    monkeypatch.setenv("CONSOLE_PASSWORD", PASSWORD)
    with open_storage(replace(settings, person=ADA), "tests") as database:
        with database.transaction() as connection:
            assert current_person(connection).role is Role.ADMIN


def test_a_command_with_a_wrong_password_is_refused(settings, monkeypatch):
    monkeypatch.setenv("CONSOLE_PASSWORD", "not the password")
    with pytest.raises(SignInRefused, match="address or the password is wrong"):
        with open_storage(replace(settings, person="bob@example.com"), "tests"):
            pass


def test_a_command_that_nobody_can_ask_for_a_password_says_where_to_put_it(settings, monkeypatch):
    monkeypatch.delenv("CONSOLE_PASSWORD", raising=False)
    with pytest.raises(NeedsSetup, match="CONSOLE_PASSWORD"):
        with open_storage(replace(settings, person=ADA), "tests"):
            pass


def test_the_station_is_let_in_by_the_system_under_its_own_login(station):
    with station.transaction() as connection:
        login = connection.execute(text("SELECT session_user")).scalar_one()
        assert login == "console_local_station"
        assert connection.execute(text("SELECT app.station_id()")).scalar_one() is not None


def test_the_station_may_not_what_the_owner_may(station):
    with pytest.raises(NotAllowed):
        with station.transaction() as connection:
            connection.execute(text("SELECT password_hash FROM app.users"))


def test_the_station_carries_the_name_of_its_computer(host):
    owner = host.owner("tests")
    with owner.transaction() as connection:
        assert [known.name for known in stations(connection)] == ["Line 1"]
    owner.close()


def test_starting_again_does_not_overrule_who_disabled_the_station(host):
    owner = host.owner("tests")
    with owner.transaction() as connection:
        (known,) = stations(connection)
        set_station_enabled(connection, known.id, is_enabled=False)
    host.start()
    with owner.transaction() as connection:
        assert [known.is_enabled for known in stations(connection)] == [False]
        set_station_enabled(connection, known.id, is_enabled=True)
    owner.close()


def test_what_somebody_tries_by_hand_stands_in_the_servers_log_under_their_login(host, settings):
    login = host.person(ADA, PASSWORD, "tests").address
    with psycopg.connect(**login.options("psql")) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT password_hash FROM app.users")
    logged = "".join(path.read_text() for path in Cluster(settings.database_dir).log.glob("postgresql-*.log"))
    assert f"{login.user}@console ERROR:  permission denied for table users" in logged


def test_nobody_else_is_let_in_without_a_password(host):
    nameless = host.address.with_login("postgres", None)
    with pytest.raises(SignInRefused):
        with Database(nameless, "tests").transaction():
            pass


def test_a_server_that_an_older_program_started_learns_who_is_let_in(host, settings):
    access = Cluster(settings.database_dir).data / "pg_hba.conf"
    access.write_text("local all console_owner peer map=owner\nlocal all all scram-sha-256\n")
    owner = host.owner("tests")
    with owner.transaction() as connection:
        connection.execute(text("SELECT pg_reload_conf()"))
    owner.close()
    other = DatabaseHost(settings)
    other.start()
    try:
        login = other.station(MemoryStore)
        login.prepare()
        login.database.close()
    finally:
        other.release()
