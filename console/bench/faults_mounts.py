"""Small file systems for the fault suite: one that is soon full, one whose power can be cut. Linux, root."""

import fcntl
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MB = 1 << 20
_SHUTDOWN = 0x8004587D  # EXT4_IOC_SHUTDOWN, _IOR('X', 125, __u32) (linux/fs/ext4/ext4.h)
_WITHOUT_LOG = 2  # EXT4_GOING_FLAGS_NOLOGFLUSH: nothing more reaches the disk, its journal included


def reason_not() -> str:
    """Return why nothing can be mounted here; empty where it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "file systems can be mounted by root on Linux only"
    if shutil.which("mkfs.ext4") is None:
        return "mkfs.ext4 is missing (apt install e2fsprogs)"
    return ""


@contextmanager
def small_disk(folder: Path, size_mb: int) -> Iterator[Path]:
    """Mount a file system of so many MB in `folder`; gone afterwards."""
    folder.mkdir(parents=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={size_mb}m,mode=755", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        _run("umount", "--lazy", str(folder))


def fill(folder: Path, name: str) -> Path:
    """Use up the disk under `folder`; return the file that does."""
    file = folder / name
    block = bytes(_MB)
    with file.open("wb", buffering=0) as sink:
        while block:
            try:
                if sink.write(block) < len(block):
                    raise OSError
            except OSError:
                block = block[: len(block) // 2]
    return file


class PowerDisk:
    """An ext4 in a file, whose power can be cut: what was not told to be on the disk is gone."""

    def __init__(self, folder: Path, size_mb: int = 64) -> None:
        """Make it; mounts nothing yet."""
        folder.mkdir(parents=True)
        self.folder = folder / "disk"
        self.folder.mkdir()
        self._image = folder / "image"
        with self._image.open("wb") as file:
            file.truncate(size_mb * _MB)
        _run("mkfs.ext4", "-q", str(self._image))
        self._is_mounted = False

    def mount(self) -> None:
        """Put it in place; its journal is replayed after a cut."""
        _run("mount", "-o", "loop", str(self._image), str(self.folder))
        self._is_mounted = True

    def cut_power(self) -> None:
        """From now on nothing reaches it, and everything that reads or writes fails."""
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, _SHUTDOWN, struct.pack("I", _WITHOUT_LOG))
        finally:
            os.close(descriptor)

    def unmount(self) -> None:
        """Take it away. Safe twice."""
        if self._is_mounted:
            _run("umount", str(self.folder))
            self._is_mounted = False


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")
