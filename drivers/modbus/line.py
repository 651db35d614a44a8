"""What every line is, whichever carries the requests: `wire` (TCP, TLS) or `half_duplex` (all others)."""

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial

from drivers.errors import DriverError, LineLost
from drivers.modbus import faults
from drivers.modbus.line_health import LineHealth
from drivers.modbus.requests import Request
from drivers.modbus.settings_parts import LineRules
from drivers.modbus.turns import Exchange, Turns


class Line(asyncio.BaseProtocol):
    """A connection from the moment it stands until it is lost; never used again afterwards.

    Attributes:
        peer: What is at the other end, for people.
        turns: Who may send next.
        fault: Why the connection ended; None while it stands.
        health: What its answers say about it.
        closed: Ends when the system has let go of the connection.
        explain: From the system's error (None = a plain end) to the loss in words; may be replaced.
    """

    def __init__(self, peer: str, rules: LineRules, on_lost: Callable[["Line"], None]) -> None:
        """Store what is needed.

        Args:
            peer: What is at the other end, for people.
            rules: How it wants to be shared.
            on_lost: Called once, when it is lost.
        """
        self.peer = peer
        self.turns = Turns(rules)
        self.fault: DriverError | None = None
        self.explain: Callable[[Exception | None], DriverError] = partial(faults.connection_lost, peer)
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self.health = LineHealth(self._loop.time())
        self.closed: asyncio.Future[None] = self._loop.create_future()

    @property
    def lost(self) -> str:
        """Why the connection ended, as a sentence; empty while it stands."""
        return "" if self.fault is None else str(self.fault)

    def submit(self, request: Request, timeout_s: float, *, is_probe: bool = False) -> Exchange:
        """Send `request` as soon as it is its turn, and return the exchange to wait for.

        The time-out counts from the sending; the wait for a turn is limited to twice as long. Whoever stops
        waiting calls `abandon`.
        """
        raise NotImplementedError

    def abandon(self, exchange: Exchange) -> None:
        """Forget an exchange nobody waits for any more; its answer will be dropped."""
        raise NotImplementedError

    def drop(self, why: str | DriverError) -> None:
        """End the connection; everybody who waits gets `why` (a text: LineLost). Safe twice."""
        if self.fault is not None:
            return
        self.fault = fault = LineLost(why) if isinstance(why, str) else why
        for exchange in (*self._forget(), *self.turns.waiting):
            exchange.fail(faults.again(fault))
        self.turns.waiting.clear()
        self._abort()
        self._on_lost(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell everybody who waits. Called once, by the loop."""
        self.drop(self.explain(exc))
        if not self.closed.done():
            self.closed.set_result(None)

    def eof_received(self) -> bool:
        """Let the loop close: a peer that stops sending will answer nothing more."""
        return False

    def _forget(self) -> Sequence[Exchange]:
        """Stop every timer, and return the exchanges that were under way."""
        raise NotImplementedError

    def _abort(self) -> None:
        """Let go of the connection at once, where there is one."""
        raise NotImplementedError

    def _release(self, exchange: Exchange, now: float) -> None:
        """Expect nothing more for an exchange that was under way."""
        raise NotImplementedError

    def _answer(self, exchange: Exchange, payload: bytes, code: int) -> None:
        now = self._loop.time()
        self.health.answered(now)
        self.turns.answered(exchange, now)
        self._release(exchange, now)
        exchange.code = code
        exchange.received_unix = time.time()
        exchange.succeed(payload)

    def _end_waiting(self, due: float) -> None:
        """Give up whoever has waited for a turn long enough by `due` (loop time)."""
        for exchange in [late for late in self.turns.waiting if late.gives_up_at <= due]:
            self.turns.waiting.remove(exchange)
            exchange.fail(faults.no_turn(self.peer, exchange.request.unit, 2 * exchange.timeout_s))
