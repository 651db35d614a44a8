"""Whose request goes onto a shared line next. Pure: times come from the caller.

A request goes out when the line is free. It keeps the line until its answer comes or its turn is over; then
the next unit's request may overtake it, up to `max_in_flight` at once. So devices that can only handle one
request at a time (many) never see a second one while they work, slow serial lines are not flooded (a turn is
never shorter than three times the usual answer), and a dead unit costs its siblings one turn. A unit that
failed to answer is suspect until it answers: it waits behind the others, may hold only half of the places,
and its turn is shorter. Where a line carries one request at a time, a silent unit holds it for its whole
time-out, so that a suspect is asked only after several others were. No unit has two requests under way.
"""

import asyncio
import time
from collections import deque

import msgspec

from drivers.errors import DriverError
from drivers.modbus.requests import Request
from drivers.modbus.settings_parts import LineRules

SUSPECT_TURN_S = 0.010
"""Long enough for a device to take a request off the line before the next one comes."""
USUAL_ANSWERS_PER_TURN = 3
ANSWERS_BETWEEN_SUSPECTS = 8
"""On a line for one request at a time: so many answers of others at least, where others wait."""


class Exchange(msgspec.Struct, eq=False):
    """One request on its way. `future` ends with the payload, or raises LineLost or NeedsHuman.

    Attributes:
        code: Modbus exception code where the unit refused (the payload is empty then), otherwise 0.
        sent_unix: When it was sent, Unix seconds (some loops' own clocks know milliseconds only).
        received_unix: When the answer came, right or wrong, Unix seconds; 0 before that.
        transaction: The id it was sent with; 0 before that.
        strays: Answers to no open request that came while this one waited.
        is_probe: Whether silence says nothing of unit or line: somebody looks who is there.
        raw: The bytes that came, where the line keeps them; empty = header, head and payload.
    """

    request: Request
    timeout_s: float
    future: "asyncio.Future[bytes]"
    is_probe: bool = False
    raw: bytes = b""
    code: int = 0
    received_unix: float = 0.0
    transaction: int = 0
    queued_at: float = 0.0
    sent_at: float = 0.0
    sent_unix: float = 0.0
    deadline: float = 0.0
    strays: int = 0

    def succeed(self, payload: bytes) -> None:
        """Hand the payload to whoever waits."""
        # Where the waiter was cancelled the future is done already, and `Wire.abandon` follows.
        if not self.future.done():
            self.future.set_result(payload)

    def fail(self, lost: DriverError) -> None:
        """Raise `lost` where somebody waits."""
        if not self.future.done():
            self.future.set_exception(lost)

    @property
    def took_ms(self) -> float:
        """How long the answer took; until there is one, how long it has been waited for."""
        return ((self.received_unix or time.time()) - self.sent_unix) * 1000

    @property
    def sent(self) -> bytes:
        """The bytes that were sent."""
        return self.transaction.to_bytes(2, "big") + self.request.tail

    @property
    def gives_up_at(self) -> float:
        """When it has waited for its turn long enough (loop time)."""
        return self.queued_at + 2 * self.timeout_s


class FramedExchange(Exchange, eq=False):
    """An exchange on a line that wraps its frames in another way than TCP, and keeps them."""

    frame: bytes = b""

    @property
    def sent(self) -> bytes:
        """The bytes that were sent."""
        return self.frame


class PassingExchange(Exchange, eq=False):
    """An exchange that goes on with another request to the same unit once the one before is answered."""

    def go_on(self, payload: bytes) -> bool:
        """Take an answer; return whether `request` is the next one by now, to be sent. Never raises."""
        raise NotImplementedError


class Turns:
    """The queue of one line, and what is known of the units on it.

    Attributes:
        rules: May be replaced at any time.
        waiting: Requests not yet sent, oldest first.
    """

    __slots__ = (
        "_answers_since_silence",
        "_busy_units",
        "_holder",
        "_quiet_until",
        "_suspects",
        "_usual_answer_s",
        "rules",
        "waiting",
    )

    def __init__(self, rules: LineRules) -> None:
        self.rules = rules
        self.waiting: deque[Exchange] = deque()
        self._busy_units: set[int] = set()
        self._suspects: set[int] = set()
        self._answers_since_silence = 0
        self._holder: Exchange | None = None
        self._usual_answer_s = 0.0
        self._quiet_until = 0.0

    @property
    def is_idle(self) -> bool:
        """Whether a request may be sent at once, without asking `take`."""
        return not self._busy_units and not self.waiting and not self.rules.pause_s

    def begin(self, exchange: Exchange) -> None:
        """Note that `exchange` was sent, at its `sent_at`."""
        self._busy_units.add(exchange.request.unit)
        self._holder = exchange

    def end(self, exchange: Exchange, now: float) -> None:
        """Note that nothing is expected for `exchange` any more."""
        self._busy_units.discard(exchange.request.unit)
        if self._holder is exchange:
            self._holder = None
        if self.rules.pause_s:
            self._quiet_until = now + self.rules.pause_s

    def answered(self, exchange: Exchange, now: float) -> None:
        """Note a proper answer: the unit lives, and answers take about this long here."""
        if self._suspects:
            self._suspects.discard(exchange.request.unit)
            self._answers_since_silence += 1
        took_s, usual_s = now - exchange.sent_at, self._usual_answer_s
        if usual_s:
            # One slow unit among quick ones must not lengthen everybody's turn.
            usual_s += (min(took_s, 2 * usual_s) - usual_s) / 8
        else:
            usual_s = took_s
        self._usual_answer_s = usual_s

    def silent(self, exchange: Exchange) -> None:
        """Note that the unit did not answer in time."""
        self._suspects.add(exchange.request.unit)
        self._answers_since_silence = 0

    def free_at(self) -> float:
        """Return when the next request may be sent (loop time, may be past), were there a place for it."""
        holder = self._holder
        return self._quiet_until if holder is None else max(self._quiet_until, self._turn_end(holder))

    def take(self, now: float) -> Exchange | None:
        """Take who is to be sent next out of the queue: first come first served, suspects behind the others.

        None where nobody waits, no place is free, or all who wait belong to units that are busy.
        """
        if not self.waiting or len(self._busy_units) >= self.rules.max_in_flight:
            return None
        exchange = self._choose(now)
        if exchange is not None:
            self.waiting.remove(exchange)
        return exchange

    def _choose(self, now: float) -> Exchange | None:
        suspect_places = max(1, self.rules.max_in_flight // 2)
        is_place_for_suspect = len(self._suspects & self._busy_units) < suspect_places
        may_go_first = self.rules.max_in_flight > 1 or self._answers_since_silence >= ANSWERS_BETWEEN_SUSPECTS
        suspect: Exchange | None = None
        for exchange in self.waiting:
            unit = exchange.request.unit
            if unit in self._busy_units:
                continue
            if unit not in self._suspects:
                return exchange
            if not is_place_for_suspect:
                continue
            if may_go_first and now - exchange.queued_at >= exchange.timeout_s:
                return exchange  # Waiting behind the others must have an end, or it stays suspect for ever.
            suspect = suspect or exchange
        return suspect

    def _turn_end(self, holder: Exchange) -> float:
        turn_s = self.rules.turn_s
        if turn_s:
            turn_s = min(max(turn_s, USUAL_ANSWERS_PER_TURN * self._usual_answer_s), holder.timeout_s)
            if holder.request.unit in self._suspects:
                turn_s = min(turn_s, SUSPECT_TURN_S)
        return holder.sent_at + turn_s
