"""Exchanges with one server, noted in a `LineTrace`: what was asked, how it ended, how long it took."""

import time
from typing import Any, cast

from asyncua import ua

from drivers.opcua.decode import status_words
from drivers.trace import ErrorKind, ExchangeTrace, LineTrace

MOST_KEPT_BYTES = 4096
"""So much of a message is kept to be looked at."""

_ASKED: dict[type[object], str] = {
    ua.PublishRequest: "wait for changes",
    ua.CreateSubscriptionRequest: "make a subscription",
    ua.DeleteSubscriptionsRequest: "end a subscription",
    ua.BrowseNextRequest: "browse on",
}


class ExchangeNotes:
    """One request from sending to its end. Made in the hot path: keeps references, and builds at the end."""

    __slots__ = ("_asked", "_began_s", "_body", "_is_timed", "_sent_unix", "_trace")

    def __init__(self, trace: LineTrace, request: Any) -> None:
        """Note that a request goes out now."""
        self._trace = trace
        self._asked = request
        self._body = b""
        # How long a server keeps a publish request says nothing of the line.
        self._is_timed = not isinstance(request, ua.PublishRequest)
        self._sent_unix = time.time()
        self._began_s = time.perf_counter()
        trace.requests += 1

    def sent(self, body: bytes) -> None:
        """Note what went out, before encryption."""
        self._body = body

    def answered(self, response: bytes) -> None:
        """Note a good answer."""
        trace = self._trace
        took_ms = (time.perf_counter() - self._began_s) * 1000.0
        trace.answers += 1
        trace.answered_unix = time.time()
        if self._is_timed:
            trace.round_trips_ms.append(took_ms)
        trace.last = self._exchange(took_ms, response, "")

    def failed(self, error: Exception) -> None:
        """Note what came of it instead of a good answer."""
        kind, words = _kind_of(error)
        took_ms = (time.perf_counter() - self._began_s) * 1000.0
        self._trace.count_error(kind)
        self._trace.last = self._trace.last_failed = self._exchange(took_ms, b"", words)

    def _exchange(self, took_ms: float, response: bytes, outcome: str) -> ExchangeTrace:
        return ExchangeTrace(
            self._sent_unix,
            took_ms,
            self._body[:MOST_KEPT_BYTES],
            response[:MOST_KEPT_BYTES],
            asked_words(self._asked),
            outcome,
        )


def asked_words(request: Any) -> str:
    """Return what a request asks for, for people."""
    words = _ASKED.get(cast("type[object]", type(request)))
    if words is not None:
        return words
    parameters = getattr(request, "Parameters", None)
    if isinstance(request, ua.ReadRequest):
        return _read_words(list(parameters.NodesToRead)) if parameters is not None else "read"
    if isinstance(request, ua.CreateMonitoredItemsRequest) and parameters is not None:
        return f"watch {len(parameters.ItemsToCreate)} nodes"
    if isinstance(request, ua.DeleteMonitoredItemsRequest) and parameters is not None:
        return f"no longer watch {len(parameters.MonitoredItemIds)} nodes"
    if isinstance(request, ua.BrowseRequest) and parameters is not None:
        count = len(parameters.NodesToBrowse)
        return f"browse {count} node{'' if count == 1 else 's'}"
    if isinstance(request, ua.WriteRequest) and parameters is not None:
        return f"write {parameters.NodesToWrite[0].NodeId.to_string()}"
    return type(request).__name__.removesuffix("Request").lower()


def note_failed_step(trace: LineTrace, asked: str, error: Exception, took_ms: float) -> None:
    """Note a step of connecting that failed; without bytes, which may hold a password."""
    kind, words = _kind_of(error)
    trace.count_error(kind)
    trace.last = trace.last_failed = ExchangeTrace(
        time.time() - took_ms / 1000.0, took_ms, asked=asked, outcome=words
    )


def trace_since(trace: LineTrace, before: LineTrace | None = None) -> LineTrace:
    """Return a copy of `trace` whose counts begin at those of `before`; round trips stay the living ones."""
    since, counted = LineTrace(), before or LineTrace()
    since.sent_bytes = trace.sent_bytes - counted.sent_bytes
    since.received_bytes = trace.received_bytes - counted.received_bytes
    since.requests = trace.requests - counted.requests
    since.answers = trace.answers - counted.answers
    more = {kind: count - counted.errors.get(kind, 0) for kind, count in trace.errors.items()}
    since.errors = {kind: count for kind, count in more.items() if count}
    since.last, since.last_failed = trace.last, trace.last_failed
    since.answered_unix = trace.answered_unix
    since.round_trips_ms = trace.round_trips_ms
    return since


def _read_words(nodes: list[Any]) -> str:
    if len(nodes) == 1:
        return f"read {nodes[0].NodeId.to_string()}"
    return f"read {len(nodes)} nodes, {nodes[0].NodeId.to_string()} first" if nodes else "read nothing"


def _kind_of(error: Exception) -> tuple[ErrorKind, str]:
    if isinstance(error, ua.UaStatusCodeError):
        return ErrorKind.REFUSAL, status_words(error.code or 0)
    if isinstance(error, TimeoutError):
        return ErrorKind.TIMEOUT, "no answer in time"
    if isinstance(error, OSError):
        return ErrorKind.CONNECTION, "the connection ended"
    return ErrorKind.WRONG_ANSWER, "the answer cannot be understood"
