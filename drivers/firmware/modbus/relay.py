"""Requests that follow one another at once: each answer sends the next request, and no task is woken for it.

Most devices take one request at a time, so what passes between an answer and the next request is all that
a sender can lose, and waking a task costs as much as the rest of it. So the next request is made while the
device is at the one before, and goes out from where the answer is read, behind what others wait for.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain

from drivers.errors import DriverError
from drivers.firmware.target import Progress
from drivers.modbus.faults import NoAnswer, WrongAnswer
from drivers.modbus.requests import Request
from drivers.modbus.turns import PassingExchange
from drivers.modbus.wire import Wire

Block = tuple[int, Request]
"""How many bytes are sent before it, and the request that carries it. Making it asks nobody anything."""
Take = Callable[[Request, bytes], None]
"""Takes a request, and the payload of its answer."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """A request without an answer that could be used, while the connection stands.

    Attributes:
        fault: Why there is none; None where the device gave an exception.
        code: That exception; 0 where it gave none.
    """

    request: Request
    fault: DriverError | None
    code: int


class Relay:
    """Sends blocks over one connection, one after the other. Used once."""

    def __init__(
        self, line: Wire, timeout_s: float, blocks: Iterable[Block], progress: Progress, take: Take
    ) -> None:
        """Keep what it needs; sends nothing yet.

        Args:
            line: The connection.
            timeout_s: Of each request.
            blocks: One is made ahead of what is sent.
            progress: Asked before each block; what it raises ends the relay.
            take: Gets every answer; what it raises ends the relay.
        """
        self._line = line
        self._timeout_s = timeout_s
        self._blocks = iter(blocks)
        self._progress = progress
        self._take = take
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[bytes] = self._loop.create_future()
        self._ahead: Block | None = None
        self._leg: _Leg | None = None
        self._stuck: Stuck | None = None

    async def run(self) -> Stuck | None:
        """Send one block after the other; returns where that got stuck, None once all were answered.

        Raises:
            LineLost, NeedsHuman: The connection is gone.
            Exception: Whatever `progress` or `take` raise.
        """
        try:
            first = self._next()
            if first is None:
                return None
            self._leg = leg = _Leg(first, self._timeout_s, self._over, relay=self)
            self._line.enter(leg)
            self._look_ahead()
            await self._over
            return self._stuck
        finally:
            if self._leg is not None:
                self._line.abandon(self._leg)

    def rest(self) -> Iterable[Block]:
        """Return the blocks that were not sent yet."""
        return self._blocks if self._ahead is None else chain((self._ahead,), self._blocks)

    def answered(self, leg: "_Leg", payload: bytes) -> None:
        """Take an answer, and have the next block sent after others. Called while the line reads."""
        if self._over.done():
            return
        if leg.code:
            self._leg = None
            self._end(Stuck(leg.request, None, leg.code))
        elif self.passed(leg, payload):
            self._leg = _Leg(leg.request, self._timeout_s, self._over, relay=self)
            self._line.follow(self._leg)

    def passed(self, leg: "_Leg", payload: bytes) -> bool:
        """Take an answer; return whether the leg has the next request by now."""
        self._leg = None
        if self._over.done():
            return False
        try:
            self._take(leg.request, payload)
            following = self._next()
        except Exception as error:  # noqa: BLE001 - raised where the relay is waited for
            self._over.set_exception(error)
            return False
        if following is None:
            self._end(None)
            return False
        leg.request = following
        self._leg = leg
        self._loop.call_soon(self._look_ahead)
        return True

    def failed(self, leg: "_Leg", fault: DriverError) -> None:
        """Hear that no answer comes which could be used."""
        self._leg = None
        if self._over.done():
            return
        if isinstance(fault, (NoAnswer, WrongAnswer)):
            self._end(Stuck(leg.request, fault, 0))
        else:
            self._over.set_exception(fault)

    def _next(self) -> Request | None:
        """Return the next request, once leave for it was asked; None after the last."""
        block = self._ahead or next(self._blocks, None)
        self._ahead = None
        if block is None:
            return None
        sent, request = block
        self._progress(sent)
        return request

    def _look_ahead(self) -> None:
        """Make the next request, whole, while the device works."""
        if self._ahead is None and not self._over.done():
            self._ahead = following = next(self._blocks, None)
            if following is not None:
                request = following[1]
                _ = request.tail, request.reply_head, request.reply_size

    def _end(self, stuck: Stuck | None) -> None:
        self._stuck = stuck
        self._over.set_result(b"")


class _Leg(PassingExchange, eq=False, kw_only=True):
    """One request of a relay, which hears of its end at once. Its future ends with the whole relay."""

    relay: Relay

    def go_on(self, payload: bytes) -> bool:
        """Hand the payload over, and go on with the next request where nobody else wants the line."""
        return self.relay.passed(self, payload)

    def succeed(self, payload: bytes) -> None:
        """Hand the payload over, and have the next request wait for its turn."""
        self.relay.answered(self, payload)

    def fail(self, lost: DriverError) -> None:
        """Tell why there is none."""
        self.relay.failed(self, lost)
