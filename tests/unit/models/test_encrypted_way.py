"""The way to a server that is not this computer: TLS with a real server, a real authority, and impostors."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from models.database import Database
from models.errors import DatabaseAway, NeedsSetup, Refusal, SignInRefused
from models.queries.encryption import encryption
from tests.certificates import Authority, Shown
from tests.system_postgres import EncryptedPostgres

HOST = EncryptedPostgres.host
PASSWORD = "correct horse battery"
COUNT = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'ada'"


@pytest.fixture(scope="module")
def server(encrypted_server: EncryptedPostgres) -> Iterator[EncryptedPostgres]:
    """A server with `ada`, who has a password, and `dora`, who is disabled."""
    run = encrypted_server.server.run
    run(f"CREATE ROLE ada LOGIN PASSWORD '{PASSWORD}'")
    run(f"CREATE ROLE dora NOLOGIN PASSWORD '{PASSWORD}'")
    run("SET password_encryption = 'md5'; CREATE ROLE plain LOGIN PASSWORD 'x'")
    yield encrypted_server
    run("DROP ROLE ada, dora, plain")


@pytest.fixture
def shows(server: EncryptedPostgres) -> Iterator[Callable[[Shown], None]]:
    """Make the server show another certificate, for one test."""
    yield server.show
    server.show_own()


def way(
    server: EncryptedPostgres, query: str = "", login: str = f"ada:{PASSWORD}", authorities: str = ""
) -> Database:
    """The way of somebody on another computer."""
    return Database(server.url(login, query), "tests", authorities=authorities or server.trusted)


def tried(server: EncryptedPostgres) -> str:
    """Who got as far as naming themselves since the server was started."""
    return server.server.log().rpartition("ready to accept")[2]


def failure(database: Database) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the kind is what the test asks about
        with database.transaction():
            pass
    database.close()
    return caught.value


def test_a_certified_server_is_let_near_and_the_line_is_encrypted(server):
    database = way(server)
    with database.transaction() as connection:
        assert encryption(connection) == "TLSv1.3"
    database.close()
    assert database.address.cautions == ()


def test_an_expired_certificate_is_named_with_its_date_and_nothing_is_sent(server, shows):
    shows(server.authority.certify(HOST, timedelta(days=-9), timedelta(days=-3)))
    told = failure(way(server))
    assert isinstance(told, NeedsSetup)
    assert f"The certificate of {HOST} expired on " in str(told)
    assert "user=ada" not in tried(server)


def test_a_certificate_of_tomorrow_points_to_the_clock(server, shows):
    shows(server.authority.certify(HOST, timedelta(days=1)))
    assert "check the clock of this computer" in str(failure(way(server)))


def test_the_certificate_of_another_host_is_refused_and_both_names_are_told(server, shows):
    shows(server.authority.certify("other.console.test"))
    told = failure(way(server))
    assert isinstance(told, NeedsSetup)
    assert HOST in str(told)
    assert "shows the certificate of other.console.test" in str(told)
    assert "user=ada" not in tried(server)


@pytest.mark.parametrize("name", ["Somebody else", "Authority of the tests"])
def test_a_man_in_the_middle_with_a_certificate_of_his_own_gets_no_connection(server, shows, name):
    shows(Authority(name).certify(HOST))
    told = failure(way(server))
    assert isinstance(told, NeedsSetup)
    assert "comes from nobody this computer trusts" in str(told)
    assert "somebody stands between" in str(told)
    assert server.server.run(COUNT) == [(0,)]
    assert "user=ada" not in tried(server)


def test_an_authority_unknown_to_the_system_is_not_trusted_by_default(server):
    assert "comes from nobody this computer trusts" in str(failure(way(server, authorities="system")))


def test_a_server_without_encryption_is_refused(server):
    server.server.restart()
    try:
        told = failure(way(server))
    finally:
        server.show_own()
    assert isinstance(told, NeedsSetup)
    assert "offers no encryption (TLS)" in str(told)


def test_what_the_address_makes_weaker_is_obeyed_and_told(server):
    database = way(server, "&sslmode=disable")
    with database.transaction() as connection:
        assert encryption(connection) is None
    database.close()
    assert "sslmode=disable" in database.address.cautions[0]


def test_a_server_that_wants_the_password_itself_does_not_get_it(server):
    told = failure(way(server, "&sslmode=disable", "plain:x"))
    assert isinstance(told, NeedsSetup)
    assert "does not prove that it knows the password" in str(told)


def test_a_missing_file_of_authorities_is_named(server):
    told = failure(way(server, authorities="/nowhere/authority.pem"))
    assert "/nowhere/authority.pem does not exist" in str(told)


def test_a_wrong_password_and_an_unknown_person_are_told_alike(server):
    wrong = failure(way(server, login="ada:wrong"))
    unknown = failure(way(server, login="nobody:wrong"))
    assert isinstance(wrong, SignInRefused)
    assert wrong.reason is Refusal.WRONG
    assert str(wrong) == str(unknown)


def test_a_disabled_account_is_told_so_only_after_the_right_password(server):
    right = failure(way(server, login=f"dora:{PASSWORD}"))
    wrong = failure(way(server, login="dora:wrong"))
    assert isinstance(right, SignInRefused)
    assert isinstance(wrong, SignInRefused)
    assert (right.reason, wrong.reason) == (Refusal.DISABLED, Refusal.WRONG)


def test_a_full_server_says_so(server):
    taken = [way(server) for _ in range(5)]  # of 8, three are kept for the owner
    with ExitStack() as open_ones:
        for database in taken:
            open_ones.callback(database.close)
            open_ones.enter_context(database.transaction())
        told = failure(way(server))
    assert isinstance(told, DatabaseAway)
    assert "has no connection free" in str(told)
