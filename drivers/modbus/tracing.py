"""What passed between this program and one unit, noted at the cost of a few additions a request.

A good answer is only counted, and its exchange kept; bytes and words are made when somebody asks. What goes
wrong is written down at once.
"""

import time

from drivers.errors import DriverError
from drivers.modbus import faults
from drivers.modbus.requests import EXCEPTION_BIT, EXCEPTION_SIZE
from drivers.modbus.turns import Exchange
from drivers.trace import ErrorKind, ExchangeTrace, LineTrace

_HEADER_SIZE = 7
"""Transaction, protocol, length and unit of a frame on TCP."""


class ExchangeBook:
    """Keeps the `LineTrace` of one unit. Used from the event loop only."""

    __slots__ = ("_last_good", "_trace")

    def __init__(self) -> None:
        """Begin with nothing."""
        self._trace = LineTrace()
        self._last_good: Exchange | None = None

    @property
    def trace(self) -> LineTrace:
        """Return the living counters, the newest exchange written out."""
        exchange, self._last_good = self._last_good, None
        if exchange is not None:
            self._trace.last = written(exchange, "")
        return self._trace

    def answered(self, exchange: Exchange) -> None:
        """Note an answer as it should be. In the hot path."""
        trace = self._trace
        trace.answers += 1
        trace.requests += 1
        if exchange.sent:
            trace.sent_bytes += len(exchange.sent)
            trace.received_bytes += len(exchange.raw)
        else:
            trace.sent_bytes += 12
            trace.received_bytes += exchange.request.reply_size
        trace.answered_unix = exchange.received_unix
        trace.round_trips_ms.append(exchange.took_s * 1000)
        self._last_good = exchange

    def refused(self, exchange: Exchange, words: str) -> None:
        """Note that the unit answered and said no, and why."""
        trace = self._trace
        trace.round_trips_ms.append(exchange.took_s * 1000)
        trace.answered_unix = exchange.received_unix
        self._failed(exchange, ErrorKind.REFUSAL, words)

    def lost(self, exchange: Exchange, error: DriverError) -> None:
        """Note that no answer came that could be used."""
        if not exchange.transaction:
            self._trace.count_error(kind_of(error))
            return
        self._failed(exchange, kind_of(error), _clause(error))

    def not_connected(self, began_unix: float, peer: str, error: DriverError) -> None:
        """Note that no connection could be made."""
        took_ms = (time.time() - began_unix) * 1000
        self._trace.count_error(ErrorKind.CONNECTION)
        failed = ExchangeTrace(began_unix, took_ms, asked=f"connect to {peer}", outcome=_clause(error))
        self._last_good = None
        self._trace.last = self._trace.last_failed = failed

    def bad_values(self, count: int) -> None:
        """Note values that decode to no number."""
        for _ in range(count):
            self._trace.count_error(ErrorKind.BAD_VALUE)

    def _failed(self, exchange: Exchange, kind: ErrorKind, words: str) -> None:
        trace = self._trace
        trace.requests += 1
        trace.count_error(kind)
        failed = written(exchange, words)
        trace.sent_bytes += len(failed.request)
        trace.received_bytes += len(failed.response)
        self._last_good = None
        trace.last = trace.last_failed = failed


def kind_of(error: DriverError) -> ErrorKind:
    """Return as what a loss is counted."""
    if isinstance(error, faults.WrongAnswer):
        return ErrorKind.WRONG_ANSWER
    if isinstance(error, faults.NoAnswer | faults.NoTurn):
        return ErrorKind.TIMEOUT
    return ErrorKind.CONNECTION


def written(exchange: Exchange, outcome: str) -> ExchangeTrace:
    """Return an exchange for people."""
    since_s = time.perf_counter() - exchange.began
    return ExchangeTrace(
        sent_unix=time.time() - since_s,
        took_ms=(exchange.took_s or since_s) * 1000,
        request=request_bytes(exchange),
        response=response_bytes(exchange),
        asked=f"{exchange.request.asked} of unit {exchange.request.unit}",
        outcome=outcome,
    )


def request_bytes(exchange: Exchange) -> bytes:
    """Return what was sent, as on the wire."""
    return exchange.sent or exchange.transaction.to_bytes(2, "big") + exchange.request.tail


def response_bytes(exchange: Exchange) -> bytes:
    """Return what came back, as on the wire; empty where nothing did."""
    if exchange.raw or not exchange.took_s:
        return exchange.raw
    number, request = exchange.transaction.to_bytes(2, "big"), exchange.request
    if exchange.code:
        head = (0).to_bytes(2, "big") + (EXCEPTION_SIZE + 1).to_bytes(2, "big")
        return number + head + bytes([request.unit, request.function | EXCEPTION_BIT, exchange.code])
    future = exchange.future
    if future.cancelled() or future.exception() is not None:
        return b""
    return number + request.reply_head[: _HEADER_SIZE - 2 + len(request.expected)] + future.result()


def _clause(error: DriverError) -> str:
    return str(error).rstrip(".")
