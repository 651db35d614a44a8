"""An update's own session on a device's server: find nodes, read them, call methods, each reply checked.

OPC UA allows many sessions, so the one that polls goes on beside it. Address, security, trust and sign-in are
those of the device's settings, through the very code that polling uses. Of redundant servers only the first
is used: a file that one of them took is not on the others.
"""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false

from collections.abc import Sequence
from typing import Any

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds

from drivers.driver import DriverHub
from drivers.errors import DriverError, LineLost, NeedsHuman
from drivers.firmware.opcua_refusals import refusal
from drivers.opcua.address import NodeAddress
from drivers.opcua.address_space import Ways, browse, browse_next, node_of, place_of, write_value
from drivers.opcua.driver import own_hub
from drivers.opcua.faults import again, ends_session
from drivers.opcua.fields import NotThere
from drivers.opcua.finding import find_paths
from drivers.opcua.finding import place_in as place_in_session
from drivers.opcua.link import Link
from drivers.opcua.reference_wire import Place, Reference
from drivers.opcua.services import all_of, read_values
from drivers.opcua.session import Session
from drivers.opcua.settings import OpcuaSettings

OBJECTS: Place = (0, ObjectIds.ObjectsFolder)
_EVERY_CHILD = Ways(ObjectIds.HierarchicalReferences)
_MOST_CHILDREN = 2000


class Unanswered(LineLost):
    """A method was called, and nobody knows whether the device has done it."""


class OwnSession:
    """Used from one event loop, by one task at a time. Connected between `open` and its loss or `close`."""

    def __init__(self, hub: DriverHub, settings: OpcuaSettings) -> None:
        self.settings = settings
        self.endpoint = settings.endpoint
        self._certificates = own_hub(hub).certificates
        self._session: Session | None = None
        self._children: dict[Place, dict[str, Reference]] = {}
        self._read_before: set[Place] = set()
        self._view = object()
        # Namespaces as they were when the server was first seen: it may come back from a reboot with others.
        self._namespaces: dict[int, str] = {}

    @property
    def is_open(self) -> bool:
        """Whether the session lives."""
        session = self._session
        return session is not None and session.lost is None and session.link.channel.is_open

    @property
    def key(self) -> object:
        """What changes with each new session: files and locks belong to one."""
        return self._session

    @property
    def view(self) -> object:
        """What changes whenever nodes have to be looked for anew."""
        return self._view

    async def open(self) -> None:
        """Connect, if not connected. Raises LineLost or NeedsHuman."""
        if self.is_open:
            return
        await self.close()
        self._session = await Session.start(self.settings, self._certificates, namespaces=self._namespaces)

    async def close(self) -> None:
        """End the session on the server, too, where it answers. Safe twice; never raises."""
        session, self._session = self._session, None
        self._forget_nodes()
        if session is not None:
            await session.close()

    def index_of(self, uri: str) -> int | None:
        """Return the index of a namespace in this session; None where the server has none of this URI."""
        namespaces = self._link().facts.namespaces
        return namespaces.index(uri) if uri in namespaces else None

    async def place(self, address: NodeAddress) -> Place:
        """Return where an address is in this session. Raises NeedsHuman where it is nowhere, and LineLost."""
        link = self._link()
        try:
            await find_paths(link, [address], is_again=True)
            return place_in_session(link, address)
        except NotThere as why:
            raise NeedsHuman(f"{self.endpoint}: {address}: {why}.") from why

    async def children(self, place: Place) -> dict[str, Reference]:
        """Return what a node consists of, by browse name; asked once a session."""
        known = self._children.get(place)
        if known is None:
            known = self._children[place] = await self._browse(place)
        return known

    async def find(self, start: Place, path: str) -> Place | None:
        """Follow browse names, as in "Loading/FileTransfer"; None where one of them is not there."""
        place: Place | None = start
        for name in filter(None, path.split("/")):
            assert place is not None
            reference = (await self.children(place)).get(name)
            place = None if reference is None else reference.place
            if place is None:
                return None
        return place

    async def need(self, start: Place, path: str, of: str) -> Place:
        """Return the same. Raises NeedsHuman naming what is missing; `of` is what it belongs to."""
        place = await self.find(start, path)
        if place is None:
            raise NeedsHuman(
                f"{self.endpoint}: {of} has no {path}, which this way of updating needs; "
                "choose another way for this product, or have its maker add it."
            )
        return place

    async def read(self, places: Sequence[Place]) -> list[ua.DataValue]:
        """Read values with their times; one each, in order. Raises LineLost while the device is away."""
        link = self._link()
        values: list[ua.DataValue] = []
        limit = max(1, link.facts.nodes_per_read)
        try:
            while len(values) < len(places):
                batch = places[len(values) : len(values) + limit]
                values += await read_values(link.channel, [node_of(place) for place in batch])
        except ua.UaStatusCodeError as error:
            raise self._refused(error.code or 0, "reading") from error
        link.seen()
        for place, value in zip(places, values, strict=True):
            code = value.StatusCode.value if value.StatusCode is not None else 0
            if code >> 30 < 2:
                self._read_before.add(place)
                continue
            problem = self._refused(code, "reading")
            if isinstance(problem, LineLost):
                raise problem
            if place in self._read_before:
                self._forget_nodes()
                raise LineLost(f"{self.endpoint} has other nodes than before; they are looked for anew.")
        return values

    async def write(self, place: Place, variant: ua.Variant, name: str) -> None:
        """Write a value. Raises Refused, NeedsHuman or LineLost; `name` is what people call the node."""
        try:
            code = await write_value(self._link(), place, variant, None)
        except ua.UaStatusCodeError as error:
            code = error.code or 0
        if code >> 30 >= 2:
            raise self._refused(code, f"writing {name}")

    async def call(
        self,
        owner: Place,
        method: Place,
        name: str,
        *arguments: ua.Variant,
        returns: tuple[ua.VariantType, ...] = (),
        more_s: float = 0.0,
    ) -> list[Any]:
        """Call a method once and return what it returns.

        Args:
            owner: The object.
            method: Of the object or of its type.
            name: What people call it.
            *arguments: As the specification lists them.
            returns: Types of what it returns; a method that returns something else is not the one meant.
            more_s: How long the device may take, besides the settings' time-out.

        Raises:
            Refused: The device declined, or is not in a state for it.
            NeedsHuman: The method is not what the specification says, or not allowed to this user.
            Unanswered: It went out and no answer came from the device: it was done, or not.
            LineLost: It did not go out.
        """
        link = self._link()
        request = ua.CallRequest()
        request.Parameters.MethodsToCall = [
            ua.CallMethodRequest(node_of(owner), node_of(method), list(arguments))
        ]
        timeout_s = link.begin_bulk(1, more_s)
        try:
            response = await link.channel.call(request, ua.CallResponse, timeout_s)
            link.end_bulk()
            (result,) = all_of(response.Results, 1, link.channel)
            code = result.StatusCode.value
        except ua.UaStatusCodeError as error:
            link.end_bulk()
            raise self._not_done(error.code or 0, name) from error
        except LineLost as lost:
            raise Unanswered(str(lost)) from lost
        if code >> 30 >= 2:
            raise self._not_done(code, name)
        outputs: list[ua.Variant] = list(result.OutputArguments or ())
        told = tuple(output.VariantType for output in outputs)
        if told[: len(returns)] != returns and not self._is_null(told, returns):
            wanted = ", ".join(kind.name for kind in returns)
            got = ", ".join(getattr(kind, "name", str(kind)) for kind in told) or "nothing"
            raise NeedsHuman(
                f"{self.endpoint}: {name} returned {got} instead of {wanted}; "
                "this server does not keep to the specification, so choose another way for this product."
            )
        return [output.Value for output in outputs]

    @staticmethod
    def _is_null(told: tuple[Any, ...], returns: tuple[ua.VariantType, ...]) -> bool:
        """Whether nulls stand where values may: some servers send a null NodeId as an empty variant."""
        return len(told) == len(returns) and all(
            got in (wanted, ua.VariantType.Null) for got, wanted in zip(told, returns, strict=True)
        )

    def _not_done(self, code: int, name: str) -> DriverError:
        """Return what a bad status of a method that was called means."""
        problem = self._refused(code, name)
        return Unanswered(str(problem)) if isinstance(problem, LineLost) else problem

    def _refused(self, code: int, name: str) -> DriverError:
        problem = refusal(code, self.endpoint, name)
        if ends_session(code) and self._session is not None:
            self._session.link.lose(problem)
        return problem

    def _forget_nodes(self) -> None:
        self._children.clear()
        self._read_before.clear()
        self._view = object()

    def _link(self) -> Link:
        session = self._session
        if session is None:
            raise LineLost(f"{self.endpoint} is not connected.")
        if session.lost is not None:
            raise again(session.lost)
        return session.link

    async def _browse(self, place: Place) -> dict[str, Reference]:
        link = self._link()
        try:
            (branch,) = await browse(link, [place], _EVERY_CHILD, 0, 1)
            references = list(branch.references)
            while branch.point and len(references) <= _MOST_CHILDREN:
                branch = await browse_next(link, branch.point)
                references += branch.references
        except ua.UaStatusCodeError as error:
            raise self._refused(error.code or 0, "browsing") from error
        if branch.code >> 30 >= 2:
            raise self._refused(branch.code, "browsing")
        if len(references) > _MOST_CHILDREN:
            raise NeedsHuman(
                f"{self.endpoint} has more than {_MOST_CHILDREN} nodes below one; "
                "name the device's object as Starting node in its settings."
            )
        found: dict[str, Reference] = {}
        for reference in references:
            if reference.place is not None:
                found.setdefault(reference.browse_name, reference)
        return found


def text_of(value: ua.DataValue) -> str:
    """Return the text that a node holds; empty where it holds none."""
    code = value.StatusCode.value if value.StatusCode is not None else 0
    held = value.Value.Value if value.Value is not None and code >> 30 < 2 else None
    if isinstance(held, ua.LocalizedText):
        held = held.Text
    return "" if held is None or isinstance(held, bytes | list) else str(held)


def number_of(value: ua.DataValue) -> float | None:
    """Return the number that a node holds; None where it holds none."""
    code = value.StatusCode.value if value.StatusCode is not None else 0
    held = value.Value.Value if value.Value is not None and code >> 30 < 2 else None
    return held if isinstance(held, int | float) and not isinstance(held, bool) else None


def place_in(value: ua.DataValue | object) -> Place | None:
    """Return the node that a value names; None where it names none."""
    held = value.Value.Value if isinstance(value, ua.DataValue) and value.Value is not None else value
    return place_of(held) if isinstance(held, ua.NodeId) and not held.is_null() else None
