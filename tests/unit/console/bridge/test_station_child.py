import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.bridge import station_child
from console.bridge.station_child import (
    FIRST_PAUSE_MS,
    LONGEST_PAUSE_MS,
    StationChild,
    pause_ms,
)
from console.bridge.station_process import StationEnd, StationStart, last_words
from console.bridge.station_vigil import StationVigil

WAITS_FOR_ITS_PARENT = "import sys; sys.stdin.read()"
DIES = "import sys; sys.exit('The disk is full.')"
LEAVES_THE_FIELD = "import sys; sys.stderr.write('A station already polls.'); sys.exit(75)"
LISTENS = """
import os, socket, sys
from console.link.frames import frame_from_message
from console.link.messages import PROTOCOL, Hello
path = {path!r}
try:
    os.unlink(path)
except OSError:
    pass
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
listener.listen()
while True:
    window, _ = listener.accept()
    window.sendall(frame_from_message(Hello(PROTOCOL, "s", "0", os.getpid())))
    window.close()
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and Unix sockets")

Start = Callable[..., StationChild]


@pytest.fixture(params=[True, False], ids=["attached", "detached"])
def is_attached(request: pytest.FixtureRequest) -> bool:
    return request.param


@pytest.fixture
def start_with(qapp, tmp_path: Path) -> Iterator[Start]:
    made: list[StationChild] = []
    processes: set[int] = set()

    def build(code: str, *, is_attached: bool = True, **environment: str) -> StationChild:
        how = StationStart(
            sys.executable,
            ["-c", code],
            tmp_path / "logs" / "errors.txt",
            is_attached,
            environment,
            str(tmp_path / "s.sock"),
        )
        child = StationChild(how, time.monotonic)
        child.told.connect(lambda _: processes.add(child.process_id or 0))
        made.append(child)
        return child

    yield build
    for child in made:
        processes.add(child.process_id or 0)
    for process_id in processes - {0}:
        _end(process_id)
    for child in made:
        child.stop()


def _end(process_id: int) -> None:
    try:
        os.kill(process_id, signal.SIGKILL)
    except ProcessLookupError:
        return


def begun(child: StationChild) -> list[str]:
    """Have a child look after a station that is not there yet; returns what it tells."""
    told: list[str] = []
    child.told.connect(told.append)
    child.begin()
    child.on_link(False)
    return told


def test_a_first_end_is_mended_at_once_and_pauses_double_up_to_a_limit():
    assert [pause_ms(ends) for ends in range(5)] == [
        0,
        0,
        FIRST_PAUSE_MS,
        2 * FIRST_PAUSE_MS,
        4 * FIRST_PAUSE_MS,
    ]
    assert pause_ms(1000) == LONGEST_PAUSE_MS


def test_the_last_words_are_the_last_line_that_says_something():
    assert last_words("Traceback\n  line\nThe disk is full.\n\n") == "The disk is full."
    assert last_words("") == ""


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        (StationEnd(signal=9), "The station was killed (SIGKILL)"),
        (StationEnd(signal=11, words="Fault."), "The station was killed (SIGSEGV: Fault)"),
        (StationEnd(signal=250), "The station was killed (signal 250)"),
        (StationEnd(code=70, words="It hung."), "The station ended with code 70: It hung"),
        (StationEnd(words="python: no such file"), "The station could not be started: python: no such file"),
    ],
)
def test_an_end_is_said_with_its_signal_by_name_or_its_code_and_last_words(end: StationEnd, sentence: str):
    assert str(end) == sentence


def test_a_station_is_started_when_none_answers_and_only_one(qtbot, start_with: Start):
    child = start_with(WAITS_FOR_ITS_PARENT)
    begun(child)
    qtbot.waitUntil(lambda: child.process_id is not None)
    first = child.process_id
    child.on_link(False)
    assert child.process_id == first


def test_none_is_started_where_one_answers_or_before_begin(qtbot, start_with: Start):
    child = start_with(WAITS_FOR_ITS_PARENT)
    child.on_link(False)
    child.begin()
    child.on_link(True)
    assert child.process_id is None


def test_a_killed_station_is_started_again_at_once_and_the_signal_is_named(
    qtbot, start_with: Start, is_attached: bool
):
    child = start_with("import time; time.sleep(60)", is_attached=is_attached)
    told = begun(child)
    qtbot.waitUntil(lambda: child.process_id is not None)
    first = child.process_id
    os.kill(first, signal.SIGKILL)
    qtbot.waitUntil(lambda: child.process_id not in (None, first), timeout=8000)
    assert told == ["Starting the station…", "The station was killed (SIGKILL); starting it again."]


def test_why_it_ended_is_said_again_after_the_feed_said_that_it_did(qtbot, start_with: Start):
    child = start_with("import time; time.sleep(60)")
    told = begun(child)
    qtbot.waitUntil(lambda: child.process_id is not None)
    os.kill(child.process_id, signal.SIGKILL)
    qtbot.waitUntil(lambda: len(told) == 2)
    child.on_link(False)
    assert told[2] == told[1] == "The station was killed (SIGKILL); starting it again."


def test_one_that_ends_again_and_again_is_started_after_longer_pauses(
    qtbot, monkeypatch, start_with: Start, is_attached: bool
):
    monkeypatch.setattr(station_child, "FIRST_PAUSE_MS", 50)
    child = start_with(DIES, is_attached=is_attached)
    told = begun(child)
    qtbot.waitUntil(lambda: len(told) >= 4, timeout=8000)
    ended = "The station ended with code 1: The disk is full; starting it again"
    assert told[:4] == ["Starting the station…", f"{ended}.", f"{ended} in 0.05 s.", f"{ended} in 0.1 s."]


def test_a_station_that_leaves_the_field_to_another_is_no_failure(
    qtbot, start_with: Start, is_attached: bool
):
    child = start_with(LEAVES_THE_FIELD, is_attached=is_attached)
    told = begun(child)
    qtbot.waitUntil(lambda: child.process_id is not None)
    qtbot.waitUntil(lambda: child.process_id is None, timeout=8000)
    assert set(told) == {"Starting the station…"}


def test_a_station_that_hangs_and_that_this_window_started_is_ended_and_started_again(
    qtbot, monkeypatch, tmp_path: Path, start_with: Start, is_attached: bool
):
    monkeypatch.setattr(station_child, "SILENT_AFTER_S", 0.4)
    monkeypatch.setattr(station_child, "KILLED_AFTER_S", 0.9)
    child = start_with(LISTENS.format(path=str(tmp_path / "s.sock")), is_attached=is_attached)
    told = begun(child)
    with qtbot.waitSignal(child._vigil.answered, timeout=8000):
        pass
    first = child.process_id
    os.kill(first, signal.SIGSTOP)
    child.look()
    qtbot.waitUntil(lambda: child.process_id not in (None, first), timeout=8000)
    assert told[1:] == [
        "The station has not answered for 0 s; unless it does, it is ended and started again after 1 s.",
        "The station did not answer for 1 s and was ended; starting it again.",
    ]


def test_a_station_that_hangs_and_that_somebody_else_started_is_only_reported(
    qtbot, monkeypatch, tmp_path: Path, start_with: Start
):
    monkeypatch.setattr(station_child, "SILENT_AFTER_S", 0.4)
    monkeypatch.setattr(station_child, "KILLED_AFTER_S", 0.4)
    listens = LISTENS.format(path=str(tmp_path / "s.sock"))
    theirs = start_with(listens)
    begun(theirs)
    with qtbot.waitSignal(theirs._vigil.answered, timeout=8000):
        pass
    ours = start_with(listens)
    told: list[str] = []
    ours.told.connect(told.append)
    ours.begin()
    with qtbot.waitSignal(ours._vigil.answered, timeout=8000):
        ours.look()
    theirs._vigil.stop()
    os.kill(theirs.process_id, signal.SIGSTOP)
    ours.look()
    qtbot.waitUntil(lambda: len(told) == 1, timeout=8000)
    assert f"process {theirs.process_id}, does not answer" in told[0]
    assert "leaves it alone" in told[0]
    assert ours.process_id is None
    assert Path(f"/proc/{theirs.process_id}").exists()


def test_a_window_that_stood_still_itself_takes_no_station_for_hanging(qtbot, tmp_path: Path):
    now = [0.0]
    vigil = StationVigil(str(tmp_path / "nobody.sock"), lambda: now[0])
    silences: list[float] = []
    vigil.silent.connect(silences.append)
    vigil._socket = _Connected(vigil)
    now[0] = 3600.0
    vigil._look()
    assert silences == [1.0]


class _Connected:
    def __init__(self, _vigil: StationVigil) -> None:
        pass

    def state(self) -> str:
        return "connected"


def test_stopping_ends_the_child_by_closing_its_input(qtbot, start_with: Start):
    child = start_with(WAITS_FOR_ITS_PARENT)
    begun(child)
    qtbot.waitUntil(lambda: child.process_id is not None)
    pid = child.process_id
    began = time.monotonic()
    child.stop()
    child.stop()
    assert time.monotonic() - began < 3
    assert not Path(f"/proc/{pid}").exists()


def test_what_must_not_be_seen_in_the_list_of_processes_goes_through_the_environment(
    qtbot, tmp_path: Path, start_with: Start, is_attached: bool
):
    found = tmp_path / "found.txt"
    code = f"import os; open({str(found)!r}, 'w').write(os.environ['CONSOLE_DATABASE_URL'])"
    child = start_with(code, is_attached=is_attached, CONSOLE_DATABASE_URL="postgresql://u:secret@h/d")
    begun(child)
    qtbot.waitUntil(lambda: found.exists() and found.read_text() != "", timeout=8000)
    assert found.read_text() == "postgresql://u:secret@h/d"


def test_a_program_that_does_not_exist_is_said(qtbot, tmp_path: Path, is_attached: bool):
    start = StationStart("/nonexistent/python", [], tmp_path / "e", is_attached, {}, str(tmp_path / "s.sock"))
    child = StationChild(start, time.monotonic)
    told = begun(child)
    qtbot.waitUntil(lambda: len(told) >= 2)
    assert told[1].startswith("The station could not be started: /nonexistent/python: ")
    child.stop()


def test_a_detached_station_outlives_the_window(qtbot, tmp_path: Path, start_with: Start):
    child = start_with("import sys, time; sys.stdin.read(); time.sleep(60)", is_attached=False)
    begun(child)
    qtbot.waitUntil(lambda: child.process_id is not None)
    process_id = child.process_id
    child.stop()
    try:
        assert Path(f"/proc/{process_id}").exists()
        assert os.getsid(process_id) == process_id
    finally:
        os.kill(process_id, signal.SIGKILL)
        os.waitpid(process_id, 0)


def test_nobody_is_heard_of_at_a_socket_that_nobody_listens_at(qtbot, tmp_path: Path):
    vigil = StationVigil(str(tmp_path / "nobody.sock"), time.monotonic)
    with qtbot.waitSignal(vigil.absent):
        vigil.knock()
    vigil.stop()


def test_what_the_keeper_says_of_a_station_that_it_replaced_is_told_once(
    qtbot, start_with: Start, is_attached: bool
):
    says = "import sys, time; print('The station was killed (SIGKILL); starting it again.', file=sys.stderr)"
    child = start_with(f"{says}; sys.stderr.flush(); time.sleep(60)", is_attached=is_attached)
    told = begun(child)

    def lose_it() -> bool:
        child.on_link(False)
        return len(told) >= 2

    qtbot.waitUntil(lose_it, timeout=8000)
    child.on_link(True)
    heard = len(told)
    # Lost for another reason: nothing new was said.
    child._hear_keeper()
    assert set(told[1:]) == {"The station was killed (SIGKILL); starting it again."}
    assert len(told) == heard
