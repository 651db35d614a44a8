"""The connection that the units of a gateway share: made once for all who ask, remade after a loss."""

import asyncio
import socket
from collections.abc import Callable, Hashable

from drivers.errors import LineLost
from drivers.modbus import faults
from drivers.modbus.settings import ModbusTcpSettings
from drivers.modbus.turns import LineRules
from drivers.modbus.wire import Wire

CLOSED_BY_US = "The connection was closed by this program."


class SharedConnection:
    """Connection to one host and port, used by the drivers that joined.

    Attributes:
        wire: The standing connection, None between a loss and the next `open`.
        lost: Why there is none, as a sentence.
    """

    def __init__(
        self, host: str, port: int, peer: str, on_unused: Callable[["SharedConnection"], None]
    ) -> None:
        self.peer = peer
        self.wire: Wire | None = None
        self.lost = f"{peer} is not connected yet."
        self._host = host
        self._port = port
        self._on_unused = on_unused
        self._members: dict[Hashable, ModbusTcpSettings] = {}
        self._attempt: asyncio.Task[str] | None = None
        self._closing: set[Wire] = set()

    @property
    def is_shared(self) -> bool:
        """Whether more than one unit uses it at the moment."""
        return len(self._members) > 1

    async def open(self, member: Hashable, settings: ModbusTcpSettings) -> Wire:
        """Join, and return the standing connection, made now if need be. Raises LineLost.

        Whoever asks while a connection is being made waits for that attempt. `member` stays joined until it
        leaves, also where this raises or is cancelled.
        """
        self._members[member] = settings
        if self.wire is not None:
            self._apply_rules()
            return self.wire
        attempt = self._attempt
        if attempt is None:
            attempt = asyncio.create_task(
                self._connect(settings.connect_timeout_s), name=f"connect {self.peer}"
            )
            self._attempt = attempt
        # Not awaited itself: a device that is given up meanwhile must not take the attempt from the others.
        await asyncio.wait([attempt])
        if self.wire is None:
            raise LineLost(CLOSED_BY_US if attempt.cancelled() else attempt.result() or self.lost)
        return self.wire

    async def leave(self, member: Hashable) -> None:
        """Leave; the last one switches off the light. Safe twice."""
        if self._members.pop(member, None) is None:
            return
        if self._members:
            self._apply_rules()
        else:
            self._on_unused(self)
            await self.close()

    async def close(self) -> None:
        """Drop the connection and whatever is being made of one. Safe twice."""
        attempt = self._attempt
        if attempt is not None:
            attempt.cancel()
            await asyncio.wait([attempt])
        if self.wire is not None:
            self.wire.drop(CLOSED_BY_US)
        for wire in tuple(self._closing):
            await wire.closed

    async def _connect(self, timeout_s: float) -> str:
        """Make a connection; return why not where it cannot be made, otherwise nothing."""
        try:
            async with asyncio.timeout(timeout_s):
                wire = await self._dial()
        except TimeoutError:
            return str(faults.connect_timed_out(self.peer, timeout_s))
        except OSError as error:
            return str(faults.connect_failed(self.peer, self._host, error))
        except ValueError:  # Also UnicodeError: no name server could be asked for such a name.
            return str(faults.name_unknown(self._host))
        finally:
            self._attempt = None
        if not wire.lost:
            self.wire = wire
            self._apply_rules()
        return wire.lost

    async def _dial(self) -> Wire:
        """Try every address of the host in turn; raises what the last one said."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        failure: OSError | None = None
        for family, _, _, _, address in found:
            try:
                _, wire = await loop.create_connection(
                    self._make_wire, str(address[0]), self._port, family=family
                )
            except OSError as error:
                failure = error
            else:
                self._closing.add(wire)
                wire.closed.add_done_callback(lambda _, wire=wire: self._closing.discard(wire))
                return wire
        raise failure or OSError("the name has no address")

    def _make_wire(self) -> Wire:
        return Wire(self.peer, self._rules(), self._on_lost)

    def _apply_rules(self) -> None:
        if self.wire is not None:
            self.wire.turns.rules = self._rules()

    def _rules(self) -> LineRules:
        """Return what suits the most delicate of the units."""
        members = self._members.values()
        return LineRules(
            max_in_flight=min((each.max_in_flight for each in members), default=1),
            turn_s=max((each.turn_ms for each in members), default=0) / 1000,
            pause_s=max((each.pause_between_requests_ms for each in members), default=0) / 1000,
        )

    def _on_lost(self, wire: Wire) -> None:
        self.lost = wire.lost
        if self.wire is wire:
            self.wire = None
