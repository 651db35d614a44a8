"""An OPC UA server of Double variables for benches: written straight into the address space, as a plant's is.

Takes port 0 for "any": asyncua reports none back, so a free one is looked for first.
"""

import gc
import socket
from collections.abc import Sequence
from datetime import UTC, datetime

from asyncua import ua
from asyncua.server.server import Server
from asyncua.ua.attribute_ids import AttributeIds


class _FixedValue(ua.DataValue):
    """A DataValue that nobody changes once made: subscriptions keep it instead of copying it deeply."""

    def __deepcopy__(self, memo: dict[int, object]) -> "_FixedValue":
        return self


class NodeServer:
    """Variables `ns=1;s=<name>` on loopback, anonymous. Used from one event loop.

    Attributes:
        endpoint: Where clients connect.
    """

    def __init__(self, names: Sequence[str]) -> None:
        """Keep the names of the variables; opens nothing."""
        self.endpoint = f"opc.tcp://127.0.0.1:{_free_port()}/bench"
        self._ids = {name: ua.NodeId(ua.String(name), ua.Int16(1)) for name in names}
        self._server = Server()

    async def start(self) -> None:
        """Build the address space and listen."""
        # Nearly all that is made here stays; looking through it for garbage again and again doubles the time.
        gc.disable()
        await self._server.init()
        self._server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        self._server.set_identity_tokens([ua.AnonymousIdentityToken])
        self._server.disable_clock(True)
        for name, node_id in self._ids.items():
            await self._server.nodes.objects.add_variable(
                node_id, ua.QualifiedName(name, 1), 0.0, ua.VariantType.Double
            )
        self._server.set_endpoint(self.endpoint)
        await self._server.start()
        gc.freeze()
        gc.enable()

    async def write(self, name: str, value: float) -> None:
        """Let a variable have another value from now on."""
        now = datetime.now(UTC)
        data = _FixedValue(ua.Variant(value, ua.VariantType.Double), ua.StatusCode(ua.UInt32(0)), now, now)  # pyright: ignore[reportArgumentType] # ua.DateTime is datetime
        await self._server.iserver.aspace.write_attribute_value(self._ids[name], AttributeIds.Value, data)

    async def stop(self) -> None:
        """Stop listening."""
        await self._server.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
