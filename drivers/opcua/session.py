"""One session on one server, shared by every device that is reached through it, and its watchdog.

A session lives once: when it is lost, every driver that uses it raises the reason at its next read, and the
next `open` starts a new one. Nothing is carried over, so nothing can be stale: namespaces are looked up and
items are made anew.
"""

import asyncio
from collections.abc import Callable, Sequence
from itertools import count

from asyncua import ua

from drivers.errors import DriverError, LineLost
from drivers.opcua.address import NodeAddress
from drivers.opcua.channel import Channel
from drivers.opcua.event_feed import EventFeed
from drivers.opcua.faults import fault
from drivers.opcua.group import ItemGroup, Pace
from drivers.opcua.item import Carrier, Item
from drivers.opcua.link import Link
from drivers.opcua.own_certificate import CertificateStore
from drivers.opcua.publisher import Publisher
from drivers.opcua.services import ask_for_life, find_servers, read_facts, read_service_level
from drivers.opcua.settings import OpcuaSettings
from drivers.opcua.type_book import TypeBook
from drivers.trace import LineTrace

_TICK_S = 0.2
# A dead server is seen at the latest after this, a tick and one time-out: 1.8 s with the default of 1.0 s.
_PROBE_AFTER_S = 0.6


class Session:
    """Connected when it comes out of `start`. Used from one event loop.

    Attributes:
        is_relieved: Whether it ended because another server of the redundant set has taken over.
        types: What is known of the server's data types.
    """

    def __init__(self, link: Link) -> None:
        self.is_relieved = False
        self.types = TypeBook(link)
        self._link = link
        self._publisher = Publisher(link)
        self._groups: dict[Pace, ItemGroup] = {}
        self._handles = count(1)

    @staticmethod
    async def start(
        settings: OpcuaSettings,
        store: CertificateStore | None = None,
        trace: LineTrace | None = None,
        namespaces: dict[int, str] | None = None,
    ) -> "Session":
        """Connect to `settings.endpoint` and watch over the connection. Raises LineLost or NeedsHuman.

        Args:
            settings: Of one server.
            store: Keeps this station's certificate.
            trace: Where exchanges are noted.
            namespaces: URI of each index when the server was first seen; new ones are added.
        """
        channel = Channel(settings, store, trace)
        await channel.connect()
        try:
            facts = await read_facts(channel)
        except ua.UaStatusCodeError as error:
            channel.abort()
            raise fault(error, settings.endpoint, settings.timeout_s) from error
        except BaseException:
            channel.abort()
            raise
        session = Session(Link(channel, facts, settings.timeout_s, namespaces))
        session._link.spawn(session._watch(), "watchdog")
        session._link.spawn(session._renew(), "renewal")
        return session

    @property
    def lost(self) -> DriverError | None:
        """Why this session ended; None while it lives."""
        return self._link.lost

    @property
    def link(self) -> Link:
        """The connection itself, for tools that ask the server something else."""
        return self._link

    @property
    def endpoint(self) -> str:
        """The server that this session is on."""
        return self._link.channel.endpoint

    @property
    def service_level(self) -> int | None:
        """How well the server could serve when last asked, 0 to 255; None where it does not tell."""
        return self._link.facts.service_level

    @property
    def redundant_uris(self) -> tuple[str, ...]:
        """Application URIs of the server's redundant set; empty where it tells none."""
        return self._link.facts.redundant_uris

    async def ask_service_level(self) -> int | None:
        """Ask the server how well it can serve now. Raises LineLost, or NeedsHuman where it refuses."""
        link = self._link
        try:
            level = await read_service_level(link.channel)
        except ua.UaStatusCodeError as error:
            raise fault(error, self.endpoint, link.timeout_s) from error
        link.seen()
        return level

    async def find_redundant(self) -> list[str]:
        """Ask where the other servers of the set are; empty where that is not told. Raises LineLost."""
        try:
            return await find_servers(self._link.channel, self.redundant_uris) if self.redundant_uris else []
        except ua.UaStatusCodeError:
            return []  # a server need not know where its partners are; then the settings say so

    async def watch(
        self, settings: OpcuaSettings, addresses: Sequence[NodeAddress], tell: Callable[[], None]
    ) -> list[Item]:
        """Begin to watch `addresses`; one item each, in order. `tell` is called whenever values came.

        Raises:
            DriverError: The session was lost meanwhile.
        """
        nobody = Carrier()
        items = [Item(address, next(self._handles), nobody, tell) for address in addresses]
        group = self._group(settings)
        try:
            await group.add(items)
        except BaseException:
            group.remove(items)
            raise
        return items

    def release(self, settings: OpcuaSettings, items: Sequence[Item]) -> None:
        """Stop watching `items`. Returns at once."""
        self._group(settings).remove(items)

    def hear_events(self, notifier: NodeAddress) -> EventFeed:
        """Begin to hear of the events of `notifier`; returns at once. Stopping it is the caller's affair."""
        feed = EventFeed(self._link, self._publisher, notifier, next(self._handles))
        feed.start()
        return feed

    async def wait_for_arrival(self, deadline_s: float) -> bool:
        """Wait until some values arrived or the session was lost; False when `deadline_s` passed."""
        return await self._link.wait_for_arrival(deadline_s)

    async def relieve(self, error: DriverError) -> None:
        """End the session politely because another server has taken over. Never raises."""
        self.is_relieved = True
        await self._link.close(error)

    async def close(self) -> None:
        """End the session on the server, too, if it still answers. Safe twice; never raises."""
        await self._link.close()

    def _group(self, settings: OpcuaSettings) -> ItemGroup:
        pace = Pace.of(settings)
        group = self._groups.get(pace)
        if group is None:
            group = self._groups[pace] = ItemGroup(self._link, self._publisher, pace)
        return group

    async def _watch(self) -> None:
        # When this process itself stood still (suspended, overloaded), the loop reads its sockets before it
        # wakes whoever slept, so what a living server sent meanwhile is counted before its silence is judged.
        link = self._link
        while True:
            await asyncio.sleep(_TICK_S)
            if not link.channel.is_open:
                raise LineLost(
                    f"{link.channel.endpoint} closed the connection; check that the server still runs."
                )
            self._publisher.check_life()
            if link.quiet_s > _PROBE_AFTER_S:
                await ask_for_life(link.channel)
                link.seen()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._link.channel.renewal_s)
            await self._link.channel.renew()
