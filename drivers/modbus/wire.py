"""One TCP or TLS connection to a device or gateway: sends requests, matches answers, notices when it is dead.

Why a read path of our own instead of pymodbus's client:
* pymodbus holds one lock per client, so a silent unit would stop its siblings for its whole time-out.
* pymodbus accepts answers with a wrong function code or a wrong number of registers.
* A cyclic read is the most frequent thing this program does, and this path needs a fraction of the time.

Answers belong to requests by transaction id alone; one that comes too late finds its id gone and is dropped.
Every answer is checked in full (`frames`) before anybody sees a byte of it. Whatever a peer sends, what is
kept of it is one buffer.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import cast

from drivers.modbus import faults, frames
from drivers.modbus.alarm import Alarm
from drivers.modbus.frames import HEADER_SIZE, PAYLOAD_AT, PDU_AT, UNIT_AT
from drivers.modbus.line import Line
from drivers.modbus.line_health import MAX_STRAY_ANSWERS
from drivers.modbus.requests import Request
from drivers.modbus.settings_parts import LineRules
from drivers.modbus.turns import Exchange, PassingExchange

BUFFER_SIZE = 4096
"""More than a frame (260 bytes), and all that a peer can make us keep. With a plain Protocol the standard
loop would allocate 256 KiB for every receive."""
PARTIAL_LIMIT_S = 1.0
"""How long the rest of a frame may take. A frame fits one packet; networks that lose it repeat it sooner."""
_LAST_TRANSACTION = 0xFFFF
_CLOCK_TICK_S = 0.001
"""The loop may call a timer this much early."""


class Wire(Line, asyncio.BufferedProtocol):
    """A line on which requests are in flight together."""

    def __init__(self, peer: str, rules: LineRules, on_lost: Callable[[Line], None]) -> None:
        super().__init__(peer, rules, on_lost)
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray(BUFFER_SIZE)
        self._view = memoryview(self._buffer)
        self._filled = 0
        self._partial_since = 0.0
        self._transaction = 0
        self._pending: dict[int, Exchange] = {}
        self._following: list[Exchange] = []
        self._due = Alarm(self._loop, self._on_due)
        self._turn_over = Alarm(self._loop, self._advance)

    def submit(self, request: Request, timeout_s: float, *, is_probe: bool = False) -> Exchange:
        """Send `request` as soon as it is its turn, and return the exchange to wait for.

        The time-out counts from the sending; the wait for a turn is limited to twice as long. Whoever stops
        waiting calls `abandon`.
        """
        exchange = Exchange(request, timeout_s, self._loop.create_future(), is_probe)
        self.enter(exchange)
        return exchange

    def enter(self, exchange: Exchange) -> None:
        """Send an exchange as soon as it is its turn."""
        if self.fault is not None:
            exchange.fail(faults.again(self.fault))
        elif self.turns.is_idle and not self._filled:
            self._send(exchange, self._loop.time())
        else:
            exchange.queued_at = self._loop.time()
            self.turns.waiting.append(exchange)
            self._due.set_for(exchange.gives_up_at)
            self._advance()

    def follow(self, exchange: Exchange) -> None:
        """Send an exchange next, for those who hear of an answer while the rest of what came is not read."""
        self._following.append(exchange)

    def submit_together(self, requests: Sequence[Request], timeout_s: float) -> list[Exchange]:
        """Send requests now and at once, whatever their unit works on: for units known to take several.

        An answer that then comes in pieces is not believed (`MixedAnswer`). While the line may not be written
        to, each is submitted alone.
        """
        if self.fault is not None or self._filled or self.turns.waiting or self.turns.rules.pause_s:
            return [self.submit(request, timeout_s) for request in requests]
        now = self._loop.time()
        exchanges = [Exchange(request, timeout_s, self._loop.create_future()) for request in requests]
        self._write(b"".join([self._begin(exchange, now) for exchange in exchanges]))
        return exchanges

    def abandon(self, exchange: Exchange) -> None:
        """Forget an exchange nobody waits for any more; its answer will be dropped."""
        if self._pending.get(exchange.transaction) is exchange:
            now = self._loop.time()
            self.health.given_up(now)
            self._release(exchange, now)
            self._advance()
        elif exchange in self.turns.waiting:
            self.turns.waiting.remove(exchange)

    def _forget(self) -> Sequence[Exchange]:
        self._due.cancel()
        self._turn_over.cancel()
        under_way = [*self._pending.values(), *self._following]
        self._pending.clear()
        self._following.clear()
        return under_way

    def _abort(self) -> None:
        if self._transport is not None:
            # Not close(): it would first wait for a peer that may never read what is still to be sent.
            self._transport.abort()

    def _send(self, exchange: Exchange, now: float) -> None:
        self._write(self._begin(exchange, now))

    def _begin(self, exchange: Exchange, now: float) -> bytes:
        """Expect the answer to a request from now on; return the bytes to send."""
        transaction = self._transaction % _LAST_TRANSACTION + 1
        while transaction in self._pending:
            transaction = transaction % _LAST_TRANSACTION + 1
        self._transaction = exchange.transaction = transaction
        exchange.sent_at = now
        exchange.sent_unix = time.time()
        exchange.deadline = now + exchange.timeout_s
        self._pending[transaction] = exchange
        self.turns.begin(exchange)
        self._due.set_for(exchange.deadline)
        return transaction.to_bytes(2, "big") + exchange.request.tail

    def _write(self, data: bytes) -> None:
        transport = self._transport
        if transport is not None:
            transport.write(data)

    def _advance(self) -> None:
        """Send whatever may be sent now, and see to it that this is called again when more may."""
        # Not while half an answer is in the buffer: should its rest never come, the next answer would be
        # taken for it, and a wrong value for a good one.
        while self.turns.waiting and not self._filled:
            now = self._loop.time()
            free_at = self.turns.free_at()
            if now < free_at:
                self._turn_over.set_for(free_at)
                return
            exchange = self.turns.take(now)
            if exchange is None:
                return
            self._send(exchange, now)

    def _on_due(self) -> None:
        """Let overdue requests time out."""
        now = self._loop.time()
        due = now + _CLOCK_TICK_S
        if self._filled and self._partial_since + PARTIAL_LIMIT_S <= due:
            self.drop(faults.half_answer(self.peer))
            return
        for exchange in [late for late in self._pending.values() if late.deadline <= due]:
            self._time_out(exchange, now)
            if self.fault is not None:
                return
        self._end_waiting(due)
        self._advance()
        ends = [exchange.deadline for exchange in self._pending.values()]
        ends += [exchange.gives_up_at for exchange in self.turns.waiting]
        if self._filled:
            ends.append(self._partial_since + PARTIAL_LIMIT_S)
        if ends:
            self._due.set_for(min(ends))

    def _time_out(self, exchange: Exchange, now: float) -> None:
        if not exchange.is_probe:
            self.turns.silent(exchange)
        self.health.given_up(now)
        if self._filled and self._buffer.startswith(exchange.transaction.to_bytes(2, "big")[: self._filled]):
            self.drop(faults.half_answer(self.peer))
            return
        self._release(exchange, now)
        exchange.fail(faults.no_answer(self.peer, exchange.request.unit, exchange.timeout_s, exchange.strays))
        if not exchange.is_probe and self.health.timed_out(now, exchange.timeout_s):
            self.drop(faults.silent_peer(self.peer))

    def _release(self, exchange: Exchange, now: float) -> None:
        del self._pending[exchange.transaction]
        self.turns.end(exchange, now)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out. Called once, by the loop."""
        self._transport = cast(asyncio.Transport, transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where the loop may put what arrives."""
        filled = self._filled
        return self._view[filled:] if filled else self._view

    def buffer_updated(self, nbytes: int) -> None:
        """Take all whole frames out of the buffer, and keep the beginning of the next."""
        buffer, end, at = self._buffer, self._filled + nbytes, 0
        while end - at >= HEADER_SIZE:
            exchange = self._pending.get(buffer[at] << 8 | buffer[at + 1])
            if (
                exchange is not None
                and (size := exchange.request.reply_size)
                and buffer.startswith(exchange.request.reply_head, at + 2)
            ):
                if end - at < size:
                    break
                if self._filled and not at and self._may_be_mixed():
                    self._refuse_mixed(exchange)
                elif len(self._pending) > 1 and self._has_swallowed(exchange, size, bytes(buffer[at:end])):
                    self.drop(faults.half_answer(self.peer))
                    return
                elif isinstance(exchange, PassingExchange) and self._is_alone(size == end):
                    self._pass_on(exchange, bytes(buffer[PAYLOAD_AT:size]))
                else:
                    self._answer(exchange, bytes(buffer[at + PAYLOAD_AT : at + size]), 0)
            else:
                size = self._judge(exchange, at, end)
                if not size:
                    break
            at += size
        if self.fault is not None:
            return
        if end != at:
            self._keep_partial(at, end)
        else:
            self._filled = 0
        if self.turns.waiting:
            self._advance()
        while self._following:
            self.enter(self._following.pop())

    def _is_alone(self, is_all: bool) -> bool:  # noqa: FBT001 - asked in one place, right above
        """Return whether nobody else has or waits for the line, so that an exchange may keep it."""
        return is_all and len(self._pending) == 1 and not self.turns.waiting and not self.turns.rules.pause_s

    def _pass_on(self, exchange: PassingExchange, payload: bytes) -> None:
        """Have an exchange go on with its next request, without giving up its place in between."""
        now = self._loop.time()
        self.health.answered(now)
        self.turns.answered(exchange, now)
        del self._pending[exchange.transaction]
        if exchange.go_on(payload):
            self._send(exchange, now)
        else:
            self.turns.end(exchange, now)

    def _may_be_mixed(self) -> bool:
        """Return whether more than one answer can be on its way.

        Modbus TCP has no checksum. An answer in one piece is whole; one in several may be the beginning of
        one and the rest of another, so it is only believed where no other can come.
        """
        return len(self._pending) > 1 or self.health.owes(self._loop.time())

    def _refuse_mixed(self, exchange: Exchange) -> None:
        mixed = faults.mixed_answer(self.peer, exchange.request.unit)
        self._refuse(exchange, mixed)
        if not self._pending and not self.turns.waiting:
            self.drop(str(mixed))  # Harms nobody, and nothing is owed on the next connection.

    def _has_swallowed(self, exchange: Exchange, size: int, data: bytes) -> bool:
        """Return whether another unit's answer begins inside the first `size` bytes of `data`."""
        body, end = data[PAYLOAD_AT : size + PAYLOAD_AT], size - PAYLOAD_AT
        others = (other for other in self._pending.values() if other is not exchange)
        return any(frames.holds_answer(other.request, other.transaction, body, end) for other in others)

    def _keep_partial(self, at: int, end: int) -> None:
        if at or not self._filled:
            self._partial_since = self._loop.time()
            self._due.set_for(self._partial_since + PARTIAL_LIMIT_S)
            self._buffer[: end - at] = self._buffer[at:end]
        self._filled = end - at

    def _judge(self, exchange: Exchange | None, at: int, end: int) -> int:
        """Deal with a frame that is no plain correct answer; return its size, 0 where it is not whole."""
        buffer = self._buffer
        protocol = buffer[at + 2] << 8 | buffer[at + 3]
        length = buffer[at + 4] << 8 | buffer[at + 5]
        fault = frames.header_fault(protocol, length)
        if fault:
            self.health.answered_wrongly()
            self.drop(f"{self.peer} {fault}; check that it speaks Modbus TCP.")
            return 0
        size = HEADER_SIZE + length
        if end - at < size:
            return 0
        if exchange is None:
            self._take_stray()
            return size
        request = exchange.request
        exchange.raw = frame = bytes(buffer[at : at + size])
        code = frames.exception_code(request, frame)
        if code is not None:
            self._answer(exchange, b"", code)
            return size
        payload = None
        if not request.reply_size and frame[UNIT_AT] == request.unit:
            payload = request.payload_of(frame[PDU_AT:])
        if payload is None:
            wrong = faults.wrong_answer(self.peer, request, frame[UNIT_AT], frame[PDU_AT:])
            self._refuse(exchange, wrong)
        elif self._filled and not at and self._may_be_mixed():
            self._refuse_mixed(exchange)
        else:
            self._answer(exchange, payload, 0)
        return size

    def _refuse(self, exchange: Exchange, wrong: faults.WrongAnswer) -> None:
        self.health.answered_wrongly()
        self._release(exchange, self._loop.time())
        exchange.received_unix = time.time()
        exchange.fail(wrong)

    def _take_stray(self) -> None:
        for exchange in self._pending.values():
            exchange.strays += 1
        if self.health.strayed():
            self.drop(faults.unasked_answers(self.peer, MAX_STRAY_ANSWERS))
