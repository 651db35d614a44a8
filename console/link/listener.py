"""The station's socket as a file: private, and replaced where a killed station left its own behind. POSIX."""

import errno
import socket
from contextlib import suppress
from pathlib import Path


class ListeningSocket:
    """A Unix socket that listens under a path until it is removed."""

    def __init__(self, path: Path) -> None:
        """Keep the path; opens nothing."""
        self._path = path
        self._identity: tuple[int, int] | None = None

    def open(self) -> socket.socket:
        """Bind and return the socket, mode 0600. Its folder must be the owner's alone, as bind(2) is public.

        Raises:
            OSError: EADDRINUSE where a living station answers there; otherwise as the system says.
        """
        if self._path.is_socket():
            if _answers(self._path):
                raise OSError(errno.EADDRINUSE, "another station answers at this address", str(self._path))
            self._path.unlink()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listener.bind(str(self._path))
            self._path.chmod(0o600)
            self._identity = self._read_identity()
        except OSError:
            listener.close()
            raise
        return listener

    def remove(self) -> None:
        """Remove the file, if it is still the one made here. Safe twice."""
        with suppress(OSError):
            if self._identity is not None and self._read_identity() == self._identity:
                self._path.unlink()
        self._identity = None

    def _read_identity(self) -> tuple[int, int]:
        facts = self._path.stat()
        return facts.st_dev, facts.st_ino


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True
