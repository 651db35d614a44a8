"""A real server's conditions and events, made by the library's own generator."""

from asyncua import Server, ua
from asyncua.server.event_generator import EventGenerator


class Alarm:
    """One condition of a server: switched on and off, told again at a refresh."""

    def __init__(self, generator: EventGenerator) -> None:
        self._generator = generator

    @staticmethod
    async def make(server: Server, name: str, source: str = "Press 3") -> "Alarm":
        generator = await server.get_event_generator(ua.ObjectIds.AlarmConditionType)
        event = generator.event
        event.ConditionName, event.SourceName = name, source
        event.NodeId = ua.NodeId(f"{source}.{name}", 2)
        event.BranchId = ua.NodeId()
        event.add_property("EnabledState/Id", True, ua.VariantType.Boolean)
        return Alarm(generator)

    async def tell(self, severity: int, message: str, *, is_active: bool) -> None:
        event = self._generator.event
        event.Severity, event.Retain = severity, is_active
        event.add_property("ActiveState/Id", is_active, ua.VariantType.Boolean)
        await self._generator.trigger(message=message)


async def tell_plainly(server: Server, severity: int, message: str, kind: int = 0) -> None:
    """Let the server report something that has no state."""
    generator = await server.get_event_generator(kind or ua.ObjectIds.BaseEventType)
    generator.event.Severity = severity
    await generator.trigger(message=message)
