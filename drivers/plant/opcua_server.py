"""The plant's OPC UA server: one object a machine, one variable a metric, in the application's namespace.

Writing a value is the plant's hot path (three thousand a second in a large plant), so this file does what
asyncua allows to make it cheap: values go through `write_attribute_value`, straight into the address space
and to the subscriptions, without a session; and each value is a `_FixedValue`, which a subscription may keep
as it is instead of copying it deeply (a value written with one subscriber costs 11 µs
that way, 41 to 59 otherwise; asyncua 2.1).
"""

import asyncio
import gc
import math
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from asyncua import ua
from asyncua.server.server import Server
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.status_codes import StatusCodes

from drivers.plant.faults import Fault, FaultKind
from drivers.plant.firmware.flash import Flash
from drivers.plant.gauges import COLUMN_INDEX
from drivers.plant.opcua_alarms import MachineAlarms
from drivers.plant.opcua_updates import MachineUpdates
from drivers.plant.plan import OPCUA_PATH, OpcuaMachine, PlantPlan
from drivers.plant.wiring import OpcuaTag

_GOOD = ua.StatusCode(ua.UInt32(StatusCodes.Good))
_NOTHING = ua.Variant(None, ua.VariantType.Null)
_AWAY = ua.StatusCode(ua.UInt32(StatusCodes.BadNoCommunication))
_RANGE_ERROR = ua.StatusCode(ua.UInt32(StatusCodes.BadOutOfRange))


class _FixedValue(ua.DataValue):
    """A DataValue that nobody changes once made, and which therefore is its own copy."""

    def __deepcopy__(self, memo: dict[int, object]) -> "_FixedValue":
        return self


class PlantOpcuaServer:
    """The OPC UA server of the plant, anonymous and unencrypted, on loopback.

    Attributes:
        faults: Faults of the wire, by row of the machine. May change at any moment.
        port: The port asked for; after `start`, the port taken.
        written: Values written to nodes so far.
    """

    def __init__(self, plan: PlantPlan, port: int) -> None:
        self.faults: dict[int, Fault] = {}
        self.port = port
        self.written = 0
        self._plan = plan
        self._server = Server()
        self._alarms = MachineAlarms(self._server)
        self._updates = MachineUpdates(self._server)
        self._nodes: dict[int, list[_Node]] = {}
        self._last_unix: dict[int, float] = {}
        self._is_started = False
        self._is_listening = False

    async def start(self) -> None:
        """Build the address space and listen. Raises OSError where the port is taken."""
        server, plan = self._server, self._plan
        self._alarms.prepare()
        with _collector_paused():
            await server.init()
            server.set_server_name("Simulated factory")
            server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
            server.set_identity_tokens([ua.AnonymousIdentityToken])
            await server.set_application_uri(plan.application_uri)
            # The server's own clock task makes stopping wait for its next second; `tick_clock` replaces it.
            server.disable_clock(True)
            await self._updates.prepare()
            await self._add_machines()
        server.set_endpoint(f"opc.tcp://{plan.host}:{self.port}{OPCUA_PATH}")
        self._is_started = True
        await server.start()
        self._is_listening = True

    async def stop(self) -> None:
        """Stop listening and free the address space. Safe twice, also after a failed start."""
        if self._is_started:
            self._is_started = False
            await self._server.stop()

    async def shut(self) -> None:
        """Refuse connections and drop those that are open; the machines go on."""
        if self._is_listening and self._server.bserver is not None:
            self._is_listening = False
            await self._server.bserver.stop()

    async def reopen(self) -> None:
        """Listen again after `shut`."""
        if not self._is_listening and self._server.bserver is not None:
            await self._server.bserver.start()
            self._is_listening = True

    async def tick_clock(self) -> None:
        """Let the server's own clock nodes show the present; to be called once a second."""
        now = datetime.now(UTC)
        internal = self._server.iserver
        await internal.write_attribute_value(internal.current_time_node.nodeid, _value(ua.Variant(now), now))

    @property
    def flashes(self) -> Mapping[str, Flash]:
        """The machines that take firmware, by hardware id."""
        return self._updates.flashes

    async def report(self, machine: OpcuaMachine, fault: Fault, *, is_active: bool) -> None:
        """Report, as an alarm, that a condition of a machine begins or ends."""
        await self._alarms.tell(machine, fault, is_active=is_active)

    async def store(self, row: int, values: Sequence[float], now: datetime) -> None:
        """Write a measurement (values in COLUMN_KEYS' order) of the machine in `row`, true at `now`."""
        fault = self.faults.get(row)
        if fault is not None and fault.kind is FaultKind.SLOW:
            if now.timestamp() - self._last_unix.get(row, 0.0) < fault.value:
                return
            self._last_unix[row] = now.timestamp()
        status = _AWAY if self._updates.is_away(row) else _status_of(fault)
        write = self._server.iserver.aspace.write_attribute_value
        for node in self._nodes[row]:
            value = node.data_value(values[node.column], status, now)
            await write(node.node_id, AttributeIds.Value, value)
        self.written += len(self._nodes[row])

    async def _add_machines(self) -> None:
        folders: dict[str, ua.NodeId] = {}
        for machine in self._plan.opcua_machines:
            if machine.area not in folders:
                folder = await self._server.nodes.objects.add_folder(
                    _node_id(machine.area), ua.QualifiedName(machine.area, 1)
                )
                folders[machine.area] = folder.nodeid
            self._nodes[machine.row] = await self._add_machine(machine, folders[machine.area])
            await asyncio.sleep(0)  # the Modbus side is answering already

    async def _add_machine(self, machine: OpcuaMachine, folder: ua.NodeId) -> "list[_Node]":
        parent = await self._server.get_node(folder).add_object(
            _node_id(machine.node), ua.QualifiedName(machine.node, 1)
        )
        nodes: list[_Node] = []
        for tag in self._plan.nodes_of(machine):
            node = _Node(machine, tag)
            await parent.add_variable(
                node.node_id, ua.QualifiedName(tag.name, 1), node.convert(0.0), node.variant_type
            )
            nodes.append(node)
        self._updates.add(machine, parent.nodeid)
        return nodes


class _Node:
    """One variable, with everything that need not be computed again."""

    __slots__ = ("_digits", "_is_float", "_step", "column", "node_id", "variant_type")

    def __init__(self, machine: OpcuaMachine, tag: OpcuaTag) -> None:
        self.column = COLUMN_INDEX[tag.metric]
        self.node_id = _node_id(f"{machine.node}.{tag.name}")
        self.variant_type = ua.VariantType[tag.variant]
        self._is_float = tag.is_float
        self._step = tag.step
        self._digits = max(0, -math.floor(math.log10(tag.step)))

    def convert(self, value: float) -> float | int:
        """Return the value at the sensor's resolution, as the node's data type."""
        if not self._is_float:
            return min(max(round(value), -(2**31)), 2**31 - 1)
        return round(round(value / self._step) * self._step, self._digits) if math.isfinite(value) else value

    def data_value(self, value: float, status: ua.StatusCode, now: datetime) -> ua.DataValue:
        """Return what is written to the node."""
        if status.is_bad():
            return _value(_NOTHING, now, status)
        if not self._is_float and not math.isfinite(value):
            return _value(_NOTHING, now, _RANGE_ERROR)  # an integer has no word for it
        return _value(ua.Variant(self.convert(value), self.variant_type), now, status)


def _node_id(identifier: str) -> ua.NodeId:
    return ua.NodeId(ua.String(identifier), ua.Int16(1))


def _value(variant: ua.Variant, now: datetime, status: ua.StatusCode = _GOOD) -> _FixedValue:
    return _FixedValue(variant, status, now, now)  # pyright: ignore[reportArgumentType] # ua.DateTime is datetime


def _status_of(fault: Fault | None) -> ua.StatusCode:
    if fault is None or fault.kind is FaultKind.SLOW:
        return _GOOD
    if fault.kind is FaultKind.SILENT:
        return ua.StatusCode(ua.UInt32(StatusCodes.BadNoCommunication))
    return ua.StatusCode(ua.UInt32(int(fault.value)))


@contextmanager
def _collector_paused() -> Generator[None]:
    """Hold cyclic garbage collection back while the standard address space is built.

    It makes some 400,000 objects that all stay; looking through them again and again doubles the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
