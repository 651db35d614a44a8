"""Which server of an address is asked, with what, and in what order."""

from types import SimpleNamespace

import psycopg
import pytest

from models.address import parsed_address
from models.servers import Servers
from models.watched_connection import WatchedConnection

OWN = "sslmode=disable&connect_timeout=9"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """Nobody answers; what was asked for is kept."""
    seen: list[dict[str, str]] = []

    def refuse(**options: str) -> WatchedConnection:
        seen.append(options)
        raise psycopg.OperationalError(f"connection failed: no {options['host']}")

    monkeypatch.setattr(WatchedConnection, "connect", refuse)
    return seen


def connect(servers: Servers, url: str, *, is_patient: bool = True) -> str:
    with pytest.raises(psycopg.OperationalError) as caught:
        servers.connect(parsed_address(url).options("tests"), 1.0, is_patient=is_patient)
    return str(caught.value)


def told(asked: list[dict[str, str]], *names: str) -> list[tuple[str | None, ...]]:
    return [tuple(one.get(name) for name in names) for one in asked]


def test_each_server_has_its_own_name_address_and_port(asked):
    connect(Servers(), "postgresql://a:1,b:2/plant?hostaddr=10.0.0.1,10.0.0.2")
    assert told(asked, "host", "hostaddr", "port") == [("a", "10.0.0.1", "1"), ("b", "10.0.0.2", "2")]


def test_one_port_is_the_port_of_all(asked):
    connect(Servers(), "postgresql://a,b/plant?port=7")
    assert told(asked, "host", "port") == [("a", "7"), ("b", "7")]


def test_of_several_servers_each_has_two_seconds_and_a_single_one_three(asked):
    connect(Servers(), "postgresql://a,b/plant")
    connect(Servers(), "postgresql://a/plant")
    assert told(asked, "connect_timeout") == [("2",), ("2",), ("3",)]


def test_who_is_in_a_hurry_waits_two_seconds_for_a_single_server(asked):
    connect(Servers(), "postgresql://a/plant", is_patient=False)
    assert told(asked, "connect_timeout") == [(2,)]


def test_what_the_address_says_itself_is_kept(asked):
    connect(Servers(), f"postgresql://a,b/plant?{OWN}")
    assert told(asked, "connect_timeout", "target_session_attrs") == [("9", "read-write")] * 2


def test_the_reason_of_every_server_is_told(asked):
    said = connect(Servers(), "postgresql://a,b/plant")
    assert "no a" in said
    assert "no b" in said


def test_a_server_that_was_silent_is_asked_last(asked):
    servers = Servers()
    url = "postgresql://a,b,c/plant"
    connect(servers, url)
    servers.note_silence(SimpleNamespace(server=("a", "")))  # type: ignore[arg-type]
    asked.clear()
    connect(servers, url)
    assert told(asked, "host") == [("b",), ("c",), ("a",)]
