"""Looking around in a server: references and attributes, as functions of a link that speak in typed records.

Every function keeps to the limits that server and settings set, in as many requests as that takes. Each
raises LineLost, or `ua.UaStatusCodeError` where the server refuses the service as a whole.
"""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from drivers.errors import LineLost
from drivers.opcua.address import NodeAddress
from drivers.opcua.faults import is_too_large
from drivers.opcua.link import Link
from drivers.opcua.reference_wire import Branch, Place, read_branches
from drivers.opcua.services import all_of, node_id

OBJECT, VARIABLE = 1, 2
"""Node classes, OPC 10000-3, 5.9."""
READABLE, WRITABLE = 1, 2
"""Bits of an access level, OPC 10000-3, 8.57."""

_NODE_S = 0.002  # what each node may cost a small controller, besides the settings' time-out
_BROWSED_AT_ONCE = 100

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Ways:
    """Which references to follow.

    Attributes:
        kind: Reference type, in namespace 0; its subtypes count.
        is_forward: In which direction.
        classes: Only to nodes of these classes, as a bit mask; 0 = of any.
    """

    kind: int
    is_forward: bool = True
    classes: int = 0


CHILDREN = Ways(ObjectIds.HierarchicalReferences, classes=OBJECT | VARIABLE)
PROPERTIES = Ways(ObjectIds.HasProperty, classes=VARIABLE)


@dataclass(frozen=True, slots=True)
class BrowseLimits:
    """What the server says of browsing.

    Attributes:
        nodes: Most nodes in one request.
        points: Most continuation points of a session; None where it tells none.
    """

    nodes: int
    points: int | None


async def browse_limits(link: Link) -> BrowseLimits:
    """Ask how much may be browsed at once."""
    asked = (
        ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerBrowse,
        ObjectIds.Server_ServerCapabilities_MaxBrowseContinuationPoints,
    )
    answers = await read_attributes(link, [((0, number), AttributeIds.Value) for number in asked])
    nodes, points = (_positive(content(answer)) for answer in answers)
    return BrowseLimits(min(nodes or _BROWSED_AT_ONCE, _BROWSED_AT_ONCE), points)


async def browse(link: Link, places: Sequence[Place], ways: Ways, most: int, limit: int) -> list[Branch]:
    """Return what each of `places` leads to, in order.

    Args:
        link: Where.
        places: Any number.
        ways: Which references.
        most: References of one node before the server gives a continuation point; 0 = as it likes. A server
            need not keep to it.
        limit: Places in one request, at most.
    """
    found: list[Branch] = []
    while len(found) < len(places):
        batch = places[len(found) : len(found) + limit]
        try:
            found.extend(await _browse(link, batch, ways, most))
        except ua.UaStatusCodeError as error:
            if not is_too_large(error.code or 0) or len(batch) == 1:
                raise
            limit = len(batch) // 2
    return found


async def browse_whole(link: Link, places: Sequence[Place], ways: Ways, limit: int) -> list[Branch]:
    """Do the same, and follow continuation points to their ends: for nodes that lead to few."""
    branches = await browse(link, places, ways, 0, limit)
    for number, branch in enumerate(branches):
        whole = branch
        while whole.point:
            following = await browse_next(link, whole.point)
            whole = Branch(whole.code, following.point, (*whole.references, *following.references))
        branches[number] = whole
    return branches


async def browse_next(link: Link, point: bytes) -> Branch:
    """Return what follows a continuation point."""
    request = ua.BrowseNextRequest()
    request.Parameters.ReleaseContinuationPoints = False
    request.Parameters.ContinuationPoints = [point]
    (branch,) = await _ask(link, request, 1)
    return branch


async def release(link: Link, points: Sequence[bytes]) -> None:
    """Let the server forget continuation points. One that it has forgotten already is no fault."""
    request = ua.BrowseNextRequest()
    request.Parameters.ReleaseContinuationPoints = True
    request.Parameters.ContinuationPoints = list(points)
    await link.channel.ask(request, partial(read_branches, namespaces=()))


async def read_attributes(link: Link, wanted: Sequence[tuple[Place, int]]) -> list[ua.DataValue]:
    """Read attributes; one DataValue each, in order. What the server refuses has a bad status."""
    values: list[ua.DataValue] = []
    limit = link.facts.nodes_per_read
    while len(values) < len(wanted):
        batch = wanted[len(values) : len(values) + limit]
        try:
            values.extend(await _read(link, batch))
        except (ua.UaStatusCodeError, LineLost) as error:
            code = _code_of_one(link, error)
            if code is None:
                raise
            if len(batch) > 1:
                limit = len(batch) // 2
            else:
                # One value that cannot be sent or decoded costs itself, and not what else is shown.
                values.append(ua.DataValue(StatusCode=ua.StatusCode(ua.UInt32(code))))
    return values


async def read_data_type(link: Link, place: Place) -> Place | None:
    """Ask for the data type of a variable; None where it is not told."""
    (answer,) = await read_attributes(link, [(place, AttributeIds.DataType)])
    found = content(answer)
    return place_of(found) if isinstance(found, ua.NodeId) else None


async def read_range(link: Link, place: Place, index_range: str) -> ua.DataValue:
    """Read a part of an array. Servers that cannot answer BadIndexRangeInvalid, or send the whole."""
    request = ua.ReadRequest()
    request.Parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
    request.Parameters.NodesToRead = [
        ua.ReadValueId(NodeId=node_of(place), AttributeId=AttributeIds.Value, IndexRange=index_range)
    ]
    response = await link.channel.call(request, ua.ReadResponse)
    (data,) = all_of(response.Results, 1, link.channel)
    return data


async def write_value(link: Link, place: Place, variant: ua.Variant, index_range: str | None) -> int:
    """Write a Value attribute, or a part of an array; returns the status code."""
    request = ua.WriteRequest()
    # Neither status nor times: many servers refuse to have theirs set (OPC 10000-4, 5.11.4.2).
    value = ua.DataValue(variant, StatusCode=None)
    request.Parameters.NodesToWrite = [
        ua.WriteValue(
            NodeId=node_of(place), AttributeId=AttributeIds.Value, IndexRange=index_range, Value=value
        )
    ]
    response = await link.channel.call(request, ua.WriteResponse)
    (status,) = all_of(response.Results, 1, link.channel)
    return status.value


def content(data: ua.DataValue) -> Any:
    """Return what a DataValue holds; None where it is bad or empty."""
    status = data.StatusCode
    if status is not None and status.value >> 30 >= 2:
        return None
    return data.Value.Value if data.Value is not None else None


def node_of(place: Place) -> ua.NodeId:
    """Return asyncua's form of a place."""
    return node_id(place[1], place[0])


def place_of(node: ua.NodeId) -> Place:
    """Return the place of asyncua's node id."""
    return int(node.NamespaceIndex), node.Identifier


def address_of(place: Place, namespaces: Sequence[str]) -> NodeAddress:
    """Return the address of a place that stays true when the server renumbers its namespaces."""
    index, identifier = place
    is_known = 0 < index < len(namespaces) and bool(namespaces[index].strip())
    return NodeAddress(namespaces[index] if is_known else index, identifier)


async def _browse(link: Link, places: Sequence[Place], ways: Ways, most: int) -> list[Branch]:
    request = ua.BrowseRequest()
    request.Parameters.RequestedMaxReferencesPerNode = most
    direction = ua.BrowseDirection.Forward if ways.is_forward else ua.BrowseDirection.Inverse
    request.Parameters.NodesToBrowse = [
        ua.BrowseDescription(
            NodeId=node_of(place),
            BrowseDirection=direction,
            ReferenceTypeId=node_id(ways.kind, 0),
            IncludeSubtypes=True,
            NodeClassMask=ways.classes,
            ResultMask=ua.BrowseResultMask.All,
        )
        for place in places
    ]
    return await _ask(link, request, len(places))


async def _ask(link: Link, request: Any, count: int) -> list[Branch]:
    read = partial(read_branches, namespaces=link.facts.namespaces)
    answer = await _in_time(link, count, partial(link.channel.ask, request, read))
    return all_of(answer.branches, count, link.channel)


async def _read(link: Link, wanted: Sequence[tuple[Place, int]]) -> list[ua.DataValue]:
    request = ua.ReadRequest()
    request.Parameters.TimestampsToReturn = ua.TimestampsToReturn.Neither
    request.Parameters.NodesToRead = [
        ua.ReadValueId(NodeId=node_of(place), AttributeId=attribute) for place, attribute in wanted
    ]
    response = await _in_time(link, len(wanted), partial(link.channel.call, request, ua.ReadResponse))
    return all_of(response.Results, len(wanted), link.channel)


async def _in_time(link: Link, count: int, asking: Callable[[float], Awaitable[_Answer]]) -> _Answer:
    """Wait as long as a request over `count` nodes may take, with the watchdog's patience."""
    timeout_s = link.begin_bulk(count, _NODE_S)
    try:
        answer = await asking(timeout_s)
    except ua.UaStatusCodeError:
        link.end_bulk()
        raise
    link.end_bulk()
    return answer


def _code_of_one(link: Link, error: ua.UaStatusCodeError | LineLost) -> int | None:
    """Return the status of a value that spoils the answer it is in; None where that is not what happened."""
    if isinstance(error, ua.UaStatusCodeError):
        return error.code if is_too_large(error.code or 0) else None
    is_foreign = not isinstance(error.__cause__, OSError | None)
    return StatusCodes.BadDecodingError if is_foreign and link.channel.is_open else None


def _positive(value: object) -> int | None:
    return value if type(value) is int and value > 0 else None
