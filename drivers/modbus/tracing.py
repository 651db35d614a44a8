"""What passed between this program and one unit, noted at the cost of a few additions a request.

A good answer is only counted, and its exchange kept; bytes and words are made when somebody asks. What goes
wrong is written down at once.
"""

import time
from functools import partial

from drivers.errors import DriverError
from drivers.modbus import faults
from drivers.modbus.requests import EXCEPTION_BIT, EXCEPTION_SIZE
from drivers.modbus.turns import Exchange
from drivers.trace import ErrorKind, ExchangeTrace, LineTrace

_HEADER_SIZE = 7
"""Transaction, protocol, length and unit of a frame on TCP."""
_READ_SIZE = 12
"""Bytes of a read request on TCP."""


class ExchangeBook:
    """Keeps the `LineTrace` of one unit. Used from the event loop only."""

    __slots__ = ("_good", "_good_bytes", "_last_good", "_trace", "_trips")

    def __init__(self) -> None:
        """Begin with nothing."""
        self._trace = LineTrace()
        self._trips = self._trace.round_trips_ms
        self._last_good: Exchange | None = None
        self._good = self._good_bytes = 0

    @property
    def trace(self) -> LineTrace:
        """Return the living counters."""
        self._count_good()
        return self._trace

    def answered(self, exchange: Exchange) -> None:
        """Note an answer as it should be. In the hot path."""
        self._good += 1
        self._good_bytes += exchange.request.reply_size
        self._trips.append((exchange.received_unix - exchange.sent_unix) * 1000)
        self._last_good = exchange

    def answered_in_frames(self, exchange: Exchange) -> None:
        """Note an answer as it should be, on a line whose frames are not those of TCP."""
        self.answered(exchange)
        self._trace.sent_bytes += len(exchange.sent) - _READ_SIZE
        self._trace.received_bytes += len(exchange.raw) - exchange.request.reply_size

    def refused(self, exchange: Exchange, words: str) -> None:
        """Note that the unit answered and said no, and why."""
        self._trips.append(exchange.took_ms)
        self._failed(exchange, ErrorKind.REFUSAL, words)
        self._trace.answered_unix = exchange.received_unix

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
        self._count_good()
        self._trace.last = self._trace.last_failed = failed

    def bad_values(self, count: int) -> None:
        """Note values that decode to no number."""
        for _ in range(count):
            self._trace.count_error(ErrorKind.BAD_VALUE)

    def _failed(self, exchange: Exchange, kind: ErrorKind, words: str) -> None:
        self._count_good()
        trace = self._trace
        trace.requests += 1
        trace.count_error(kind)
        failed = written(exchange, words)
        trace.sent_bytes += len(failed.request)
        trace.received_bytes += len(failed.response)
        trace.last = trace.last_failed = failed

    def _count_good(self) -> None:
        """Count what was only noted since."""
        exchange, self._last_good = self._last_good, None
        if exchange is None:
            return
        trace = self._trace
        trace.requests += self._good
        trace.answers += self._good
        trace.sent_bytes += self._good * _READ_SIZE
        trace.received_bytes += self._good_bytes
        trace.answered_unix = exchange.received_unix
        trace.write_last_when_asked(partial(written, exchange, ""))
        self._good = self._good_bytes = 0


def kind_of(error: DriverError) -> ErrorKind:
    """Return as what a loss is counted."""
    if isinstance(error, faults.WrongAnswer):
        return ErrorKind.WRONG_ANSWER
    if isinstance(error, faults.NoAnswer | faults.NoTurn):
        return ErrorKind.TIMEOUT
    return ErrorKind.CONNECTION


def written(exchange: Exchange, outcome: str) -> ExchangeTrace:
    """Return an exchange for people."""
    return ExchangeTrace(
        sent_unix=exchange.sent_unix,
        took_ms=exchange.took_ms,
        request=exchange.sent,
        response=response_bytes(exchange),
        asked=f"{exchange.request.asked} of unit {exchange.request.unit}",
        outcome=outcome,
    )


def response_bytes(exchange: Exchange) -> bytes:
    """Return what came back, as on the wire; empty where nothing did."""
    if exchange.raw or not exchange.received_unix:
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
