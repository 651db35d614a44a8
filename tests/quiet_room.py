"""Quiet for tests that measure time or kill processes: the other processes of the run stand still meanwhile.

All processes of a run share one file and lock parts of it, with locks that end with their process. Whoever
runs a test is in the room, together with others; a test marked `quiet` has the room to itself. The gate
before it is passed by one at a time: nobody overtakes a quiet test that waits for the others to leave.
"""

import os
import sys
import tempfile
from pathlib import Path

import pytest

if sys.platform != "win32":
    import fcntl

_GATE, _ROOM = 0, 1  # bytes of the file


class QuietRoom:
    """One process's way in and out. Use from one thread at a time."""

    def __init__(self, file: Path) -> None:
        """Open the file, or make it; it is only there to be locked, and gone once somebody goes in."""
        self._file = file
        self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        self._is_inside = False

    def enter(self, *, is_alone: bool) -> None:
        """Wait until nobody who minds is inside, and go in. Whoever is inside already stays as they are.

        Not before all processes of the run have made their rooms: no test starts before.
        """
        if sys.platform != "win32" and not self._is_inside:
            self._file.unlink(missing_ok=True)
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX, 1, _GATE)
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX if is_alone else fcntl.LOCK_SH, 1, _ROOM)
            fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, _GATE)
            self._is_inside = True

    def leave(self) -> None:
        """Let others in. Safe twice."""
        if sys.platform != "win32" and self._is_inside:
            fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, _ROOM)
            self._is_inside = False


ROOM = pytest.StashKey[QuietRoom]()


def open_room(config: pytest.Config) -> None:
    """Open the room that the processes of this run share; a process that runs all tests itself needs none."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run is not None:
        config.stash[ROOM] = QuietRoom(Path(tempfile.gettempdir(), f"console-quiet-{run}"))


def is_quiet(item: pytest.Item | None) -> bool:
    """Whether a test asks for the room to itself."""
    return item is not None and item.get_closest_marker("quiet") is not None
