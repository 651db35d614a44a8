"""What a scenario of the fault suite is told, and what the suite knows of it."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from console.bench.faults_database import FaultDatabase

_ROOM_IN_MEMORY = 2 << 30


@dataclass(frozen=True, slots=True)
class Scene:
    """How a scenario is to be played.

    Attributes:
        is_small: Some faults of each kind, in seconds, instead of dozens to hundreds.
        template: Folder of a stopped database to copy: making one takes longer than most faults.
        folder: Where everything of this run lies; gone afterwards.
    """

    is_small: bool
    template: Path
    folder: Path

    def place(self, name: str) -> Path:
        """Make a folder for one site."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))


@contextmanager
def scene(*, is_small: bool) -> Iterator[Scene]:
    """Make what all scenarios of a run share; nothing of it is left afterwards."""
    memory = Path("/dev/shm")
    is_roomy = memory.is_dir() and shutil.disk_usage(memory).free > _ROOM_IN_MEMORY
    with tempfile.TemporaryDirectory(prefix="faults-", dir=memory if is_roomy else None) as folder:
        template = Path(folder) / "template"
        database = FaultDatabase(template)
        try:
            database.start()
        finally:
            database.stop()
        yield Scene(is_small, template, Path(folder))


def copied(template: Path, folder: Path) -> Path:
    """Copy a stopped database, with owners and rights; return its folder."""
    if sys.platform == "win32":
        shutil.copytree(template, folder)
    else:
        subprocess.run(["cp", "-a", "--", str(template), str(folder)], check=True)
    return folder
