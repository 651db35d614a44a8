"""What passed between this program and a device last: kept by drivers, shown where somebody asks why.

`LineTrace` is filled in the hot path, so it only counts and keeps references; everything else is made when
somebody asks.
"""

from collections import deque
from collections.abc import Callable
from enum import StrEnum

import msgspec

ROUND_TRIPS = 256
"""How many of the latest round trips figures are made of."""


class ExchangeTrace(msgspec.Struct, frozen=True):
    """One request and what came of it.

    Attributes:
        sent_unix: When it was sent, Unix seconds, this computer's clock.
        took_ms: Until the answer, or until it was given up.
        request, response: Bytes as on the wire; empty where the protocol library keeps them to itself, or
            nothing came.
        asked: What was asked, for people: "read holding 0 to 9 of unit 3".
        outcome: Empty where it was answered as it should be; otherwise one clause.
    """

    sent_unix: float
    took_ms: float
    request: bytes = b""
    response: bytes = b""
    asked: str = ""
    outcome: str = ""


class ErrorKind(StrEnum):
    """The kinds by which errors are counted."""

    TIMEOUT = "timeout"
    CONNECTION = "connection"
    REFUSAL = "refusal"
    WRONG_ANSWER = "wrong answer"
    BAD_VALUE = "bad value"


class LineTrace:
    """Counts and keeps what passed. Used from the event loop only.

    Attributes:
        sent_bytes, received_bytes: Since the program started, of whole frames.
        requests, answers: Sent, and answered as they should be.
        errors: How many of each kind.
        last_failed: The newest that was not answered as it should be, None while there was none.
        answered_unix: When the newest good answer came, 0 before the first.
    """

    __slots__ = (
        "_last",
        "_write_last",
        "answered_unix",
        "answers",
        "errors",
        "last_failed",
        "received_bytes",
        "requests",
        "round_trips_ms",
        "sent_bytes",
    )

    def __init__(self) -> None:
        """Begin with nothing."""
        self.sent_bytes = 0
        self.received_bytes = 0
        self.requests = 0
        self.answers = 0
        self.errors: dict[str, int] = {}
        self._last: ExchangeTrace | None = None
        self._write_last: Callable[[], ExchangeTrace] | None = None
        self.last_failed: ExchangeTrace | None = None
        self.answered_unix = 0.0
        self.round_trips_ms: deque[float] = deque(maxlen=ROUND_TRIPS)

    @property
    def last(self) -> ExchangeTrace | None:
        """The newest exchange, None before the first."""
        write, self._write_last = self._write_last, None
        if write is not None:
            self._last = write()
        return self._last

    @last.setter
    def last(self, newest: ExchangeTrace | None) -> None:
        self._last, self._write_last = newest, None

    def write_last_when_asked(self, write: Callable[[], ExchangeTrace]) -> None:
        """Take the newest exchange as what writes it down: counters are asked for far oftener than it is."""
        self._write_last = write

    def count_error(self, kind: str) -> None:
        """Count an error of a kind (`ErrorKind`)."""
        self.errors[kind] = self.errors.get(kind, 0) + 1
