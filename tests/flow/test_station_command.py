"""`main.py station` as a process: how it starts, what it says, how it ends."""

import asyncio
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.cli import main
from console.link.frames import FrameReader, frame_from_message
from console.link.messages import PROTOCOL, Hello, Message, Refused, States, Welcome
from models.database import Database
from models.file_lock import FileLock
from models.queries.tickets import issue_ticket
from models.records.station import StationReport

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 30.0
Start = Callable[..., "subprocess.Popen[str]"]
BLOCKED = """
import asyncio, sys, time
from dataclasses import replace
from pathlib import Path
from console.settings import Settings
from console.station.pipeline import Station
from console.station.tuning import Tuning
from models.database import Database

def a_driver_that_never_returns():
    time.sleep(60)  # the stimulus: a loop that does not turn

async def main():
    tuning = replace(Tuning(), watch_s=0.05, loop_limit_s=0.6)
    away = Database("postgresql://u@127.0.0.1:1/d", "test")
    await Station(Settings(Path(sys.argv[1])), away, tuning=tuning).start()
    a_driver_that_never_returns()

asyncio.run(main())
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and Unix sockets")


@pytest.fixture
def start(tmp_path: Path, database_url: str) -> Iterator[Start]:
    """Start stations on one data folder; whatever still runs at the end is killed."""
    processes: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, url: str = database_url, **variables: str) -> "subprocess.Popen[str]":
        command = [sys.executable, str(ROOT / "main.py"), "--data", str(tmp_path), "station", *arguments]
        pipe = subprocess.PIPE
        environment = {**os.environ, "CONSOLE_DATABASE_URL": url, **variables}
        processes.append(
            subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment)
        )
        return processes[-1]

    yield begin
    for process in processes:
        with process:  # closes its pipes
            process.kill()


def ready_line(process: "subprocess.Popen[str]") -> dict[str, object]:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


async def first_messages(address: str, ticket: str, count: int) -> list[Message]:
    """Connect as a window does, and return what the station says first."""
    reader, writer = await asyncio.open_unix_connection(address)
    writer.write(frame_from_message(Hello(PROTOCOL, "window", "0", 1, ticket)))
    frames, messages = FrameReader(), []
    async with asyncio.timeout(DEADLINE_S):
        while len(messages) < count:
            data = await reader.read(65536)
            assert data, f"the station closed the connection after {messages}"
            messages += frames.feed(data)
    writer.close()
    return messages


async def let_in(address: str, ticket: str) -> list[Message]:
    """Ask until the station has found its database, as a window does; return what it says after that."""
    async with asyncio.timeout(DEADLINE_S):
        while isinstance((await first_messages(address, ticket, 2))[1], Refused):
            pass
    # States once more where the catalogue was read only after the window came, alerts, and then a report.
    return await first_messages(address, ticket, 6)


def test_station_ends_by_itself_and_prints_one_line_of_json(start: Start) -> None:
    process = start("--for", "0.5")
    output, errors = process.communicate(timeout=DEADLINE_S)
    (line,) = output.splitlines()
    assert json.loads(line)["event"] == "ready"
    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_station_ends_cleanly_on_a_signal(start: Start, number: signal.Signals) -> None:
    process = start()
    ready_line(process)
    process.send_signal(number)
    _, errors = process.communicate(timeout=DEADLINE_S)
    assert (process.returncode, errors) == (0, "")


def test_station_ends_with_the_program_that_started_it(start: Start) -> None:
    process = start("--exit-with-parent")
    ready_line(process)
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(timeout=DEADLINE_S) == 0


def test_window_is_let_in_and_told_how_the_station_is_doing(start: Start, database: Database) -> None:
    with database.transaction() as connection:
        ticket = issue_ticket(connection).token
    ready = ready_line(start())
    messages = asyncio.run(let_in(str(ready["address"]), ticket))
    assert [type(message) for message in messages[:3]] == [Hello, Welcome, States]
    assert StationReport in {type(message) for message in messages[3:]}
    assert messages[0].pid == ready["pid"]


def test_second_station_on_the_same_folder_refuses_with_a_sentence(start: Start, tmp_path: Path) -> None:
    ready_line(start())
    second = start()
    output, errors = second.communicate(timeout=DEADLINE_S)
    assert (second.returncode, output) == (75, "")
    assert errors == (
        f"A station already polls for {tmp_path}; end it first, or choose another folder with --data.\n"
    )


def test_station_replaces_what_a_killed_one_left_behind(start: Start) -> None:
    killed = start()
    address = str(ready_line(killed)["address"])
    killed.kill()
    killed.wait()
    ready_line(start())
    assert isinstance(asyncio.run(first_messages(address, "", 1))[0], Hello)


def test_station_waits_for_a_database_that_is_away_and_says_so_once(start: Start) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        process = start(url=f"postgresql://u@127.0.0.1:{nobody.getsockname()[1]}/d")
        address = str(ready_line(process)["address"])
        assert process.stderr is not None
        told = process.stderr.readline()
        messages = asyncio.run(first_messages(address, "ab" * 32, 2))
    process.terminate()
    _, more = process.communicate(timeout=DEADLINE_S)
    assert told.startswith("Waiting for the database: The database d at 127.0.0.1")
    assert more == ""
    assert isinstance(messages[1], Refused)
    assert "while the database is away" in messages[1].sentence
    assert process.returncode == 0


@pytest.mark.slow
def test_a_timed_run_that_never_found_its_database_does_not_end_as_if_it_had(start: Start) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        process = start("--for", "1", url=f"postgresql://u@127.0.0.1:{nobody.getsockname()[1]}/d")
        _, errors = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 1
    assert errors.splitlines()[-1].startswith("The database could not be used at the end: The database d at")


@pytest.mark.parametrize("seconds", ["0", "-1", "nan"])
def test_impossible_duration_is_refused_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], seconds: str
) -> None:
    assert main(["--data", str(tmp_path), "station", "--for", seconds]) == 1
    assert (
        capsys.readouterr().err
        == f"--for {float(seconds):g}: the station must run for more than 0 seconds.\n"
    )


def test_a_service_manager_hears_that_it_is_ready_well_and_stopping(start: Start, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify.sock"))
        listener.settimeout(DEADLINE_S)
        process = start(NOTIFY_SOCKET=str(tmp_path / "notify.sock"))
        heard: list[str] = []
        while heard.count("WATCHDOG=1") < 2 or "READY=1" not in heard:
            heard.append(listener.recv(4096).decode())
        process.terminate()
        while "STOPPING=1" not in heard:
            heard.append(listener.recv(4096).decode())
        process.communicate(timeout=DEADLINE_S)
    assert any(line.startswith("STATUS=0 of 0 devices answer") for line in heard)


def test_a_station_that_shall_wait_works_once_the_other_is_dead(start: Start) -> None:
    first = start()
    ready_line(first)
    second = start("--wait")
    first.kill()
    first.wait()
    assert ready_line(second)["pid"] == second.pid


def test_an_event_loop_that_a_driver_blocks_ends_the_process_and_leaves_its_stack(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode == 70
    assert done.stderr.splitlines()[-1] == (
        "The station ends itself to be started again. Its event loop has not turned for 1 s."
    )
    assert "a_driver_that_never_returns" in (tmp_path / "logs" / "station.faults.txt").read_text()
    lock = FileLock(tmp_path / "station.lock")
    assert lock.try_acquire()
    lock.release()


def test_a_kept_station_that_is_killed_is_forked_again_and_ends_with_its_keeper_s_word(start: Start) -> None:
    keeper = start("--keep")
    first = int(str(ready_line(keeper)["pid"]))
    os.kill(first, signal.SIGKILL)
    second = int(str(ready_line(keeper)["pid"]))
    keeper.terminate()
    _, errors = keeper.communicate(timeout=DEADLINE_S)
    assert second not in (first, keeper.pid)
    assert errors == "The station was killed (SIGKILL); starting it again.\n"
    assert keeper.returncode == 0


@pytest.mark.slow
def test_a_keeper_that_is_killed_takes_its_station_along(start: Start) -> None:
    keeper = start("--keep")
    station = int(str(ready_line(keeper)["pid"]))
    with os.fdopen(os.pidfd_open(station)) as life:
        keeper.kill()
        assert select.select([life], [], [], DEADLINE_S)[0]


@pytest.mark.slow
def test_a_kept_station_ends_with_the_program_that_started_its_keeper(start: Start) -> None:
    keeper = start("--keep", "--exit-with-parent")
    ready_line(keeper)
    assert keeper.stdin is not None
    keeper.stdin.close()
    assert keeper.wait(timeout=DEADLINE_S) == 0
