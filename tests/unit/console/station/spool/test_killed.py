"""A process that keeps readings is killed at any instant: nothing it said it kept is lost or doubled."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.station.spool.block import readings_of
from console.station.spool.file import SpoolFile
from console.station.spool.opening import opened

# Imports once, then forks one child a line: what is killed is a process of its own, without the wait.
NURSERY = """
import os, sys
from pathlib import Path
from console.station.spool.block import block_of
from console.station.spool.file import Parcel, SpoolFile
from console.station.spool.opening import opened
from models.records.device import DeviceId
from models.records.reading import Reading

def keep_on(first):
    file = SpoolFile(opened(Path(sys.argv[1])))
    while True:
        readings = [Reading(DeviceId(1), float(first + place), (1.0,) * 6, 0, 1) for place in range(7)]
        file.append([Parcel([block_of(readings)])], 1_700_000_000.0)
        first += 7
        os.write(1, b"%d\\n" % first)  # everything before it is kept

for line in sys.stdin:
    child = os.fork()
    if not child:
        keep_on(int(line))
    os.write(1, b"pid %d\\n" % child)
    os.waitpid(child, 0)
    os.write(1, b"ended\\n")
"""
ROOT = Path(__file__).parents[5]
CAN_FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


@pytest.fixture
def nursery(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", NURSERY, str(tmp_path / "spool")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield process


def killed_after(nursery: subprocess.Popen[str], first: int, count: int, delay_s: float) -> int:
    """Let a child keep some and go on for a moment, kill it, and return what it said last."""
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(f"{first}\n")
    nursery.stdin.flush()
    said: list[int] = []
    lines = iter(nursery.stdout.readline, "ended\n")
    pids: list[int] = []
    while len(said) < count or not pids:
        line = next(lines)
        # The child may well be faster than who tells its number.
        (pids if line.startswith("pid") else said).append(int(line.split()[-1]))
    threading.Timer(delay_s, os.kill, (pids[0], signal.SIGKILL)).start()
    return [*said, *map(int, lines)][-1]


def numbers_in(folder: Path) -> list[int]:
    file = SpoolFile(opened(folder))
    rows = file.oldest_blocks(10_000_000, ())
    file.close()
    return [int(one.recorded_unix) for row in rows for one in readings_of(row.payload)]


def check_kills(nursery: subprocess.Popen[str], folder: Path, times: int) -> None:
    dice = random.Random(11)
    first = 0
    for _ in range(times):
        said = killed_after(nursery, first, dice.randrange(1, 6), dice.uniform(0.0, 0.03))
        found = numbers_in(folder)
        # One more block may be there than was said: it was kept, and the word on its way.
        assert found == list(range(len(found)))
        assert said <= len(found) <= said + 7
        first = len(found)


@CAN_FORK
def test_nothing_kept_is_lost_or_doubled_by_kills(nursery: subprocess.Popen[str], tmp_path: Path) -> None:
    check_kills(nursery, tmp_path / "spool", 10)


@CAN_FORK
@pytest.mark.faults_long
@pytest.mark.timeout(900)
def test_nothing_kept_is_lost_or_doubled_by_two_hundred_kills(
    nursery: subprocess.Popen[str], tmp_path: Path
) -> None:
    check_kills(nursery, tmp_path / "spool", 200)
