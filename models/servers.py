"""The servers of one place: which is asked first, which has been overtaken, and whether any may be asked.

Shared by every login's way to the place, so that what one connection learns the next one knows.
"""

import threading
import time
import weakref
from collections.abc import Mapping
from typing import Any, Protocol

import psycopg

from models import listening
from models.cut_off import CutOffSwitch
from models.watched_connection import CutOffNow, Overtaken, WatchedConnection

Server = tuple[str, str]

_HURRY_S = 2
"""For each server, where somebody is in a hurry; psycopg takes no less."""

# The timeline of what a leader writes: each promotion begins the next (PostgreSQL, "Timelines").
_TIMELINE = (
    "SELECT (SELECT system_identifier FROM pg_control_system()),"
    " substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"
)


class Closable(Protocol):
    """A way to the place with idle connections of its own."""

    def close(self) -> None:
        """Close every connection that is not lent out."""
        ...


class Servers:
    """Opens connections, and remembers what came of it. Any thread may call."""

    def __init__(self) -> None:
        """Begin without any knowledge: servers are asked in the order of the address."""
        self.switch = CutOffSwitch()
        self._lock = threading.Lock()
        self._order: list[Server] = []
        self._silent_at_s: dict[Server, float] = {}
        self._timelines: dict[int, int] = {}
        self._ways: weakref.WeakSet[Closable] = weakref.WeakSet()

    def join(self, way: Closable) -> None:
        """Have a way to this place closed when the program is cut off."""
        with self._lock:
            self._ways.add(way)

    def cut_off(self, seconds: float) -> None:
        """Ask nothing for so many seconds; shut idle connections now, others within 0.1 s."""
        self.switch.cut(seconds)
        with self._lock:
            ways = list(self._ways)
        for way in ways:
            way.close()

    def refusal(self, connection: WatchedConnection) -> psycopg.Error | None:
        """See `Overseer.refusal`."""
        if reason := self.switch.why_not():
            return CutOffNow(reason)
        cluster, timeline = connection.timeline
        newest = self._timelines.get(cluster, 0)
        return _overtaken(timeline, newest) if timeline < newest else None

    def is_known_silent(self, connection: WatchedConnection, since_s: float) -> bool:
        """See `Overseer.is_known_silent`. Nothing is given up before a silence that means something."""
        found_at_s = self._silent_at_s.get(connection.server)
        has_waited = time.monotonic() - since_s > listening.ANSWER_WITHIN_S
        return has_waited and found_at_s is not None and found_at_s > since_s

    def note_silence(self, connection: WatchedConnection) -> None:
        """See `Overseer.note_silence`. From now on this server is asked last."""
        with self._lock:
            self._put(connection.server, is_first=False)

    def note_listener_lost(self, connection: WatchedConnection) -> None:
        """Take note that a server gave no sign of life: questions that wait for it need not wait longer."""
        with self._lock:
            self._silent_at_s[connection.server] = time.monotonic()
            self._put(connection.server, is_first=False)

    def connect(
        self, options: Mapping[str, Any], limit_s: float, *, is_patient: bool = True
    ) -> WatchedConnection:
        """Open a connection to the first server that lets in and is not overtaken.

        Args:
            options: As libpq takes them; hosts, ports and addresses may be lists.
            limit_s: Silence it will allow; see `WatchedConnection`.
            is_patient: Give each server the address's own time to let in, not 2 s at most.

        Raises:
            psycopg.Error: None did; the text names every server's reason.
        """
        if reason := self.switch.why_not():
            raise CutOffNow(reason)
        each = _each_server(options)
        if not is_patient:
            each = [(server, _hurried(chosen)) for server, chosen in each]
        if len(each) == 1:
            return self._connected(*each[0], limit_s)
        failures: list[tuple[Server, psycopg.Error]] = []
        for server, chosen in self._ordered(each):
            try:
                connection = self._connected(server, chosen, limit_s)
                self._refuse_overtaken(connection, chosen)
            except psycopg.Error as error:
                failures.append((server, error))
                continue
            with self._lock:
                self._put(server, is_first=True)
            return connection
        raise _all_failed(failures)

    def _connected(self, server: Server, options: Mapping[str, Any], limit_s: float) -> WatchedConnection:
        connection = WatchedConnection.connect(**options)
        connection.server, connection.overseer, connection.limit_s = server, self, limit_s
        return connection

    def _refuse_overtaken(self, connection: WatchedConnection, options: Mapping[str, Any]) -> None:
        """Close a leader of yesterday: another was promoted since, and what is written here would be lost.

        Only what this program has seen counts; a server that was never allowed to come back is better
        (fencing, the affair of whoever promotes).
        """
        if options.get("target_session_attrs") not in ("read-write", "primary"):
            return
        was_autocommit, connection.autocommit = connection.autocommit, True
        try:
            row = connection.execute(_TIMELINE).fetchone()
        except psycopg.Error:
            if connection.closed:
                raise
            row = None  # what is only nearly PostgreSQL need not know timelines
        connection.autocommit = was_autocommit
        if row is None:
            return
        cluster, timeline = connection.timeline = int(row[0]), int(row[1], 16)
        with self._lock:
            newest = self._timelines[cluster] = max(timeline, self._timelines.get(cluster, 0))
        if timeline < newest:
            connection.close()
            raise _overtaken(timeline, newest)

    def _ordered(self, each: list[tuple[Server, dict[str, Any]]]) -> list[tuple[Server, dict[str, Any]]]:
        with self._lock:
            for server, _ in each:
                if server not in self._order:
                    self._order.append(server)
            rank = {server: place for place, server in enumerate(self._order)}
        return sorted(each, key=lambda one: rank[one[0]])

    def _put(self, server: Server, *, is_first: bool) -> None:
        if server in self._order:
            self._order.remove(server)
            self._order.insert(0 if is_first else len(self._order), server)


def _each_server(options: Mapping[str, Any]) -> list[tuple[Server, dict[str, Any]]]:
    """Take the lists of an address apart: options for each server alone."""
    hosts = str(options.get("host", "")).split(",")
    addresses = str(options.get("hostaddr", "")).split(",")
    ports = str(options.get("port", "")).split(",")
    count = max(len(hosts), len(addresses))
    if count == 1:
        return [((hosts[0] or addresses[0], ports[0]), dict(options))]
    found: list[tuple[Server, dict[str, Any]]] = []
    for place in range(count):
        one = dict(options)
        for name, values in (("host", hosts), ("hostaddr", addresses), ("port", ports)):
            one[name] = values[place if len(values) == count else 0]
        found.append(
            ((one["host"] or one["hostaddr"], one["port"]), {k: v for k, v in one.items() if v != ""})
        )
    return found


def _overtaken(timeline: int, newest: int) -> Overtaken:
    return Overtaken(
        "connection failed: it takes changes although another server was promoted after it "
        f"(timeline {timeline}, not {newest}); stop it, and set it up as a standby"
    )


def _hurried(options: Mapping[str, Any]) -> dict[str, Any]:
    return {**options, "connect_timeout": _HURRY_S}


def _all_failed(failures: list[tuple[Server, psycopg.Error]]) -> psycopg.Error:
    """Say everything in one error: the first server may name the cause, the last only that it is none."""
    lines = [str(failures[-1][1]), "Multiple connection attempts failed. All failures were:"]
    lines += [f"- host: {host!r}, port: {port!r}: {error}" for (host, port), error in failures]
    return psycopg.OperationalError("\n".join(lines))
