"""One attempt to send: its time, its steps, and the one connection it makes.

A server may refuse, hang, drip a byte a second, or close half a connection. Each wait on the socket is
bounded by `silence_s`; a watchdog shuts the socket down when the whole has taken `total_s`, or when the
station stops.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any

from console.station.notifications.errors import NotSent, StoppedSending, TryAgain, Undeliverable
from console.station.notifications.limits import SendLimits
from console.station.notifications.plain_words import one_line
from models.records.notification import Step

Address = tuple[socket.AddressFamily, tuple[Any, ...]]


class Errand:
    """Belongs to the thread that sends; `cut` may come from any. Use it as a context manager, once."""

    def __init__(self, limits: SendLimits, on_step: Callable[[Step], None] = lambda _step: None) -> None:
        """Keep the limits; the time runs from `__enter__` on.

        Args:
            limits: How long everything may take.
            on_step: Hears of each step on the sending thread, as it happens.
        """
        self._limits = limits
        self._on_step = on_step
        self._steps: list[Step] = []
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._began_s = 0.0
        self._is_late = self._is_stopped = False
        self._resolving = threading.Event()
        self._watchdog = threading.Timer(limits.total_s, self._expire)
        self._watchdog.name = "notification-watchdog"
        self._watchdog.daemon = True

    def __enter__(self) -> "Errand":
        self._began_s = time.monotonic()
        self._watchdog.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watchdog.cancel()
        with self._lock:
            if self._socket is not None:
                self._socket.close()
                self._socket = None
        self._watchdog.join()

    @property
    def steps(self) -> tuple[Step, ...]:
        """What happened so far."""
        return tuple(self._steps)

    @property
    def is_stopped(self) -> bool:
        """Whether the attempt was cut short because the program ends."""
        return self._is_stopped

    def note(self, name: str, detail: str, *, is_good: bool = True) -> None:
        """Tell of a step that was taken."""
        step = Step(name, one_line(detail), is_good, round(time.monotonic() - self._began_s, 3))
        self._steps.append(step)
        self._on_step(step)

    def cut(self) -> None:
        """End the attempt at once, because the program ends. Any thread."""
        self._is_stopped = True
        self._resolving.set()
        self._shut_down()

    def connect(self, host: str, port: int) -> socket.socket:
        """Return a connected socket. Raises NotSent."""
        addresses = self._resolved(host, port)
        self.note("Name found", ", ".join(dict.fromkeys(str(where[0]) for _, where in addresses)))
        last: OSError | None = None
        for family, where in addresses:
            self.check()
            made = socket.socket(family, socket.SOCK_STREAM)
            self._use(made)
            made.settimeout(min(self._limits.connect_s, self._remaining_s()))
            try:
                made.connect(where)
            except OSError as error:
                last = error
                continue
            made.settimeout(self._limits.silence_s)
            self.check()
            self.note("Connected", f"{where[0]}, port {port}")
            return made
        self.check()
        within = f" within {self._limits.connect_s:g} s" if isinstance(last, TimeoutError) else ""
        reason = "no answer" if within else (last.strerror or str(last)) if last else "no address"
        raise TryAgain(f"{host} cannot be reached on port {port}: {reason}{within}.")

    def encrypt(self, plain: socket.socket, host: str, authorities: str) -> ssl.SSLSocket:
        """Return the connection encrypted, the server's certificate checked for `host`. Raises NotSent.

        Args:
            plain: What `connect` returned.
            host: Whose certificate it must be.
            authorities: PEM; empty = those that this computer trusts.
        """
        try:
            context = ssl.create_default_context(cadata=authorities or None)
        except (ssl.SSLError, ValueError) as error:
            raise Undeliverable(
                "The channel's certificate authorities cannot be read; enter them anew."
            ) from error
        try:
            # The handshake apart: only a socket that is known can be shut down when the time is over.
            made = context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
            self._use(made)
            made.settimeout(self._limits.silence_s)
            made.do_handshake()
        except ssl.SSLCertVerificationError as error:
            raise TryAgain(
                f"The certificate of {host} is not accepted ({error.verify_message}), so nothing was sent; "
                "correct the server's certificate, or name its authority in the channel."
            ) from error
        except (OSError, ValueError) as error:
            raise self.failure(error, f"{host} does not speak TLS on this port") from error
        self.check()
        self.note("Encrypted", f"{made.version()}, the certificate of {host} is in order")
        return made

    def failure(self, error: BaseException, what: str) -> NotSent:
        """Return what a failure of the connection means: out of time, stopped, silent, or `what`."""
        if self._is_stopped:
            return StoppedSending("The station stopped before the message was sent.")
        if self._is_late:
            return TryAgain(f"The server did not finish within {self._limits.total_s:g} s.")
        told = f"{error} {error.__cause__ or error.__context__ or ''}"
        if isinstance(error, TimeoutError) or "timed out" in told:
            return TryAgain(f"The server did not answer within {self._limits.silence_s:g} s.")
        return TryAgain(f"{what} ({one_line(str(error), 200)}).")

    def check(self) -> None:
        """Raise NotSent where the time is over or the program ends."""
        if self._is_stopped or self._is_late or self._remaining_s() <= 0:
            self._is_late = self._is_late or not self._is_stopped
            raise self.failure(TimeoutError(), "")

    def _resolved(self, host: str, port: int) -> list[Address]:
        """Find a server's addresses; the system's resolver knows no time-out, so it has its own thread."""
        found: list[Address] = []
        failures: list[OSError | UnicodeError] = []

        def ask() -> None:
            try:
                answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                found.extend((family, where) for family, _, _, _, where in answers)
            except (OSError, UnicodeError) as error:
                failures.append(error)
            self._resolving.set()

        thread = threading.Thread(target=ask, name="notification-resolver", daemon=True)
        thread.start()
        self._resolving.wait(self._limits.connect_s)
        self.check()
        if found:
            return found
        if failures:
            reason = getattr(failures[0], "strerror", None) or "it is no name of a computer"
            raise TryAgain(f"The name {one_line(host, 200)} cannot be resolved: {reason}.")
        raise TryAgain(
            f"The name {one_line(host, 200)} was not resolved within {self._limits.connect_s:g} s."
        )

    def _remaining_s(self) -> float:
        return self._began_s + self._limits.total_s - time.monotonic()

    def _use(self, made: socket.socket) -> None:
        with self._lock:
            before, self._socket = self._socket, made
        # What was wrapped has handed its connection on already; an attempt at another address has not.
        if before is not None:
            before.close()
        if self._is_stopped or self._is_late:
            self._shut_down()

    def _expire(self) -> None:
        self._is_late = True
        self._shut_down()

    def _shut_down(self) -> None:
        with self._lock:
            if self._socket is not None:
                # Not the override of SSLSocket, which takes the encryption away from under the other thread.
                with suppress(OSError):
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
