"""Waiting for notifications on a connection that may have died without a word.

A line cut in silence (a switch without power, a frozen server) says nothing to a program that only waits, and
TCP's keepalive takes 11 s to notice. So a listener that has heard nothing for a while asks something.
"""

import threading
import time
from collections.abc import Iterator

import psycopg

from models.watched_connection import ServerSilent

SLICE_S = 0.25
QUIET_S = 2.0
"""Silence after which the server is asked for a sign of life."""
ANSWER_WITHIN_S = 3.0
"""More than a loaded server takes for an empty question; beyond it the connection counts as cut."""


def heard(connection: psycopg.Connection, stop: threading.Event) -> Iterator[tuple[str, str]]:
    """Yield channel and payload of what is announced, until `stop` is set; closes the connection at the end.

    What is announced several times while the caller is busy is yielded once: who answers by asking for
    everything again would only fall behind.

    Raises:
        psycopg.Error: The connection was cut.
        ServerSilent: It gave no sign of life.
    """
    probe = _Probe(connection)
    try:
        while not stop.is_set():
            news = list(connection.notifies(timeout=SLICE_S, stop_after=1))
            yield from dict.fromkeys((notify.channel, notify.payload) for notify in news)
            probe.look(is_news=bool(news))
    finally:
        # With a question in flight psycopg's own way out would wait for the answer.
        connection.close()


class _Probe:
    """Asks after silence, and counts how long the answer takes. The answer is read by the waiting above."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._quiet_since_s = time.monotonic()
        self._asked_at_s: float | None = None

    def look(self, *, is_news: bool) -> None:
        """Ask if it has been quiet for long. Raises ServerSilent where no answer came."""
        now_s, server = time.monotonic(), self._connection.pgconn
        if self._asked_at_s is not None:
            if server.is_busy():
                if now_s - self._asked_at_s > ANSWER_WITHIN_S:
                    raise ServerSilent(ANSWER_WITHIN_S)
                return
            while server.get_result() is not None:
                pass
            self._asked_at_s, self._quiet_since_s = None, now_s
        elif is_news:
            self._quiet_since_s = now_s
        elif now_s - self._quiet_since_s > QUIET_S:
            server.send_query(b"")
            server.flush()
            self._asked_at_s = now_s
