"""An OPC UA server of nothing but updatable devices: what the benches and the tests deliver firmware to.

A device that is a server of its own takes the whole server with it when it reboots; one behind the server is
only not reached meanwhile.
"""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

from asyncua import ua
from asyncua.server.server import Server
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from drivers.plant.firmware.flash import Flash
from drivers.plant.firmware.opcua_add_in import AddInBuilder
from drivers.plant.firmware.opcua_device import Offer, UpdatableDevice
from drivers.plant.firmware.opcua_file_device import FileDevice
from drivers.plant.firmware.opcua_files import Files
from drivers.plant.firmware.opcua_nodes import Nodes, node_id

URI = "urn:operator-console:plant"
_TICK_S = 0.02


class OpcuaStand:
    """On loopback; anonymous and unprotected unless it is guarded. Used from one event loop.

    Attributes:
        server: asyncua's.
        is_up: Whether it listens.
        clock: What its devices take for the time, in seconds.
    """

    def __init__(
        self,
        port: int,
        clock: Callable[[], float] = time.monotonic,
        guard: Callable[[Server], None] = lambda server: None,
    ) -> None:
        """Keep what it needs.

        Args:
            port: To listen on.
            clock: See above.
            guard: Says how messages are protected and who may sign in, before the server listens.
        """
        self.server = Server()
        self._guard = guard
        self.clock = clock
        self.endpoint = f"opc.tcp://127.0.0.1:{port}/plant"
        self.nodes = Nodes(self.server)
        self.files = Files(self.nodes)
        self._own: dict[str, Flash] = {}
        self.is_up = False
        self._following: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen. Raises OSError where the port is taken."""
        server = self.server
        await server.init()
        server.disable_clock(True)  # whose task makes stopping wait for its next second
        server.set_endpoint(self.endpoint)
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        await server.set_application_uri(URI)
        self._guard(server)
        await self.nodes.start()
        self.files.start(server)
        server.iserver.set_attribute_value_callback(
            node_id(ObjectIds.Server_ServerStatus_CurrentTime), self._time
        )
        await server.start()
        self.is_up = True
        self._following = asyncio.create_task(self._follow(), name="opcua stand")

    async def stop(self) -> None:
        """Stop listening. Safe twice."""
        following, self._following = self._following, None
        if following is not None:
            following.cancel()
            await asyncio.wait({following})
            await self.server.stop()

    def add(self, name: str, flash: Flash, offer: Offer, *, is_own_server: bool = False) -> AddInBuilder:
        """Let the server have one device more, in its DeviceSet.

        Args:
            name: Of its object, in namespace 1.
            flash: The device.
            offer: What it offers.
            is_own_server: Whether the server goes away with it.
        """
        node = self.nodes.object(self.nodes.device_set, node_id(name, 1), name, link=ObjectIds.Organizes)
        builder = AddInBuilder(self.nodes, UpdatableDevice(node, self.files, flash, offer, self.clock))
        builder.build()
        if is_own_server:
            self._own[name] = flash
        return builder

    def add_file(self, name: str, flash: Flash) -> FileDevice:
        """Let the server have a device that takes its firmware as a plain file."""
        node = self.nodes.object(self.nodes.device_set, node_id(name, 1), name, link=ObjectIds.Organizes)
        device = FileDevice(self.nodes, self.files, node, flash, self.clock)
        device.build()
        return device

    def remove(self, name: str) -> None:
        """Take a device out of the DeviceSet."""
        self._own.pop(name, None)
        self.nodes.unlink(self.nodes.device_set, node_id(name, 1))

    @staticmethod
    def _time(node: ua.NodeId, attribute: AttributeIds) -> ua.DataValue:
        return ua.DataValue(ua.Variant(datetime.now(UTC), ua.VariantType.DateTime))

    async def _follow(self) -> None:
        """Let the server go away and come back with those devices that are one with it."""
        boots = {name: flash.reboots for name, flash in self._own.items()}
        while True:
            await asyncio.sleep(_TICK_S)
            is_away = any(flash.is_silent(self.clock()) for flash in self._own.values())
            has_booted = any(boots.get(name, 0) != flash.reboots for name, flash in self._own.items())
            boots = {name: flash.reboots for name, flash in self._own.items()}
            listening = self.server.bserver
            if listening is None:
                continue
            if self.is_up and (is_away or has_booted):
                await listening.stop()
                self.is_up = False
            elif not self.is_up and not is_away:
                await listening.start()
                self.is_up = True
