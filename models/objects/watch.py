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
        limits = self._limits
        began_s = window_s = time.monotonic()
        before = 0
        while not self._over.wait(_LOOK_S):
            now_s = time.monotonic()
            if now_s - began_s > limits.whole_s:
                return self._end(f"took longer than {limits.whole_s:g} s as a whole")
            if now_s - window_s > limits.window_s:
                rate = (self._received - before) / (now_s - window_s)
                if rate < limits.least_bytes_per_s:
                    return self._end(
                        f"gave {rate:,.0f} bytes a second, less than the {limits.least_bytes_per_s:,.0f} "
                        "that are waited for"
                    )
                window_s, before = now_s, self._received
        return None

    def _end(self, complaint: str) -> None:
        self.complaint = complaint
        with contextlib.suppress(OSError):
            self._twin.shutdown(socket.SHUT_RDWR)
