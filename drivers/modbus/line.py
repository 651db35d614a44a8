"""What a driver needs of a line, whichever it is: `wire` (TCP, TLS) or `half_duplex` (all others)."""

import asyncio
from typing import Protocol

from drivers.errors import DriverError
from drivers.modbus.line_health import LineHealth
from drivers.modbus.requests import Request
from drivers.modbus.turns import Exchange, Turns


class Line(Protocol):
    """A connection from the moment it stands until it is lost."""

    turns: Turns
    fault: DriverError | None
    health: LineHealth
    closed: "asyncio.Future[None]"

    @property
    def lost(self) -> str:
        """Why the connection ended, as a sentence; empty while it stands."""
        ...

    def submit(self, request: Request, timeout_s: float, *, is_probe: bool = False) -> Exchange:
        """Send `request` as soon as it is its turn, and return the exchange to wait for."""
        ...

    def abandon(self, exchange: Exchange) -> None:
        """Forget an exchange nobody waits for any more."""
        ...

    def drop(self, why: str | DriverError) -> None:
        """End the connection. Safe twice."""
        ...
