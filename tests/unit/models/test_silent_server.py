"""A server that is frozen: whoever asked is free again in time, and asks again once it answers."""

import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from models import listening
from models.database import HURRIED_S, Database
from models.errors import DatabaseAway, Rejected
from models.server import EmbeddedServer
from models.watched_connection import Patience, allow_long_work
from tests.system_postgres import quick_folder

FREE_WITHIN_S = 3.0
SHORT_S = 0.3


@pytest.fixture
def hurried(database_url: str) -> Iterator[Database]:
    """As a station asks."""
    made = Database(database_url, "tests", limit_s=HURRIED_S)
    yield made
    made.close()


@pytest.fixture
def quick(database_url: str) -> Iterator[Database]:
    """Gives up at once, so that tests are short."""
    made = Database(database_url, "tests", limit_s=SHORT_S)
    yield made
    made.close()


@pytest.fixture(scope="module")
def own_server() -> Iterator[Path]:
    """The folder of an embedded server that may be frozen as a whole."""
    with tempfile.TemporaryDirectory(prefix="console-frozen-", dir=quick_folder()) as folder:
        server = EmbeddedServer(Path(folder) / "database")
        server.ensure_running()
        yield Path(folder) / "database"
        server.stop()


def backend(database: Database) -> int:
    """Ask one thing: the process that answers."""
    with database.transaction() as connection:
        return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


@contextmanager
def stopped(*processes: int) -> Iterator[None]:
    try:
        _tell_all(processes, signal.SIGSTOP)
        yield
    finally:
        _tell_all(processes, signal.SIGCONT)


def _tell_all(processes: Iterable[int], what: signal.Signals) -> None:
    for process in processes:
        with suppress(ProcessLookupError):  # a backend whose client has just left
            os.kill(process, what)


def processes_of(folder: Path) -> list[int]:
    first = int((folder / "cluster" / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    return [first, *map(int, children)]


def took_s(work: Callable[[], object]) -> float:
    began_s = time.monotonic()
    with pytest.raises(DatabaseAway, match="does not answer"):
        work()
    return time.monotonic() - began_s


def ask_while_stopped(database: Database, ask: Callable[..., object]) -> None:
    with database.transaction() as connection:
        with stopped(connection.execute(text("SELECT pg_backend_pid()")).scalar_one()):
            ask(connection)


@pytest.mark.quiet
def test_backend_that_freezes_within_a_statement_frees_who_asked(hurried: Database) -> None:
    def ask() -> None:
        ask_while_stopped(hurried, lambda connection: connection.execute(text("SELECT 1")))

    assert HURRIED_S < took_s(ask) < FREE_WITHIN_S


@pytest.mark.quiet
def test_one_sentence_says_that_the_server_gave_no_sign_of_life(quick: Database) -> None:
    with pytest.raises(DatabaseAway, match=r"does not answer \(no sign of life for 0\.[345] s\)\.$"):
        ask_while_stopped(quick, lambda connection: connection.execute(text("SELECT 1")))


@pytest.mark.quiet
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_backend_that_freezes_before_the_end_of_a_transaction_frees_who_asked(
    quick: Database, end: str
) -> None:
    took = took_s(lambda: ask_while_stopped(quick, lambda connection: getattr(connection, end)()))
    assert took < FREE_WITHIN_S


@pytest.mark.quiet
def test_leaving_a_transaction_with_an_error_does_not_wait_for_a_frozen_server(quick: Database) -> None:
    def leave() -> None:
        with quick.transaction() as connection:
            pids.append(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
            os.kill(pids[0], signal.SIGSTOP)
            raise Rejected("something else")

    pids: list[int] = []
    began_s = time.monotonic()
    with pytest.raises((Rejected, DatabaseAway)):
        leave()
    os.kill(pids[0], signal.SIGCONT)
    assert time.monotonic() - began_s < FREE_WITHIN_S


@pytest.mark.quiet
def test_large_statement_to_a_frozen_server_frees_who_sends_it(quick: Database) -> None:
    load = {"load": "x" * 40_000_000}
    assert (
        took_s(lambda: ask_while_stopped(quick, lambda one: one.execute(text("SELECT length(:load)"), load)))
        < FREE_WITHIN_S
    )


@pytest.mark.quiet
def test_pool_forgets_a_connection_whose_backend_froze_while_it_was_idle(hurried: Database) -> None:
    frozen = backend(hurried)
    with stopped(frozen):
        began_s = time.monotonic()
        assert backend(hurried) != frozen
        assert time.monotonic() - began_s < FREE_WITHIN_S


def test_connection_that_was_given_up_is_not_lent_again(quick: Database) -> None:
    with pytest.raises(DatabaseAway):
        ask_while_stopped(quick, lambda connection: connection.execute(text("SELECT 1")))
    assert backend(quick)


@pytest.mark.quiet
def test_frozen_server_frees_each_of_three_attempts_and_is_used_once_it_goes_on(own_server: Path) -> None:
    url = EmbeddedServer(own_server).url()
    database = Database(url, "tests", limit_s=HURRIED_S)
    backend(database)
    with stopped(*processes_of(own_server)):
        waited_s = [took_s(lambda: backend(database)) for _ in range(3)]
    began_s = time.monotonic()
    assert backend(database)
    back_after_s = time.monotonic() - began_s
    database.close()
    # The first attempt asks an idle connection and makes a new one; the others only make one.
    assert (max(waited_s) < FREE_WITHIN_S + 0.3, back_after_s < 2.0) == (True, True)


@pytest.mark.quiet
def test_statement_that_is_allowed_more_is_left_alone(quick: Database) -> None:
    with quick.transaction(limit_s=10.0) as connection:
        connection.execute(text("SELECT pg_sleep(:s)"), {"s": 2 * SHORT_S})


def test_statement_of_long_work_is_left_alone_until_the_connection_is_given_back(quick: Database) -> None:
    with quick.transaction() as connection:
        allow_long_work(connection)
        connection.execute(text("SELECT pg_sleep(:s)"), {"s": 2 * SHORT_S})
    with pytest.raises(DatabaseAway), quick.transaction() as connection:
        connection.execute(text("SELECT pg_sleep(10)"))


@pytest.mark.quiet
def test_answer_that_comes_in_pieces_is_no_silence(quick: Database) -> None:
    pieces = "SELECT pg_sleep(0.05), repeat('x', 20000) FROM generate_series(1, 15)"
    with quick.transaction() as connection:
        assert len(connection.execute(text(pieces)).all()) == 15


def test_slow_server_is_given_twice_the_time_after_each_silence_and_so_gets_its_work_done(
    quick: Database,
) -> None:
    def slow() -> None:
        with quick.transaction() as connection:
            connection.execute(text("SELECT pg_sleep(:s)"), {"s": 2.5 * SHORT_S})

    took_s(slow)
    took_s(slow)
    slow()


def test_patience_goes_back_to_what_the_last_answer_asks_for() -> None:
    patience = Patience(2.0, 30.0)
    limits = []
    for told in (patience.met_silence, patience.met_silence):
        told()
        limits.append(patience.limit_s)
    for took in (2.0, 0.1):
        patience.was_answered(took)
        limits.append(patience.limit_s)
    assert limits == [4.0, 8.0, 6.0, 2.0]


def test_patience_ends_at_its_most() -> None:
    patience = Patience(20.0, 30.0)
    patience.met_silence()
    assert patience.limit_s == 30.0


def test_question_that_may_take_long_is_given_up_once_the_listener_found_the_server_silent(
    own_server: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "QUIET_S", 0.1)
    monkeypatch.setattr(listening, "ANSWER_WITHIN_S", 0.5)
    database = Database(EmbeddedServer(own_server).url(), "tests")
    heard = database.listen(("catalogue",), threading.Event())
    next(heard)

    def listen() -> None:
        with suppress(DatabaseAway):
            next(heard)

    def ask() -> None:
        with database.transaction() as connection:
            connection.execute(text("SELECT 1"))
            with stopped(*processes_of(own_server)):
                listener.start()
                connection.execute(text("SELECT 1"))

    listener = threading.Thread(target=listen)
    waited_s = took_s(ask)
    listener.join()
    database.close()
    assert waited_s < FREE_WITHIN_S
