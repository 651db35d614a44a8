"""Locks that die with their holder: the system frees them even after `kill -9`, so none is ever stale.

flock(2) on POSIX, a locked byte on Windows. A process-id file would need guessing whether the id was reused;
fcntl's record locks would vanish when any other descriptor of the same file is closed in the process.
"""

import os
import sys
import time
from pathlib import Path
from types import TracebackType

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        """Nothing to do: closing frees it, and a child that shares the open file shall keep it."""


_RETRY_S = 0.01


class LockTimeout(Exception):
    """Somebody else held the lock for longer than we were willing to wait."""


class FileLock:
    """An exclusive lock on one file, made where missing. Use from one thread at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def __enter__(self) -> "FileLock":
        if not self.try_acquire():
            raise LockTimeout(str(self.path))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    @property
    def descriptor(self) -> int:
        """The open file, to hand to a child process that shall keep the lock (POSIX)."""
        if self._descriptor is None:
            raise RuntimeError(f"{self.path} is not locked")
        return self._descriptor

    def try_acquire(self) -> bool:
        """Take the lock if nobody else has it; return whether it is held now."""
        if self._descriptor is not None:
            return True
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(descriptor)
        except OSError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def acquire(self, timeout_s: float) -> "FileLock":
        """Wait for the lock, at most `timeout_s` seconds. Raises LockTimeout."""
        deadline = time.monotonic() + timeout_s
        while not self.try_acquire():
            if time.monotonic() >= deadline:
                raise LockTimeout(f"{self.path} was held by another process for {timeout_s:.0f} s")
            time.sleep(_RETRY_S)
        return self

    def release(self) -> None:
        """Give the lock back. A child that was given `descriptor` keeps it for as long as it lives."""
        if self._descriptor is None:
            return
        _unlock(self._descriptor)
        os.close(self._descriptor)
        self._descriptor = None


class Attendance:
    """Who is using something right now: one locked file a user, in a folder of their own.

    Every call must happen under a lock that all users share, or two of them may each see nobody.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mine: FileLock | None = None

    def enter(self) -> None:
        """Count this user in. Idempotent."""
        if self._mine is None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(self._folder / f"{os.getpid()}-{id(self)}-{time.time_ns()}")
            if not lock.try_acquire():
                raise RuntimeError(f"{lock.path} is new and already locked")
            self._mine = lock

    def leave(self) -> None:
        """Count this user out. Idempotent."""
        if self._mine is not None:
            self._mine.release()
            self._mine.path.unlink(missing_ok=True)
            self._mine = None

    def is_anybody_here(self) -> bool:
        """Whether a living user is counted in, ourselves included; forgets those who died."""
        if self._mine is not None:
            return True
        for path in list(self._folder.glob("*")) if self._folder.is_dir() else []:
            lock = FileLock(path)
            if not lock.try_acquire():
                return True
            lock.release()
            path.unlink(missing_ok=True)
        return False
