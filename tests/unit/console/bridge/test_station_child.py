import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.bridge import station_child
from console.bridge.station_child import (
    FIRST_PAUSE_MS,
    LONGEST_PAUSE_MS,
    StationChild,
    StationStart,
    last_words,
    next_pause_ms,
)

WAITS_FOR_ITS_PARENT = "import sys; sys.stdin.read()"
DIES = "import sys; sys.exit('The disk is full.')"


@pytest.fixture
def start_with(qapp, tmp_path: Path) -> Iterator:
    made: list[StationChild] = []

    def build(code: str, **environment: str) -> StationChild:
        how = StationStart(sys.executable, ["-c", code], tmp_path / "errors.txt", True, environment)
        made.append(StationChild(how, time.monotonic))
        return made[-1]

    yield build
    for child in made:
        child.stop()


def test_pauses_double_up_to_a_limit_and_begin_anew_once_it_had_settled():
    assert next_pause_ms(FIRST_PAUSE_MS, 0.1) == 2 * FIRST_PAUSE_MS
    assert next_pause_ms(LONGEST_PAUSE_MS, 0.1) == LONGEST_PAUSE_MS
    assert next_pause_ms(LONGEST_PAUSE_MS, 61) == FIRST_PAUSE_MS


def test_the_last_words_are_the_last_line_that_says_something():
    assert last_words("Traceback\n  line\nThe disk is full.\n\n") == "The disk is full."
    assert last_words("") == ""


def test_a_station_is_started_when_none_answers_and_only_one(qtbot, start_with):
    child = start_with(WAITS_FOR_ITS_PARENT)
    child.begin()
    child.on_link(False)
    qtbot.waitUntil(lambda: child.process_id is not None)
    first = child.process_id
    child.on_link(False)
    assert child.process_id == first


def test_none_is_started_where_one_answers_or_before_begin(qtbot, start_with):
    child = start_with(WAITS_FOR_ITS_PARENT)
    child.on_link(False)
    child.begin()
    child.on_link(True)
    assert child.process_id is None


def test_its_death_is_seen_at_once_said_with_the_reason_and_mended(qtbot, monkeypatch, start_with):
    monkeypatch.setattr(station_child, "FIRST_PAUSE_MS", 50)
    child = start_with(DIES)
    told: list[str] = []
    child.told.connect(told.append)
    child.begin()
    child.on_link(False)
    qtbot.waitUntil(lambda: told.count("Starting the station…") == 2, timeout=8000)
    assert told[1] == "The station stopped (The disk is full); starting it again in 0.05 s."


def test_stopping_ends_the_child_by_closing_its_input(qtbot, start_with):
    child = start_with(WAITS_FOR_ITS_PARENT)
    child.begin()
    child.on_link(False)
    qtbot.waitUntil(lambda: child.process_id is not None)
    pid = child.process_id
    began = time.monotonic()
    child.stop()
    child.stop()
    assert time.monotonic() - began < 3
    assert not Path(f"/proc/{pid}").exists()


def test_what_must_not_be_seen_in_the_list_of_processes_goes_through_the_environment(
    qtbot, tmp_path, start_with
):
    found = tmp_path / "found.txt"
    code = f"import os; open({str(found)!r}, 'w').write(os.environ['CONSOLE_DATABASE_URL'])"
    child = start_with(code, CONSOLE_DATABASE_URL="postgresql://u:secret@h/d")
    child.begin()
    child.on_link(False)
    qtbot.waitUntil(lambda: found.exists() and found.read_text() != "", timeout=8000)
    assert found.read_text() == "postgresql://u:secret@h/d"


def test_a_program_that_does_not_exist_is_said(qtbot, tmp_path):
    child = StationChild(StationStart("/nonexistent/python", [], tmp_path / "e", True), time.monotonic)
    told: list[str] = []
    child.told.connect(told.append)
    child.begin()
    child.on_link(False)
    qtbot.waitUntil(lambda: len(told) == 2)
    assert "/nonexistent/python could not be started" in told[1]
    child.stop()


def test_a_detached_station_outlives_the_window(qtbot, tmp_path):
    lives = tmp_path / "lives.txt"
    code = (
        "import os, sys, time, pathlib;"
        f"pathlib.Path({str(lives)!r}).write_text(str(os.getpid()));"
        "sys.stdin.read(); time.sleep(60)"
    )
    start = StationStart(sys.executable, ["-c", code], tmp_path / "logs" / "errors.txt", False)
    child = StationChild(start, time.monotonic)
    child.begin()
    child.on_link(False)
    qtbot.waitUntil(lambda: lives.exists() and lives.read_text() != "", timeout=8000)
    pid = int(lives.read_text())
    child.stop()
    try:
        assert Path(f"/proc/{pid}").exists()
        assert child.process_id is None
    finally:
        os.kill(pid, signal.SIGKILL)
