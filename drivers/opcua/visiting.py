"""Tools as guests of the session that a server's devices share: they join it, look around, and leave.

Where no device uses the server, the session is opened for the guest, and kept for a while: whoever looks
through a tree asks again in a moment, and the server's continuation points live as long as the session.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

from drivers.errors import Refused
from drivers.opcua.address import NodeAddress, parse_address
from drivers.opcua.address_space import (
    CHILDREN,
    BrowseLimits,
    address_of,
    browse,
    browse_limits,
    release,
)
from drivers.opcua.decode import status_words
from drivers.opcua.faults import ends_session, fault
from drivers.opcua.fields import NotThere
from drivers.opcua.finding import find_paths, place_in
from drivers.opcua.line import SharedLine
from drivers.opcua.link import Link
from drivers.opcua.reference_wire import Branch, Place, Reference
from drivers.opcua.session import Session
from drivers.opcua.type_book import TypeBook

OUT_OF_POINTS = StatusCodes.BadNoContinuationPoints

_LINGER_S = 20.0
_KEPT_PAGES = 4  # trees left half open; a server grants few continuation points, and others want some, too


@dataclass(slots=True)
class Rest:
    """What a tree has not shown yet of a node's children.

    Attributes:
        point: The server's continuation point; empty where it has sent all.
        waiting: References that came already: servers may send more than was asked for.
    """

    point: bytes
    waiting: Sequence[Reference]


class Visit:
    """One session as tools see it. Used from one event loop."""

    def __init__(self, session: Session, limits: BrowseLimits) -> None:
        self.session = session
        self.limits = limits
        self._rests: OrderedDict[str, Rest] = OrderedDict()
        self._numbers = 0

    @property
    def link(self) -> Link:
        """The connection."""
        return self.session.link

    @property
    def types(self) -> TypeBook:
        """What is known of the server's data types."""
        return self.session.types

    async def place(self, address: NodeAddress) -> Place:
        """Return where an address is in this session. Raises Refused where it is nowhere, LineLost."""
        try:
            await find_paths(self.link, [address], is_again=True)
            return place_in(self.link, address)
        except NotThere as why:
            raise Refused(f"{address}: {why}.") from why

    def address(self, place: Place) -> NodeAddress:
        """Return the address of a place that lasts."""
        return address_of(place, self.link.facts.namespaces)

    async def keep(self, rest: Rest) -> str:
        """Keep the rest of a node's children; returns the name by which `take` finds it."""
        self._numbers += 1
        name = str(self._numbers)
        self._rests[name] = rest
        most = min(_KEPT_PAGES, self.limits.points or _KEPT_PAGES)
        while len(self._rests) > most:
            _, forgotten = self._rests.popitem(last=False)
            await self._release([forgotten])
        return name

    def take(self, name: str) -> Rest | None:
        """Return a rest that was kept, and keep it no longer; None where it was forgotten."""
        return self._rests.pop(name, None)

    async def end(self) -> bool:
        """Let the server forget what was not looked at; whether there was any. Never raises."""
        rests = [*self._rests.values()]
        self._rests.clear()
        await self._release(rests)
        return any(rest.point for rest in rests)

    async def browse(self, places: Sequence[Place], most: int) -> list[Branch]:
        """Return the children of nodes; see `address_space.browse`.

        A server that is out of continuation points gets back what trees have left half open.
        """
        branches = await browse(self.link, places, CHILDREN, most, self.limits.nodes)
        short = [number for number, branch in enumerate(branches) if branch.code == OUT_OF_POINTS]
        if short and await self.end():
            (branches[short[0]],) = await browse(self.link, [places[short[0]]], CHILDREN, most, 1)
        return branches

    async def _release(self, rests: Sequence[Rest]) -> None:
        points = [rest.point for rest in rests if rest.point]
        if not points or self.session.lost is not None:
            return
        try:
            await release(self.link, points)
        except (ua.UaStatusCodeError, OSError):
            pass  # a courtesy: the server forgets them with the session at the latest


class Visits:
    """All visits of a hub, one a line. Used from one event loop."""

    def __init__(self) -> None:
        self._guests: dict[SharedLine, _Guest] = {}

    @asynccontextmanager
    async def to(self, line: SharedLine, endpoint: str) -> AsyncGenerator[Visit]:
        """Join a line for as long as the context lasts.

        Args:
            line: That the server's devices share.
            endpoint: What people call the server.

        Raises:
            DriverError: It cannot be joined, or the server refuses what is asked in the context.
        """
        guest = self._guests.get(line)
        if guest is None:
            guest = self._guests[line] = _Guest(line)
        try:
            yield await guest.enter()
        except ua.UaStatusCodeError as error:
            code = error.code or 0
            if ends_session(code):
                raise fault(error, endpoint, 0.0) from error
            raise Refused(f"{endpoint} refuses this: {status_words(code)}.") from error
        finally:
            guest.exit()

    async def close(self) -> None:
        """Leave every line. Safe twice."""
        guests, self._guests = [*self._guests.values()], {}
        for guest in guests:
            await guest.close()


class _Guest:
    """A user of one line, counted once however many tools are at work."""

    def __init__(self, line: SharedLine) -> None:
        self._line = line
        self._visit: Visit | None = None
        self._at_work = 0
        self._leaving: asyncio.Task[None] | None = None

    async def enter(self) -> Visit:
        """Join the line, and return the visit to its session."""
        self._at_work += 1
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None
        session = await self._line.join(self)
        if self._visit is None or self._visit.session is not session:
            self._visit = Visit(session, await browse_limits(session.link))
        return self._visit

    def exit(self) -> None:
        """Leave in a while, unless somebody enters again."""
        self._at_work -= 1
        if self._at_work == 0 and self._leaving is None:
            self._leaving = asyncio.create_task(self._leave_later(), name="opcua visit ends")

    async def close(self) -> None:
        """Leave at once."""
        if self._leaving is not None:
            self._leaving.cancel()
            await asyncio.wait({self._leaving})
        await self._line.leave(self)

    async def _leave_later(self) -> None:
        await asyncio.sleep(_LINGER_S)
        self._leaving = None
        visit, self._visit = self._visit, None
        if visit is not None:
            await visit.end()
        if not self._at_work:
            await self._line.leave(self)


def address_from(text: str) -> NodeAddress:
    """Return the address of a text that tools are given. Raises Refused where it is none."""
    try:
        return parse_address(text)
    except ValueError as error:
        raise Refused(str(error)) from error
