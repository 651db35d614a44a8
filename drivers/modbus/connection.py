"""The connection that units share (gateway, serial line): made once for all who ask, remade after a loss."""

import asyncio
from collections.abc import Callable, Hashable
from functools import reduce

from drivers.errors import DriverError, LineLost, NeedsHuman
from drivers.modbus import faults
from drivers.modbus.dialing import dial
from drivers.modbus.line import Line
from drivers.modbus.settings_parts import LineRules, ModbusSettings

CLOSED_BY_US = "The connection was closed by this program."


class SharedConnection:
    """Connection to one place (host and port, serial port), used by the drivers that joined.

    Attributes:
        line: The standing connection, None between a loss and the next `open`.
    """

    def __init__(self, peer: str, on_unused: Callable[["SharedConnection"], None]) -> None:
        self.peer = peer
        self.line: Line | None = None
        self._on_unused = on_unused
        self._members: dict[Hashable, ModbusSettings] = {}
        self._attempt: asyncio.Task[DriverError | None] | None = None
        self._closing: set[Line] = set()

    @property
    def is_shared(self) -> bool:
        """Whether more than one unit uses it at the moment."""
        return len({settings.unit for settings in self._members.values()}) > 1

    def join(self, member: Hashable, settings: ModbusSettings) -> None:
        """Keep the connection, once it stands, until `member` leaves. Raises NeedsHuman where it fits not."""
        self._members.pop(member, None)
        self._check_line(settings)
        self._members[member] = settings

    async def open(self, member: Hashable, settings: ModbusSettings) -> Line:
        """Join, and return the standing connection, made now if need be. Raises LineLost or NeedsHuman.

        Whoever asks while a connection is being made waits for that attempt. `member` stays joined until it
        leaves, also where this raises or is cancelled.
        """
        self.join(member, settings)
        if self.line is not None:
            self._apply_rules()
            return self.line
        attempt = self._attempt
        if attempt is None:
            attempt = asyncio.create_task(self._connect(settings), name=f"connect {self.peer}")
            self._attempt = attempt
        # Not awaited itself: a device that is given up meanwhile must not take the attempt from the others.
        await asyncio.wait([attempt])
        if self.line is None:
            fault = None if attempt.cancelled() else attempt.result()
            raise LineLost(CLOSED_BY_US) if fault is None else faults.again(fault)
        return self.line

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
        if self.line is not None:
            self.line.drop(CLOSED_BY_US)
        for line in tuple(self._closing):
            await line.closed

    async def _connect(self, settings: ModbusSettings) -> DriverError | None:
        """Make a connection; return why not where it cannot be made, otherwise nothing."""
        try:
            async with asyncio.timeout(settings.connect_limit_s):
                line = await dial(settings, self._rules(), self._on_lost)
            self._closing.add(line)
            line.closed.add_done_callback(lambda _, line=line: self._closing.discard(line))
            pause_s = self._rules().pause_after_connect_s
            if pause_s:
                await self._rest(line, pause_s)
        except TimeoutError:
            return faults.connect_timed_out(self.peer, settings.connect_limit_s)
        except DriverError as fault:
            return fault
        finally:
            self._attempt = None
        if line.fault is None:
            self.line = line
            self._apply_rules()
        return line.fault

    async def _rest(self, line: Line, pause_s: float) -> None:
        """Leave a new connection alone for a while, as its device wishes."""
        try:
            await asyncio.sleep(pause_s)
        except asyncio.CancelledError:
            line.drop(CLOSED_BY_US)
            raise

    def _check_line(self, settings: ModbusSettings) -> None:
        for other in self._members.values():
            if other.line_words != settings.line_words:
                raise NeedsHuman(
                    f"{self.peer} runs at {other.line_words} for other devices, and unit {settings.unit} "
                    f"wants {settings.line_words}; give all devices of one line the same settings."
                )

    def _apply_rules(self) -> None:
        if self.line is not None:
            self.line.turns.rules = self._rules()

    def _rules(self) -> LineRules:
        """Return what suits the most delicate of the units."""
        rules = [settings.rules for settings in self._members.values()]
        return reduce(LineRules.kinder, rules) if rules else LineRules(max_in_flight=1)

    def _on_lost(self, line: Line) -> None:
        if self.line is line:
            self.line = None
