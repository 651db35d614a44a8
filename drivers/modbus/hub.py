"""The hub of each Modbus kind: owns the connections, one for each place, however many units share it."""

import asyncio
from collections.abc import Hashable, Sequence
from typing import cast
from weakref import WeakValueDictionary

from pydantic import BaseModel

from drivers.driver import TagAddress
from drivers.errors import DriverBug
from drivers.modbus.address import ModbusAddress
from drivers.modbus.connection import SharedConnection
from drivers.modbus.driver import ModbusDriver
from drivers.modbus.settings_parts import ModbusSettings


class ModbusHub:
    """All devices of one Modbus kind in one process."""

    def __init__(self) -> None:
        """Begin without connections."""
        self._connections: dict[tuple[Hashable, int | None], SharedConnection] = {}
        self._writing: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    def driver(self, settings: BaseModel, addresses: Sequence[TagAddress]) -> ModbusDriver:
        """Make the driver of one unit. Does no I/O."""
        if not isinstance(settings, ModbusSettings):
            raise DriverBug(f"Modbus was given the settings of another protocol: {type(settings).__name__}.")
        for address in addresses:
            if not isinstance(address, ModbusAddress):
                raise DriverBug(f"Modbus was given the address of another protocol: {address}.")
        return ModbusDriver(self, settings, cast(Sequence[ModbusAddress], addresses))

    def connection_to(self, settings: ModbusSettings, own_unit: int | None = None) -> SharedConnection:
        """Return the connection that every unit of this place shares; it may not stand yet.

        With `own_unit`, the one that is kept apart for that unit.
        """
        place = (settings.place, own_unit)
        connection = self._connections.get(place)
        if connection is None:
            connection = self._connections[place] = SharedConnection(settings.peer, self._forget)
        return connection

    def writing_to(self, settings: ModbusSettings) -> asyncio.Lock:
        """Return what whoever writes to a place holds: what reads before it writes must not be overtaken."""
        lock = self._writing.get(settings.place)
        if lock is None:
            lock = self._writing[settings.place] = asyncio.Lock()
        return lock

    async def close(self) -> None:
        """Close every shared connection. Safe twice."""
        connections = tuple(self._connections.values())
        self._connections.clear()
        for connection in connections:
            await connection.close()

    def _forget(self, unused: SharedConnection) -> None:
        self._connections = {place: each for place, each in self._connections.items() if each is not unused}
