"""A line that carries one request at a time: a serial port, RTU frames over TCP, or datagrams.

Answers of serial frames carry no number; `late_answers` keeps one that comes too late from being taken for
the next.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import cast

from drivers.errors import LineLost
from drivers.modbus import faults
from drivers.modbus.alarm import Alarm
from drivers.modbus.framing import Found, Framing
from drivers.modbus.late_answers import LateAnswers
from drivers.modbus.line import Line
from drivers.modbus.line_health import MAX_STRAY_ANSWERS
from drivers.modbus.requests import EXCEPTION_BIT, LARGEST_PDU, Request
from drivers.modbus.settings_parts import LineRules
from drivers.modbus.turns import Exchange, FramedExchange

BUFFER_LIMIT = 1024
"""More than the longest frame (ASCII: 513 characters), and all that a peer can make us keep."""
QUIET_S = 0.05
"""Adapters hand on what they received every 16 ms or so; a longer silence ends a frame."""
_QUIET_CHARACTERS = 20
_LAST_NUMBER = 0xFFFF
_CLOCK_TICK_S = 0.001


class HalfDuplexLine(Line, asyncio.Protocol, asyncio.DatagramProtocol):
    """A line with one request under way."""

    def __init__(
        self,
        peer: str,
        rules: LineRules,
        framing: Framing,
        on_lost: Callable[[Line], None],
        character_s: float = 0.0,
        *,
        ends_when_silent: bool = False,
    ) -> None:
        """Store what is needed.

        Args:
            peer: What is at the other end, for people.
            rules: How it wants to be shared.
            framing: What a frame looks like.
            on_lost: Called once, when it is lost.
            character_s: How long a byte takes, in seconds, where that matters.
            ends_when_silent: Whether a new connection may help where nobody answers.
        """
        super().__init__(peer, rules, on_lost)
        self._framing = framing
        self._character_s = character_s
        self._ends_when_silent = ends_when_silent
        self._quiet_s = max(QUIET_S, _QUIET_CHARACTERS * character_s)
        self._transport: asyncio.BaseTransport | None = None
        self._is_of_datagrams = False
        self._data = b""
        self._heard_at = 0.0
        self._number = 0
        self._current: Exchange | None = None
        self._asking: Request | None = None
        self._late = LateAnswers()
        self._strangers: set[int] = set()
        self._alarm = Alarm(self._loop, self._on_alarm)

    def submit(self, request: Request, timeout_s: float, *, is_probe: bool = False) -> Exchange:
        """Send `request` as soon as it is its turn, and return the exchange to wait for.

        The time-out counts from the sending, what the bytes take on the line added; the wait for a turn is
        limited to twice as long. Whoever stops waiting calls `abandon`.
        """
        exchange = FramedExchange(request, timeout_s, self._loop.create_future(), is_probe)
        if self.fault is not None:
            exchange.future.set_exception(faults.again(self.fault))
            return exchange
        exchange.queued_at = self._loop.time()
        self.turns.waiting.append(exchange)
        self._alarm.set_for(exchange.gives_up_at)
        self._advance()
        return exchange

    def abandon(self, exchange: Exchange) -> None:
        """Forget an exchange nobody waits for any more; its answer will be dropped."""
        if self._current is exchange:
            self._give_up(exchange, self._loop.time())
            self._advance()
        elif exchange in self.turns.waiting:
            self.turns.waiting.remove(exchange)

    def _forget(self) -> Sequence[Exchange]:
        self._alarm.cancel()
        current, self._current = self._current, None
        return [] if current is None else [current]

    def _abort(self) -> None:
        if self._transport is not None:
            cast(asyncio.Transport, self._transport).abort()

    # ---- sending

    def _advance(self) -> None:
        """Send whatever may be sent now, and see to it that this is called again when more may."""
        if self._current is not None or self.fault is not None or not self.turns.waiting:
            return
        now = self._loop.time()
        free_at = self.turns.free_at()
        if now < free_at:
            self._alarm.set_for(free_at)
            return
        exchange = self.turns.take(now)
        if exchange is not None:
            self._begin(exchange, now)

    def _begin(self, exchange: Exchange, now: float) -> None:
        self._current = exchange
        exchange.sent_at = now
        self.turns.begin(exchange)
        self._strangers.clear()
        exchange.deadline = now + exchange.timeout_s + self._travel_s(exchange.request)
        self._alarm.set_for(exchange.deadline)
        if self._framing.has_numbers:
            self._send(exchange, exchange.request)
        else:
            self._loop.call_soon(self._loop.call_soon, self._ask, exchange)

    def _ask(self, exchange: Exchange) -> None:
        """Send, two turns of the loop after `_begin`: what had come until then is read, and not an answer."""
        if self._current is not exchange:
            return
        now = self._loop.time()
        request: Request | None = exchange.request
        if self._late.is_in_doubt(exchange.request, now):
            request = self._late.question_for(exchange.request.unit, now)
        if request is not None:
            self._send(exchange, request)
            return
        self._release(exchange, now)
        exchange.fail(faults.no_answer(self.peer, exchange.request.unit, exchange.timeout_s))
        self._advance()

    def _send(self, exchange: Exchange, request: Request) -> None:
        self._number = exchange.transaction = self._number % _LAST_NUMBER + 1
        self._asking = request
        self._data = b""
        exchange.sent_unix = time.time()
        frame = self._framing.frame(request, self._number)
        if isinstance(exchange, FramedExchange):
            exchange.frame = frame
        transport = self._transport
        if transport is None:
            return
        if self._is_of_datagrams:
            cast(asyncio.DatagramTransport, transport).sendto(frame)
        else:
            cast(asyncio.WriteTransport, transport).write(frame)

    def _travel_s(self, request: Request) -> float:
        factor, constant = self._framing.overhead()
        size = len(request.pdu) + (request.answer_size or LARGEST_PDU)
        return (factor * size + 2 * constant) * self._character_s

    # ---- time

    def _on_alarm(self) -> None:
        now = self._loop.time()
        due = now + _CLOCK_TICK_S
        current = self._current
        if current is not None and self._data and self._heard_at + self._quiet_s <= due:
            self._look(is_quiet=True)
        if current is not None and current is self._current and current.deadline <= due:
            self._time_out(current, now)
        self._end_waiting(due)
        self._advance()
        ends = [exchange.gives_up_at for exchange in self.turns.waiting]
        if self._current is not None:
            ends.append(self._current.deadline)
            if self._data and self._heard_at + self._quiet_s > due:
                ends.append(self._heard_at + self._quiet_s)
        if ends and self.fault is None:
            self._alarm.set_for(min(ends))

    def _time_out(self, exchange: Exchange, now: float) -> None:
        if not exchange.is_probe:
            self.turns.silent(exchange)
        exchange.raw = self._data
        unit = exchange.request.unit
        strangers = tuple(sorted(self._strangers))
        if self._data:
            lost: LineLost = faults.garbled_answer(
                self.peer, exchange.request, f"sent {len(self._data)} bytes and stopped"
            )
        else:
            lost = faults.no_answer(self.peer, unit, exchange.timeout_s, exchange.strays, strangers)
        self._give_up(exchange, now)
        exchange.fail(lost)
        counts = self._ends_when_silent and not exchange.is_probe
        if counts and self.health.timed_out(now, exchange.timeout_s):
            self.drop(faults.silent_peer(self.peer))

    def _give_up(self, exchange: Exchange, now: float) -> None:
        """Note that an answer may still come that nobody waits for."""
        self.health.given_up(now)
        if self._asking is not None:
            self._late.owe(self._asking, now)
        self._release(exchange, now)

    def _release(self, exchange: Exchange, now: float) -> None:
        self._current = self._asking = None
        self._data = b""
        self.turns.end(exchange, now)

    # ---- receiving

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out. Called once, by the loop."""
        self._transport = transport
        self._is_of_datagrams = hasattr(transport, "sendto")

    def error_received(self, exc: Exception) -> None:
        """Take what the system says of a datagram: mostly that nothing listens there."""
        exchange = self._current
        if exchange is not None:
            now = self._loop.time()
            exchange.received_unix = time.time()
            self.turns.silent(exchange)
            self._release(exchange, now)
            exchange.fail(faults.datagram_refused(self.peer, exc))
            self._advance()

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Take one datagram; it is a frame, or nothing."""
        self._data = b""
        self._take(data, is_quiet=True)

    def data_received(self, data: bytes) -> None:
        """Take some bytes of a frame, in portions as they come."""
        self._take(data, is_quiet=False)

    def _take(self, data: bytes, *, is_quiet: bool) -> None:
        if self._asking is None:
            self._take_stray()
            return
        self._heard_at = self._loop.time()
        self._data = (self._data + data)[:BUFFER_LIMIT]
        self._look(is_quiet=is_quiet or len(self._data) >= BUFFER_LIMIT)
        if self._data:
            self._alarm.set_for(self._heard_at + self._quiet_s)
        self._advance()

    def _look(self, *, is_quiet: bool) -> None:
        """Judge what has come so far."""
        while self._data and self._current is not None and self._asking is not None:
            found = self._framing.find(self._asking, self._number, self._data, is_quiet=is_quiet)
            if found is None:
                return
            raw, self._data = self._data[: found.used], self._data[found.used :]
            self._judge(self._current, self._asking, found, raw)

    def _judge(self, exchange: Exchange, asking: Request, found: Found, raw: bytes) -> None:
        if found.is_stray or (found.pdu and not self._framing.has_numbers and self._is_late(found, asking)):
            # That of the unit asked may still come.
            exchange.strays += 1
            if found.pdu and found.unit != asking.unit:
                self._strangers.add(found.unit)
            self._take_stray()
            return
        exchange.raw = raw
        if found.fault:
            self._refuse(exchange, faults.garbled_answer(self.peer, asking, found.fault))
            return
        code = asking.refusal_code(found.pdu) if found.unit == asking.unit else None
        payload = b"" if code is not None else None
        if payload is None and found.unit == asking.unit:
            payload = asking.payload_of(found.pdu)
        if payload is None:
            self._refuse(exchange, faults.wrong_answer(self.peer, asking, found.unit, found.pdu))
            return
        self._late.answered(asking)
        if asking is exchange.request:
            self._answer(exchange, payload, code or 0)
        else:
            # Nothing older can follow. The line gets its rest before what was really to be asked.
            now = self._loop.time()
            self._release(exchange, now)
            exchange.queued_at = now
            self.turns.waiting.appendleft(exchange)

    def _is_late(self, found: Found, asking: Request) -> bool:
        """Return whether a whole frame may be an answer that its unit gave too late."""
        function = found.pdu[0] & ~EXCEPTION_BIT
        if found.unit != asking.unit:
            return True
        return function != asking.function and self._late.is_one(found.unit, function)

    def _refuse(self, exchange: Exchange, wrong: faults.WrongAnswer) -> None:
        now = self._loop.time()
        self.health.answered_wrongly()
        exchange.received_unix = time.time()
        self._give_up(exchange, now)
        exchange.fail(wrong)

    def _take_stray(self) -> None:
        if self.health.strayed():
            self.drop(faults.unasked_answers(self.peer, MAX_STRAY_ANSWERS))
