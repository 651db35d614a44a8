"""The other end of the socket, somebody at the door, and things to send."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from console.link.frames import FrameReader, frame_from_message
from console.link.messages import (
    PROTOCOL,
    AlertChanges,
    AskDevice,
    DeviceFigures,
    Hello,
    Message,
    Welcome,
)
from models.records.device import DeviceId, DeviceState, DeviceStatus
from models.records.person import Role
from models.records.reading import Reading
from models.records.station import StationReport
from models.records.ticket import TicketHolder, TicketRefusal, TicketVerdict, digest_of

DEADLINE_S = 5.0
EXPIRES_AT = datetime(2026, 3, 1, tzinfo=UTC)
FIGURES = StationReport(1, 2, 30, 20, 10, 0, 3, 40, "live", 5.0)
UNKNOWN = TicketRefusal("The station does not know this sign-in; sign in again.", is_final=True)
ADMIN = TicketHolder(1, "Ada", Role.ADMIN, EXPIRES_AT, 600.0)
OPERATOR = TicketHolder(2, "Otto", Role.OPERATOR, EXPIRES_AT, 600.0)
EMIL = TicketHolder(3, "Emil", Role.USER, EXPIRES_AT, 600.0)
ERNA = TicketHolder(4, "Erna", Role.USER, EXPIRES_AT, 600.0)


def reading(device: int, *, value: float | None = 1.5) -> Reading:
    return Reading(DeviceId(device), 100.25, (value, None, 2.0, None, None, None), 3)


def state(device: int, detail: str = "", status: DeviceStatus = DeviceStatus.ONLINE) -> DeviceState:
    return DeviceState(DeviceId(device), status, detail, datetime.fromtimestamp(50, UTC))


def owned(**devices: tuple[int, ...]) -> dict[DeviceId, int]:
    """Owners by device, from devices by owner: `owned(emil=(1, 2))`."""
    people = {"emil": EMIL.person_id, "erna": ERNA.person_id}
    return {DeviceId(device): people[name] for name, some in devices.items() for device in some}


@dataclass
class FakeDoorkeeper:
    """Knows the tickets that the test gives out, named like their holders; `say` changes its mind."""

    verdicts: dict[bytes, TicketVerdict] = field(default_factory=dict)
    watchers: dict[bytes, list[Callable[[TicketVerdict], None]]] = field(default_factory=dict)
    is_silent: bool = False

    def __post_init__(self) -> None:
        for holder in (ADMIN, OPERATOR, EMIL, ERNA):
            self.verdicts[digest_of(holder.name)] = holder

    def watch(self, digest: bytes, on_verdict: Callable[[TicketVerdict], None]) -> Callable[[], None]:
        here = self.watchers.setdefault(digest, [])
        here.append(on_verdict)
        verdict = self.verdicts.get(digest, UNKNOWN)
        if not self.is_silent:
            asyncio.get_running_loop().call_soon(lambda: on_verdict in here and on_verdict(verdict))

        def unwatch() -> None:
            if on_verdict in here:
                here.remove(on_verdict)

        return unwatch

    def say(self, ticket: str, verdict: TicketVerdict) -> None:
        for on_verdict in list(self.watchers.get(digest_of(ticket), ())):
            on_verdict(verdict)

    @property
    def watched(self) -> int:
        return sum(len(watchers) for watchers in self.watchers.values())


class FakeWindow:
    """The other end of the socket, as a window would be."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._frames = FrameReader()
        self._messages: list[Message] = []

    async def next(self) -> Message:
        async with asyncio.timeout(DEADLINE_S):
            while not self._messages:
                data = await self.reader.read(65536)
                assert data, "the station closed the connection"
                self._messages += self._frames.feed(data)
        return self._messages.pop(0)

    def greet(self, ticket: str, name: str = "Control room") -> None:
        self.writer.write(frame_from_message(Hello(PROTOCOL, name, "0.1", 77, ticket)))

    async def signed_in(self, holder: TicketHolder) -> Message:
        """Show a ticket and be let in, to a plant without alerts; returns the states told.

        What is told of connections before the alerts comes next.
        """
        self.greet(holder.name)
        assert isinstance(await self.next(), Hello)
        assert await self.next() == Welcome(
            holder.person_id, holder.name, holder.role, EXPIRES_AT.timestamp()
        )
        states = await self.next()
        said = await self.next()
        figures = [said] if isinstance(said, DeviceFigures) else []
        assert (await self.next() if figures else said) == AlertChanges([], is_all=True)
        self._messages = [*figures, *self._messages]
        return states

    def ask(self, message: AskDevice) -> None:
        """Ask something of a device."""
        self.writer.write(frame_from_message(message))

    async def until_closed(self) -> list[Message]:
        """Read to the end; returns what was said until then."""
        async with asyncio.timeout(DEADLINE_S):
            while data := await self.reader.read(65536):
                self._messages += self._frames.feed(data)
        said, self._messages = self._messages, []
        return said

    async def close(self) -> None:
        self.writer.close()
