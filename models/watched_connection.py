"""A connection that notices when its server has fallen silent, and lets go.

A frozen server (a stopped process, a suspended virtual machine) still takes what is sent and never answers;
no time-out of the server's own helps, because the server would have to keep it, and TCP sees nothing wrong.
psycopg looks up from its waiting ten times a second: that is where the silence is measured, on the thread
that waits, so that no other thread ever shuts a descriptor that may be somebody else's by then.
"""

import math
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import psycopg
from psycopg.abc import PQGen
from sqlalchemy.engine import Connection

T = TypeVar("T")

LONG_WORK_S = 3600.0
"""Silence allowed to work of which nobody knows how long it takes: exports, verifying, upgrades."""
_LOOK_S = 0.1  # psycopg's own interval


class ServerSilent(psycopg.OperationalError):
    """The server said nothing for longer than was allowed; the connection has been closed."""

    def __init__(self, silence_s: float) -> None:
        super().__init__(f"no sign of life for {round(silence_s, 1):g} s")


class CutOffNow(psycopg.OperationalError):
    """This program has cut itself off from the database; the connection has been closed."""


class Overtaken(psycopg.OperationalError):
    """Another server was promoted after this one, which does not know; the connection has been closed."""


class Overseer(Protocol):
    """What is known beyond one connection. Any thread may call."""

    def refusal(self, connection: "WatchedConnection") -> psycopg.Error | None:
        """Return why nothing may be asked on a connection now; None where it may. Asked very often."""
        ...

    def is_known_silent(self, connection: "WatchedConnection", since_s: float) -> bool:
        """Whether another connection found the same server silent after `since_s` (monotonic)."""
        ...

    def note_silence(self, connection: "WatchedConnection") -> None:
        """Take note that the server of a connection gave no answer."""
        ...


class WatchedConnection(psycopg.Connection[Any]):
    """psycopg's connection with an end to every wait.

    Attributes:
        limit_s: Longest silence of the server within one statement; bytes that come or go end a silence.
        server: Host and port it was made to.
        timeline: Identity of the cluster, and how often its leader had changed; zeros where nobody asked.
        overseer: Knows about drills and about other connections; None for nobody.
    """

    limit_s: float = math.inf
    server: tuple[str, str] = ("", "")
    timeline: tuple[int, int] = (0, 0)
    overseer: Overseer | None = None

    def wait(self, gen: PQGen[T], interval: float = _LOOK_S, timeout: float | None = None) -> T:
        """Wait as psycopg does, but for no longer than `limit_s` without a sign of life.

        Raises:
            ServerSilent: Nothing came; the connection is closed.
            CutOffNow, Overtaken: See `Overseer.refusal`; the connection is closed.
        """
        # Who brings a time-out of their own waits for news, not for an answer.
        limit_s = self.limit_s if timeout is None else math.inf
        try:
            return super().wait(self._watched(gen, limit_s), interval, timeout)
        except ServerSilent:
            self.close()
            if self.overseer is not None:
                self.overseer.note_silence(self)
            raise
        except (CutOffNow, Overtaken):
            self.close()
            raise

    def _watched(self, gen: PQGen[T], limit_s: float) -> PQGen[T]:
        """Hand on what psycopg and its generator say to each other, and count the silence between."""
        self._raise_if_refused()
        quiet_since_s = time.monotonic()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                now_s = time.monotonic()
                if ready:
                    quiet_since_s = now_s
                else:
                    self._raise_if_refused()
                    self._raise_if_silent(quiet_since_s, now_s, limit_s)
                wanted = gen.send(ready)
        except StopIteration as end:
            return end.value

    def _raise_if_refused(self) -> None:
        if self.overseer is not None and (refusal := self.overseer.refusal(self)):
            raise refusal

    def _raise_if_silent(self, since_s: float, now_s: float, limit_s: float) -> None:
        is_silent = now_s - since_s > limit_s or (
            # What waits for news without a limit has its own way of asking (models/listening.py).
            limit_s < LONG_WORK_S
            and self.overseer is not None
            and self.overseer.is_known_silent(self, since_s)
        )
        if is_silent:
            raise ServerSilent(now_s - since_s)


def allow_long_work(connection: Connection) -> None:
    """Let statements of this transaction take an hour, without any limit at the server."""
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    own = connection.connection.dbapi_connection
    if isinstance(own, WatchedConnection):
        own.limit_s = LONG_WORK_S


class Patience:
    """How long one thread waits for a silent server: longer after each silence, to tell slow from dead.

    A frozen server is left after the shortest limit. One that is only slow would be left again and again, and
    never get the same work done; each silence in a row therefore doubles the limit.
    """

    def __init__(
        self, least_s: float, most_s: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin with the shortest limit, in seconds."""
        self._least_s = least_s
        self._most_s = max(least_s, most_s)
        self._monotonic = monotonic
        self.limit_s = least_s

    def met_silence(self) -> None:
        """Wait twice as long from now on."""
        self.limit_s = min(self._most_s, 2 * self.limit_s)

    def was_answered(self, took_s: float) -> None:
        """Go back to what the last answer asks for: three times what it took, at least the shortest limit."""
        self.limit_s = max(self._least_s, min(self.limit_s, 3 * took_s))
