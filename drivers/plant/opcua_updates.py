"""The updatable side of the plant's OPC UA server: which machines take firmware, and by what they offer.

The server is a gateway: it stays while one of its machines reboots, and says that it does not reach it.
"""

import time

from asyncua import ua
from asyncua.server.server import Server

from drivers.plant.firmware.flash import Flash
from drivers.plant.firmware.opcua_add_in import AddInBuilder
from drivers.plant.firmware.opcua_device import Offer, UpdatableDevice
from drivers.plant.firmware.opcua_file_device import FileDevice
from drivers.plant.firmware.opcua_files import Files
from drivers.plant.firmware.opcua_nodes import Nodes
from drivers.plant.firmware.products import flash_of, product_of
from drivers.plant.plan import OpcuaMachine

_OFFERS: dict[str, Offer] = {
    "press": Offer(prepare_s=1.0, check_s=1.0),
    "oven": Offer(is_direct=True, write_block=None),
}
"""By kind of machine; others take their firmware as a plain file."""


class MachineUpdates:
    """Every machine of one server that takes firmware.

    Attributes:
        flashes: By hardware id.
    """

    def __init__(self, server: Server) -> None:
        self.flashes: dict[str, Flash] = {}
        self._server = server
        self._nodes = Nodes(server)
        self._files = Files(self._nodes)
        self._by_row: dict[int, Flash] = {}

    async def prepare(self) -> None:
        """Make what all of them share; before the server listens."""
        await self._nodes.start()
        self._files.start(self._server)

    def add(self, machine: OpcuaMachine, node: ua.NodeId) -> None:
        """Let a machine take firmware, where it is of a kind that does."""
        product = product_of(machine)
        if product is None:
            return
        flash = self.flashes[machine.device_id] = self._by_row[machine.row] = flash_of(
            product, machine.device_id
        )
        self._nodes.link(self._nodes.device_set, node, machine.node)
        offer = _OFFERS.get(machine.kind.key)
        if offer is None:
            FileDevice(self._nodes, self._files, node, flash, time.monotonic).build()
        else:
            device = UpdatableDevice(node, self._files, flash, offer, time.monotonic)
            AddInBuilder(self._nodes, device).build()

    def is_away(self, row: int) -> bool:
        """Whether the machine of a row answers nothing now."""
        flash = self._by_row.get(row)
        return flash is not None and flash.is_silent(time.monotonic())
