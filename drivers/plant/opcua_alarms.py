"""Conditions that the plant's OPC UA server reports: real alarms of the library's own, by the Server object.

Each is one condition (AlarmConditionType) a machine and fault, kept by the server while it stands, so that a
client that connects later is told of it when it asks (ConditionRefresh).
"""

from asyncua import ua
from asyncua.server.event_generator import EventGenerator
from asyncua.server.server import Server
from asyncua.ua.object_ids import ObjectIds

from drivers.plant.faults import Fault, FaultKind
from drivers.plant.plan import OpcuaMachine

_WORDS = {
    FaultKind.ALARM: ("Overtemperature", "Drive overtemperature", "Drive temperature is normal again"),
    FaultKind.SERVICE: ("ServiceDue", "Service is due", "Service was done"),
}
"""What the condition is called, and what the controller says when it begins and ends."""


class MachineAlarms:
    """The conditions of all machines of one server."""

    def __init__(self, server: Server) -> None:
        """Keep the server; `prepare` must be called before it is initialised."""
        self._server = server
        self._generators: dict[tuple[int, FaultKind], EventGenerator] = {}

    def prepare(self) -> None:
        """Let clients ask which conditions stand."""
        self._server.iserver.bind_condition_methods = True

    async def tell(self, machine: OpcuaMachine, fault: Fault, *, is_active: bool) -> None:
        """Report that a condition begins or ends."""
        name, begun, over = _WORDS[fault.kind]
        generator = self._generators.get((machine.row, fault.kind))
        if generator is None:
            generator = await self._server.get_event_generator(ObjectIds.AlarmConditionType)
            generator.event.NodeId = ua.NodeId(ua.String(f"{machine.node}.{name}"), ua.Int16(1))
            generator.event.ConditionName = name
            generator.event.SourceName = machine.name
            generator.event.SourceNode = ua.NodeId(ua.String(machine.node), ua.Int16(1))
            generator.event.BranchId = ua.NodeId()
            generator.event.add_property("EnabledState/Id", True, ua.VariantType.Boolean)
            self._generators[machine.row, fault.kind] = generator
        event = generator.event
        event.Severity = min(max(round(fault.value), 1), 1000)
        event.Retain = is_active
        event.add_property("ActiveState/Id", is_active, ua.VariantType.Boolean)
        await generator.trigger(message=begun if is_active else over)
