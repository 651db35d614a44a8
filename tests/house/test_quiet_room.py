"""The room for quiet tests: who has it to himself is with nobody, from whichever process."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.quiet_room import QuietRoom, is_quiet

ROOT = Path(__file__).resolve().parents[2]
OTHER = """
import select, sys
from pathlib import Path
from tests.quiet_room import QuietRoom

room = QuietRoom(Path(sys.argv[1]))
room.enter(is_alone=sys.argv[2] == "alone")
print("inside", flush=True)
sys.stdin.readline()
select.select([], [], [], 0.2)  # so long its test still takes
Path(sys.argv[1] + ".done").touch()
room.leave()
sys.stdin.read()
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the room has no locks there")


@contextmanager
def another(file: Path, how: str) -> Iterator["subprocess.Popen[str]"]:
    """Another process in the room, which leaves it a moment after it is told to."""
    command = [sys.executable, "-c", OTHER, str(file), how]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "inside\n"
        yield process


def told_to_leave(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("leave\n")
    process.stdin.flush()


@pytest.mark.parametrize(("other", "is_alone"), [("alone", False), ("alone", True), ("together", True)])
def test_a_quiet_test_and_another_wait_for_each_other(tmp_path: Path, other: str, is_alone: bool) -> None:
    file = tmp_path / "room"
    room = QuietRoom(file)
    with another(file, other) as process:
        told_to_leave(process)
        room.enter(is_alone=is_alone)
        assert Path(f"{file}.done").exists()
    room.leave()


def test_tests_that_need_no_quiet_run_side_by_side(tmp_path: Path) -> None:
    file = tmp_path / "room"
    room = QuietRoom(file)
    with another(file, "together") as process:
        room.enter(is_alone=False)
        assert not Path(f"{file}.done").exists()
        told_to_leave(process)
    room.leave()


def test_files_with_a_quiet_test_come_last(request: pytest.FixtureRequest) -> None:
    items = request.session.items
    quiet = {item.path for item in items if is_quiet(item)}

    assert [item.path in quiet for item in items] == sorted(item.path in quiet for item in items)
