"""The demo as a person meets it: the tour's pictures, and a real window on a real display, by keyboard."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pytest

from models.database import Database
from models.errors import StorageError
from models.queries.alerts import open_alerts
from models.queries.people import accounts
from models.records.alert import Alert, AlertStatus
from models.records.person import Role
from models.server import EmbeddedServer

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 150.0  # each step of a start: seconds, and minutes where ten programs compete
FIRST_PATIENCE_S, LONGEST_PATIENCE_S = 0.25, 8.0
TOUR_WITHIN_S = 240.0

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")


def comes_true(condition: Callable[[], object], within_s: float) -> bool:
    """Wait for a condition, looking twenty times a second."""
    until = time.monotonic() + within_s
    while not (is_true := bool(condition())) and time.monotonic() < until:
        time.sleep(0.05)
    return is_true


def eventually(condition: Callable[[], object]) -> None:
    assert comes_true(condition, DEADLINE_S), "the condition did not come true in time"


def act_until(condition: Callable[[], object], act: Callable[[], None]) -> None:
    """Do something until it had its effect, with more patience each time.

    A window that is slow just then takes one key after the other, and opens a screen for each: who presses
    without waiting keeps it busy for as long as they press.
    """
    until, patience_s = time.monotonic() + DEADLINE_S, FIRST_PATIENCE_S
    act()
    while not comes_true(condition, patience_s):
        assert time.monotonic() < until, "it had no effect in time"
        act()
        patience_s = min(2 * patience_s, LONGEST_PATIENCE_S)


def processes_of(folder: Path) -> list[str]:
    """The command lines of living processes that name a data folder."""
    lines = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(entry.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue  # it ended while we looked
    return [line for line in lines if str(folder) in line]


def demo_command(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "main.py"), "--data", str(folder), "demo", "--no-past", *arguments]


@pytest.mark.timeout(500)
def test_tour_takes_a_picture_of_every_screen_and_leaves_nothing_running(tmp_path: Path) -> None:
    data, pictures = tmp_path / "data", tmp_path / "pictures"
    tour = demo_command(data, "--tour", str(pictures), "--for", "3", "--size", "1280x800", "--theme", "dark")
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}

    result = subprocess.run(
        tour, env=environment, capture_output=True, text=True, timeout=TOUR_WITHIN_S, check=False
    )

    assert result.returncode == 0, result.stderr
    names = [line.split()[0] for line in result.stdout.splitlines()]
    screens = list(dict.fromkeys(name.partition("-")[0] for name in names[:-3]))
    assert screens == [
        "overview",
        "device",
        "trends",
        "alerts",
        "devices",
        "firmware",
        "reports",
        "stations",
        "settings",
    ]
    assert names[-3:] == ["sign-in", "first-admin", "demo"]
    call_up_ms = [int(line.split()[1]) for line in result.stdout.splitlines()]
    assert median(call_up_ms) < 250
    assert max(call_up_ms) < 1_500  # a processor that another test has just then is no fault of a screen
    sizes = [picture.stat().st_size for picture in pictures.iterdir()]
    assert len(sizes) == len(names)
    assert min(sizes) > 10_000
    eventually(lambda: not processes_of(data))


@pytest.fixture
def display() -> Iterator[str]:
    """A display of this test's own."""
    if shutil.which("Xvfb") is None or shutil.which("xdotool") is None:
        pytest.skip("needs Xvfb and xdotool")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        with os.fdopen(reading) as number:
            yield f":{number.readline().strip()}"
        server.terminate()


@pytest.mark.timeout(800)
def test_an_operator_signs_in_and_acknowledges_in_a_real_window_by_keyboard(
    tmp_path: Path, display: str
) -> None:
    data = tmp_path / "data"
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    database = Database(EmbeddedServer(data / "database").url(), "test of the window")

    def alerts() -> list[Alert]:
        try:
            with database.transaction() as connection:
                return open_alerts(connection)
        except StorageError:
            return []  # it is being made

    def press(*keys: str) -> None:
        subprocess.run(["xdotool", "key", *keys], env=environment, check=True)

    def is_operator_in() -> bool:
        try:
            with database.transaction() as connection:
                return any(
                    each.last_sign_in_at and each.role is Role.OPERATOR for each in accounts(connection)
                )
        except StorageError:
            return False  # it is being made

    def is_acknowledged() -> bool:
        return any(alert.status is AlertStatus.ACKNOWLEDGED for alert in alerts())

    with subprocess.Popen(demo_command(data), env=environment, stderr=subprocess.PIPE) as demo:
        try:
            search = ["xdotool", "search", "--sync", "--onlyvisible", "--name", "Operator console"]
            found = subprocess.run(
                search, env=environment, capture_output=True, text=True, timeout=DEADLINE_S, check=True
            )
            subprocess.run(["xdotool", "windowfocus", found.stdout.split()[0]], env=environment, check=True)
            act_until(is_operator_in, lambda: press("2"))
            eventually(alerts)
            # A list that was empty when its screen came up has no row chosen until it comes up again.
            act_until(is_acknowledged, lambda: press("F1", "F4", "a"))
            assert {alert.acknowledged_by for alert in alerts()} - {None} == {"Mara Olsen"}
            demo.send_signal(signal.SIGTERM)
            assert demo.wait(DEADLINE_S) == 0
            eventually(lambda: not processes_of(data))
        finally:
            demo.kill()
            database.close()
