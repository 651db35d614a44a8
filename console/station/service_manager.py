"""What a station tells the service manager that started it: sd_notify(3), a datagram to $NOTIFY_SOCKET.

By hand, because it is one datagram, and systemd's own library is nowhere on other systems.
"""

import os
import socket
from contextlib import suppress


class ServiceManager:
    """Tells systemd; nobody where none started this process. Any thread; nothing blocks or raises."""

    def __init__(self, address: str | None = None) -> None:
        """Keep where it listens, as in $NOTIFY_SOCKET; None or empty: nowhere."""
        self._address = _path(address) if address else None

    @classmethod
    def from_environment(cls) -> "ServiceManager":
        """Take the address out of the environment, so that no child of this process speaks for it."""
        return cls(os.environ.pop("NOTIFY_SOCKET", None))

    @property
    def is_there(self) -> bool:
        """Whether a service manager listens."""
        return self._address is not None

    def ready(self) -> None:
        """Say that the station has begun to work."""
        self._tell("READY=1")

    def alive(self) -> None:
        """Say that nothing in the station hangs: without it for WatchdogSec, the process is started again."""
        self._tell("WATCHDOG=1")

    def status(self, sentence: str) -> None:
        """Say how it is doing, for `systemctl status`."""
        self._tell("STATUS=" + sentence.replace("\n", " "))

    def stopping(self) -> None:
        """Say that it ends on purpose."""
        self._tell("STOPPING=1")

    def _tell(self, assignment: str) -> None:
        if self._address is None:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
            way.setblocking(False)
            way.sendto(assignment.encode(), self._address)


def _path(address: str) -> str:
    """Return the address as the socket call wants it: an abstract one begins with a zero byte."""
    return "\0" + address[1:] if address.startswith("@") else address
