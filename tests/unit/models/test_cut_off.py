"""Cut off for a drill: nothing is asked of the database, and the drill ends by itself."""

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from models.cut_off import CutOffSwitch
from models.database import Database
from models.errors import DatabaseAway

DRILL_S = 60.0
WORDS = r"^The database .* is cut off for a drill until \d\d:\d\d:\d\d\.$"


@pytest.fixture
def own(database_url: str) -> Iterator[Database]:
    made = Database(database_url, "tests")
    yield made
    made.close()


def ask(database: Database) -> int:
    with database.transaction() as connection:
        return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def test_nothing_is_asked_during_a_drill_and_the_sentence_says_until_when(own: Database) -> None:
    ask(own)
    own.cut_off(DRILL_S)
    with pytest.raises(DatabaseAway, match=WORDS):
        ask(own)


def test_restoring_ends_a_drill(own: Database) -> None:
    own.cut_off(DRILL_S)
    own.restore()
    own.restore()
    assert ask(own)


def test_another_logins_way_to_the_same_place_is_cut_off_with_it(own: Database) -> None:
    other = own.with_login(own.address.user, None)
    ask(other)
    own.cut_off(DRILL_S)
    with pytest.raises(DatabaseAway, match=WORDS):
        ask(other)


def test_every_open_connection_is_shut(own: Database, database: Database) -> None:
    other = own.with_login(own.address.user, None)
    idle = [ask(own), ask(other)]
    own.cut_off(DRILL_S)
    left = text("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(:pids)")
    with database.autocommit() as connection:
        while connection.execute(left, {"pids": idle}).scalar_one():
            pass


def test_statement_under_way_is_given_up(own: Database) -> None:
    cutting = threading.Timer(0.1, own.cut_off, (DRILL_S,))

    def ask_slowly() -> None:
        with own.transaction() as connection:
            cutting.start()
            connection.execute(text("SELECT pg_sleep(20)"))

    with pytest.raises(DatabaseAway, match=WORDS):
        ask_slowly()
    cutting.join()


def test_listener_is_cut_off_and_none_begins(own: Database) -> None:
    heard = own.listen(("alerts",), threading.Event())
    next(heard)
    own.cut_off(DRILL_S)
    for listener in (heard, own.listen(("alerts",), threading.Event())):
        with pytest.raises(DatabaseAway, match=WORDS):
            next(listener)


def test_drill_ends_by_itself_and_names_the_time_of_day() -> None:
    now_s = [100.0]
    at = datetime(2026, 11, 25, 23, 59, 50, tzinfo=UTC)
    switch = CutOffSwitch(lambda: now_s[0], lambda: at)
    told = [switch.why_not()]
    switch.cut(20.0)
    told.append(switch.why_not())
    now_s[0] = 120.0
    told.append(switch.why_not())
    assert told == ["", "cut off for a drill until 00:00:10", ""]
    assert re.match(WORDS, f"The database x is {told[1]}.")
