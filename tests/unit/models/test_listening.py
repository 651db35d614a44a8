"""Listening on a connection that is cut, or that dies without a word."""

import selectors
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from models import listening
from models.database import Database
from models.errors import DatabaseAway

DEADLINE_S = 10.0


class SilentWire:
    """Stands between a client and the server's socket; `fall_silent` keeps every byte from then on."""

    def __init__(self, folder: Path, server_socket: str) -> None:
        self.folder = folder
        self._server_socket = server_socket
        self._is_silent = threading.Event()
        self._stop = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / Path(server_socket).name))
        self._listener.listen()
        self._sockets: list[socket.socket] = [self._listener]
        self._thread = threading.Thread(target=self._run, name="silent-wire")
        self._thread.start()

    def fall_silent(self) -> None:
        self._is_silent.set()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        for one in self._sockets:
            one.close()

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            while not self._stop.is_set():
                for key, _ in selector.select(0.02):
                    self._carry(selector, key)

    def _carry(self, selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
        if key.fileobj is self._listener:
            client, _ = self._listener.accept()
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._server_socket)
            self._sockets += [client, server]
            selector.register(client, selectors.EVENT_READ, server)
            selector.register(server, selectors.EVENT_READ, client)
            return
        data = key.fileobj.recv(65536)
        if not data:
            selector.unregister(key.fileobj)
        elif not self._is_silent.is_set():
            with suppress(OSError):  # the other end has left meanwhile
                key.data.sendall(data)


@pytest.fixture
def wire(database_url: str, tmp_path: Path) -> Iterator[SilentWire]:
    url = make_url(database_url)
    port = url.port or url.query.get("port", "5432")
    made = SilentWire(tmp_path, f"{url.query['host']}/.s.PGSQL.{port}")
    yield made
    made.close()


@pytest.fixture
def wired(wire: SilentWire, database_url: str) -> Iterator[Database]:
    """The database, reached through the wire."""
    url = make_url(database_url).update_query_dict({"host": str(wire.folder)})
    made = Database(url.render_as_string(hide_password=False), "tests")
    yield made
    made.close()


def test_a_connection_that_dies_without_a_word_is_noticed(
    wired: Database, wire: SilentWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "QUIET_S", 0.2)
    monkeypatch.setattr(listening, "ANSWER_WITHIN_S", 0.5)
    heard = wired.listen(("catalogue",), threading.Event())
    next(heard)
    wire.fall_silent()
    began_s = time.monotonic()
    with pytest.raises(DatabaseAway, match="no sign of life"):
        next(heard)
    assert time.monotonic() - began_s < DEADLINE_S


def test_a_quiet_connection_that_answers_is_kept_and_what_comes_meanwhile_is_heard(
    wired: Database, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "QUIET_S", 0.0)
    monkeypatch.setattr(listening, "SLICE_S", 0.01)
    asked = []
    real = listening._Probe.look
    monkeypatch.setattr(
        listening._Probe, "look", lambda probe, **news: (asked.append(1), real(probe, **news))
    )
    stop, heard = threading.Event(), []

    def listen() -> None:
        for notification in wired.listen(("catalogue",), stop):
            heard.append(notification.payload)

    listener = threading.Thread(target=listen)
    listener.start()
    deadline = time.monotonic() + DEADLINE_S
    # What is announced before anybody listens is heard by nobody.
    while not heard and time.monotonic() < deadline:
        stop.wait(0.005)
    for number in range(50):
        with database.transaction() as connection:
            connection.execute(text("SELECT pg_notify('catalogue', :n)"), {"n": str(number)})
    while len(heard) < 51 and time.monotonic() < deadline:
        stop.wait(0.005)
    stop.set()
    listener.join()
    assert heard == ["listening", *map(str, range(50))]
    assert len(asked) > 10


def test_what_is_announced_several_times_meanwhile_comes_once(database: Database) -> None:
    heard = database.listen(("catalogue", "people"), threading.Event())
    assert [next(heard).channel for _ in range(2)] == ["catalogue", "people"]
    with database.autocommit() as connection:
        for _ in range(30):
            connection.execute(text("SELECT pg_notify('catalogue', '')"))
        connection.execute(text("SELECT pg_notify('people', '')"))
    told = list(takewhile(lambda channel: channel != "people", (one.channel for one in heard)))
    # Once each time one looks; a busy server hands it out in several parts.
    assert set(told) == {"catalogue"}
    assert len(told) < 10
    heard.close()


def test_stopping_ends_listening_although_a_question_is_on_its_way(
    wired: Database, wire: SilentWire, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(listening, "QUIET_S", 0.0)
    stop = threading.Event()
    heard = wired.listen(("catalogue",), stop)
    next(heard)
    wire.fall_silent()
    timer = threading.Timer(0.7, stop.set)
    timer.start()
    assert list(heard) == []
    timer.join()
    assert caplog.messages == []


def test_a_connection_ended_by_the_server_is_noticed(database: Database, database_url: str) -> None:
    heard = database.listen(("catalogue",), threading.Event())
    next(heard)
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        )
    with pytest.raises(DatabaseAway):
        next(heard)
