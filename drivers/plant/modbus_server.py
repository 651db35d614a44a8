"""A Modbus gateway: one TCP port, several units, replies cut from precomputed register images.

Why not pymodbus's server? This one has to lie: be silent for one unit and prompt for its neighbour, drip,
flood, answer in a wrong name, drop lines; a server that keeps the protocol cannot. It also costs
about a quarter of the processor time a request (12 against 54 µs for 12 registers on uvloop, pymodbus 3.16),
which leaves the two cores of a small machine to what is being measured, and it shares no line with the client
stack, so that a mistake on one side is not repeated on the other.
"""

import asyncio
import struct
from collections.abc import Mapping
from typing import cast

from drivers.plant.faults import Fault
from drivers.plant.firmware.flash import Silent
from drivers.plant.firmware.modbus_updater import Updater
from drivers.plant.hostile import TRUTHFUL, deliveries, frame
from drivers.plant.registers import GATEWAY_TARGET_SILENT, Unit, exception

_HEADER = struct.Struct(">HHHB")
_MAX_LENGTH = 254  # unit id and a PDU of at most 253 bytes


class ModbusGateway:
    """One port of the plant.

    Attributes:
        units: By unit id.
        faults: Faults of the wire, by unit id. May change at any moment.
        port: The port asked for; after `open`, the port taken.
        strangers: Requests so far for units that do not exist.
    """

    def __init__(self, host: str, port: int, units: Mapping[int, Unit]) -> None:
        self.units = units
        self.faults: dict[int, Fault] = {}
        self.port = port
        self.strangers = 0
        self._host = host
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()

    async def open(self) -> None:
        """Listen. Raises OSError where the port is taken."""
        if self._server is None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(lambda: _Connection(self), self._host, self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and drop every connection. Safe twice."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            for connection in tuple(self._connections):
                connection.drop()
            await server.wait_closed()

    @property
    def reboots(self) -> int:
        """How often its only unit rebooted: that drops the connections. Behind a gateway it drops none."""
        units = tuple(self.units.values())
        updater = units[0].updater if len(units) == 1 else None
        return 0 if updater is None else updater.flash.reboots

    def joined(self, connection: "_Connection") -> None:
        """Remember an open connection."""
        self._connections.add(connection)

    def left(self, connection: "_Connection") -> None:
        """Forget a closed connection."""
        self._connections.discard(connection)


class _Connection(asyncio.Protocol):
    """One client. Requests may be sent ahead; each unit answers on its own, as fast as it can."""

    def __init__(self, gateway: ModbusGateway) -> None:
        self._gateway = gateway
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._pending: set[asyncio.TimerHandle] = set()
        self._reboots = gateway.reboots
        self._who = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class keeps the interface only
        self._who = str(transport.get_extra_info("peername"))
        self._gateway.joined(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        for handle in self._pending:
            handle.cancel()
        self._pending.clear()
        self._gateway.left(self)

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data if self._buffer else data
        out: list[bytes] = []
        start = 0
        while len(data) - start >= _HEADER.size:
            transaction, protocol, length, unit = _HEADER.unpack_from(data, start)
            if protocol != 0 or not 2 <= length <= _MAX_LENGTH:
                self.drop()  # not Modbus: there is no way back into step
                return
            end = start + 6 + length
            if end > len(data):
                break
            self._answer(transaction, unit, data[start + _HEADER.size : end], out)
            start = end
        self._buffer = data[start:]
        if out and self._transport is not None:
            self._transport.write(b"".join(out))

    def drop(self) -> None:
        """Close the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def _answer(self, transaction: int, unit_id: int, request: bytes, out: list[bytes]) -> None:
        gateway = self._gateway
        unit = gateway.units.get(unit_id)
        if unit is None:
            gateway.strangers += 1
            out.append(frame(transaction, unit_id, exception(request[0], GATEWAY_TARGET_SILENT)))
            return
        fault = gateway.faults.get(unit_id)
        reply = None if unit.updater is None else self._of_firmware(unit.updater, request)
        if reply == b"":
            return
        if reply is None:
            # False replies are not counted: nobody may store them.
            is_true = fault is None or fault.kind in TRUTHFUL
            reply = unit.reply(request) if is_true else unit.peek(request)
        if fault is None:
            out.append(frame(transaction, unit_id, reply))
            return
        for delay_s, content in deliveries(fault, transaction, unit_id, reply):
            self._deliver_later(delay_s, content)

    def _of_firmware(self, updater: Updater, request: bytes) -> bytes | None:
        """Return what the updatable side answers: nothing while it is away, None if not concerned."""
        try:
            reply = updater.reply(self._who, request)
        except Silent:
            reply = b""
        if self._reboots != self._gateway.reboots:
            self.drop()
            return b""
        return reply

    def _deliver_later(self, delay_s: float, content: bytes) -> None:
        loop = asyncio.get_running_loop()
        handle: asyncio.TimerHandle | None = None

        def deliver() -> None:
            if handle is not None:
                self._pending.discard(handle)
            if self._transport is None:
                return
            if content:
                self._transport.write(content)
            else:
                self.drop()

        handle = loop.call_later(delay_s, deliver)
        self._pending.add(handle)
