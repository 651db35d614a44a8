"""The OPC UA driver: answers reads from what the server pushed, and the hub that shares its sessions."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

from pydantic import BaseModel

from drivers.driver import DriverHub, TagAddress
from drivers.errors import DriverBug
from drivers.events import EventNews
from drivers.opcua.address import NodeAddress
from drivers.opcua.decode import raw_value
from drivers.opcua.elements import element_of, watched_alone
from drivers.opcua.event_feed import EventFeed
from drivers.opcua.faults import again
from drivers.opcua.fields import TypeMissing
from drivers.opcua.item import Item
from drivers.opcua.library_logs import quiet_library_logs
from drivers.opcua.line import SharedLine
from drivers.opcua.namespaces import lasting_address
from drivers.opcua.opened_value import OpenedValue
from drivers.opcua.own_certificate import CertificateStore
from drivers.opcua.session import Session
from drivers.opcua.settings import OpcuaSettings
from drivers.opcua.tracing import trace_since
from drivers.opcua.visiting import Visits
from drivers.trace import ErrorKind, LineTrace
from drivers.values import Quality, RawValue, bad


class OpcuaDriver:
    """One device. Reads cause no traffic; see `drivers.driver.Driver` for the contract."""

    def __init__(self, line: SharedLine, settings: OpcuaSettings, addresses: Sequence[NodeAddress]) -> None:
        self._line = line
        self._settings = settings
        self._addresses = tuple(address.begun_at(settings.start) for address in addresses)
        self._reads_parts = any(address.path for address in addresses)
        self._session: Session | None = None
        self._items: list[Item] = []
        self._parts_of: dict[NodeAddress, tuple[Item, OpenedValue]] = {}
        self._first_values_by_s = 0.0
        self._is_settled = False
        self._tell: Callable[[], None] | None = None
        self._events: EventFeed | None = None
        self._bad_values = 0
        self._trace_before = trace_since(line.trace)

    @property
    def trace(self) -> LineTrace:
        """What passed on the line since this driver was made, with the device's own bad values.

        Devices of one server share the line, and so all but those.
        """
        own = trace_since(self._line.trace, self._trace_before)
        if self._bad_values:
            own.errors[ErrorKind.BAD_VALUE] = self._bad_values
        return own

    def on_news(self, tell: Callable[[], None]) -> None:
        """Call `tell` from now on whenever values came; see `drivers.driver.PushingDriver`."""
        self._tell = tell

    def take_events(self) -> EventNews | None:
        """Return what came since the last call; see `drivers.events.EventfulDriver`."""
        return None if self._events is None else self._events.take()

    async def open(self) -> None:
        """Join the server's session and watch this device's nodes. Idempotent while connected."""
        if self._session is not None:
            if self._session.lost is None:
                return
            self._release()
        session = await self._line.join(self)
        try:
            watched = await self._watched(session) if self._reads_parts else self._addresses
            self._items = await session.watch(self._settings, watched, self._on_arrival)
        except BaseException:
            await self._line.leave(self)
            raise
        self._session = session
        if self._settings.events:
            self._events = session.hear_events(self._settings.notifier)
        if self._reads_parts:
            self._parts_of = {
                item.address: (
                    item,
                    OpenedValue(session.types.opened, is_element=item.index_range is not None),
                )
                for item in self._items
            }
        self._is_settled = False
        # The first notification comes with the next publishing; a device with a slow source may need longer,
        # but a read must not.
        self._first_values_by_s = (
            asyncio.get_running_loop().time()
            + self._settings.timeout_s
            + self._settings.publishing_interval_ms / 1000.0
        )

    async def read(self) -> list[RawValue]:
        """Return the newest value of each address.

        `received_unix` is the last sign of life of the subscription (or the last poll) that carries the
        value, not the moment it changed. Waits for values only within the first moments after `open`.
        """
        session = self._session
        if session is None:
            raise DriverBug(f"{self._settings.endpoint} was read before it was opened.")
        while not self._is_settled and session.lost is None:
            self._is_settled = all(item.data is not None or item.refusal for item in self._items) or (
                not await session.wait_for_arrival(self._first_values_by_s)
            )
        if session.lost is not None:
            if not session.is_relieved or self._line.current is None:
                raise again(session.lost)
            # Another server of the redundant set took over, and is connected already.
            await self.open()
            return await self.read()
        values = (
            await self._parts(session) if self._reads_parts else [self._value(item) for item in self._items]
        )
        self._bad_values += sum(value.quality is Quality.BAD for value in values)
        return values

    def better_addresses(self) -> Mapping[str, str]:
        """Return those whose index means another namespace than when the server was first seen, by URI."""
        session, found = self._session, dict[str, str]()
        if session is not None:
            link = session.link
            for address in self._addresses:
                lasting = lasting_address(address, link.facts.namespaces, link.first_namespaces)
                if lasting is not None:
                    found[str(address)] = str(lasting)
        return found

    async def close(self) -> None:
        """Stop watching; the last device of a server ends its session."""
        self._release()
        await self._line.leave(self)

    def _on_arrival(self) -> None:
        if self._tell is not None:
            self._tell()

    def _release(self) -> None:
        session, self._session = self._session, None
        items, self._items = self._items, []
        if self._events is not None:
            self._events.stop()
        if session is not None and session.lost is None:
            session.release(self._settings, items)

    async def _watched(self, session: Session) -> tuple[NodeAddress, ...]:
        """Return what is watched: tags in one structure or array share what brings its value."""
        alone = await watched_alone(session.link, self._addresses)
        return tuple(
            dict.fromkeys(
                (element_of(address) if address.node in alone else None) or address.node
                for address in self._addresses
            )
        )

    async def _parts(self, session: Session) -> list[RawValue]:
        """Return the values where some are parts of others; types that are new are learned meanwhile."""
        while True:
            try:
                return [self._part(address) for address in self._addresses]
            except TypeMissing as missing:
                await session.types.learn(missing.value, missing.node)

    def _part(self, address: NodeAddress) -> RawValue:
        item, opened = (
            self._parts_of.get(address.node) or self._parts_of[address.node.within(address.path[:1])]
        )
        if item.data is None or not address.path:
            return self._value(item)
        try:
            return self._value(item, opened.reading(item.data, address.path))
        except TypeMissing as missing:
            missing.node = item.node
            raise

    @staticmethod
    def _value(item: Item, part: Callable[[object], object] | None = None) -> RawValue:
        if item.refusal:
            return bad(item.refusal, time.time())
        if item.data is None:
            return bad("no value yet", item.carrier.at_unix)
        return raw_value(item.data, item.text, item.carrier.at_unix, part)


class OpcuaHub:
    """All OPC UA devices of one process. Devices with equal `OpcuaSettings.session_key` share a line."""

    def __init__(self, folder: Path | None = None) -> None:
        """Begin without lines.

        Args:
            folder: Where this station's own certificate is kept; None: no connection can be secured.
        """
        quiet_library_logs()
        self.certificates = CertificateStore(folder)
        self.visits = Visits()
        self._lines: dict[tuple[object, ...], SharedLine] = {}

    def driver(self, settings: BaseModel, addresses: Sequence[TagAddress]) -> OpcuaDriver:
        """Make the driver of one device. Does no I/O."""
        chosen = own_settings(settings)
        return OpcuaDriver(self.line(chosen), chosen, cast("Sequence[NodeAddress]", addresses))

    def line(self, settings: OpcuaSettings) -> SharedLine:
        """Return the line that devices of these settings share. Does no I/O."""
        key = settings.session_key
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = SharedLine(settings, self.certificates)
        return line

    async def close(self) -> None:
        """Close every session. Safe twice."""
        await self.visits.close()
        for line in self._lines.values():
            await line.close()


def own_settings(settings: BaseModel) -> OpcuaSettings:
    """Return settings as what they are. Raises DriverBug where they are another protocol's."""
    if not isinstance(settings, OpcuaSettings):
        raise DriverBug(f"OPC UA was given settings of type {type(settings).__name__}.")
    return settings


def own_hub(hub: DriverHub) -> OpcuaHub:
    """Return a hub as what it is. Raises DriverBug where it is another protocol's."""
    if not isinstance(hub, OpcuaHub):
        raise DriverBug(f"OPC UA was given a hub of type {type(hub).__name__}.")
    return hub
