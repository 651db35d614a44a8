"""Ends a connection that takes too long: as a whole, or because it gives too little at a time.

Time-outs of single reads do not end a server that drips a byte now and then, neither in its body nor in its
header; so a thread looks on and shuts the socket.
"""

import contextlib
import socket
import threading
import time
from types import TracebackType

from models.objects.access import Limits

_LOOK_S = 0.05


class Patience:
    """Says when something takes too long: as a whole, or because too little of it moves at a time."""

    def __init__(self, limits: Limits, verb: str) -> None:
        """Begin now; `verb` is what is said of a host that moves too little, as "gave"."""
        self._limits, self._verb = limits, verb
        self._began_s = self._window_s = time.monotonic()
        self._before = 0

    def complaint(self, moved: int) -> str:
        """Return what is wrong now that so many bytes have moved in all; empty where nothing is."""
        limits, now_s = self._limits, time.monotonic()
        if now_s - self._began_s > limits.whole_s:
            return f"took longer than {limits.whole_s:g} s as a whole"
        if now_s - self._window_s > limits.window_s:
            rate = (moved - self._before) / (now_s - self._window_s)
            if rate < limits.least_bytes_per_s:
                return (
                    f"{self._verb} {rate:,.0f} bytes a second, less than the "
                    f"{limits.least_bytes_per_s:,.0f} that are waited for"
                )
            self._window_s, self._before = now_s, moved
        return ""


class SlowWatch:
    """Watches one connection; any thread may count. Use as a context manager."""

    def __init__(self, connection: socket.socket, limits: Limits) -> None:
        """Keep a second handle of the connection: TLS takes the first one over."""
        self._twin = connection.dup()
        self._limits = limits
        self._received = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="slow-download-watch", daemon=True)
        self.complaint = ""

    def __enter__(self) -> "SlowWatch":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self._twin.close()

    def count(self, received: int) -> None:
        """Note that so many bytes came in."""
        self._received += received

    def _look(self) -> None:
        patience = Patience(self._limits, "gave")
        while not self._over.wait(_LOOK_S):
            if complaint := patience.complaint(self._received):
                return self._end(complaint)
        return None

    def _end(self, complaint: str) -> None:
        self.complaint = complaint
        with contextlib.suppress(OSError):
            self._twin.shutdown(socket.SHUT_RDWR)
