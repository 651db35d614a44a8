"""Where addresses are in a session: by node id at once, by browse path once the server was asked.

The server resolves paths (TranslateBrowsePathsToNodeIds, OPC 10000-4, 5.9.4), many in one question. What it
said is kept with the link, which lives as long as the session: after a restart everything is asked anew. A
path that leads nowhere costs its own tag only, and the step that is not there is told.
"""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false

from collections.abc import Iterable, Sequence
from typing import Any

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from drivers.opcua.address import NodeAddress
from drivers.opcua.browse_path import Step
from drivers.opcua.decode import refusal_words, status_words
from drivers.opcua.faults import ends_session, fault, is_too_large
from drivers.opcua.fields import NotThere
from drivers.opcua.link import Link
from drivers.opcua.namespaces import index_of
from drivers.opcua.reference_wire import Place
from drivers.opcua.services import all_of, node_id

_WHOLE = 0xFFFFFFFF  # "nothing of the path remains", OPC 10000-4, 5.9.4.2
_PATH_S = 0.01  # a small controller may need this long to follow one path
_NOBODY = (StatusCodes.BadNoMatch, StatusCodes.BadNotFound)


def place_in(link: Link, address: NodeAddress) -> Place:
    """Return where an address is in this session; of one by path, after `find_paths` has looked for it.

    Raises:
        NotThere: It is nowhere; says why.
    """
    if not address.steps:
        return index_of(address, link.facts.namespaces, link.first_namespaces), address.identifier
    found = link.places.get(address.node, "its path was not looked for yet")
    if isinstance(found, str):
        raise NotThere(found)
    return found


async def find_paths(link: Link, addresses: Iterable[NodeAddress], *, is_again: bool = False) -> None:
    """Have the server say where addresses by path are, as far as that is not known in this session.

    Args:
        link: Where.
        addresses: Those by node id are passed over.
        is_again: Look anew for those that led nowhere.

    Raises:
        DriverError: The connection ended.
    """
    wanted = {address.node: None for address in addresses if address.steps}
    unknown = [
        one for one in wanted if one not in link.places or (is_again and isinstance(link.places[one], str))
    ]
    if not unknown:
        return
    try:
        found = await _resolved(link, unknown)
        lost = [one for one in unknown if found[one] is None]
        beginnings = [
            part for one in lost for part in _beginnings(one) if part not in found and part not in link.places
        ]
        found |= await _resolved(link, [*dict.fromkeys(beginnings)])
    except ua.UaStatusCodeError as error:
        if ends_session(error.code or 0):
            raise fault(error, link.channel.endpoint, link.timeout_s) from error
        why = f"the server follows no browse paths ({status_words(error.code or 0)}); name the node by its id"
        link.places.update(dict.fromkeys(unknown, why))
        return
    known = {**link.places, **found}
    for one in unknown:
        link.places[one] = found[one] or _missing(one, known)


async def _resolved(link: Link, addresses: Sequence[NodeAddress]) -> dict[NodeAddress, Place | str | None]:
    """Return for each its place, why it has none, or None where the server finds nothing of that name."""
    found: dict[NodeAddress, Place | str | None] = {}
    asked: list[tuple[NodeAddress, Any]] = []
    for address in addresses:
        try:
            asked.append((address, _path(link, address)))
        except NotThere as why:
            found[address] = str(why)
    size = link.facts.nodes_per_read
    while asked:
        batch, asked = asked[:size], asked[size:]
        try:
            results = await _ask(link, [path for _, path in batch])
        except ua.UaStatusCodeError as error:
            if not is_too_large(error.code or 0) or len(batch) == 1:
                raise
            asked, size = [*batch, *asked], max(1, len(batch) // 2)
            continue
        for (address, _), result in zip(batch, results, strict=True):
            found[address] = _place(address, result)
    return found


async def _ask(link: Link, paths: Sequence[Any]) -> list[Any]:
    request = ua.TranslateBrowsePathsToNodeIdsRequest()
    request.Parameters.BrowsePaths = list(paths)
    timeout_s = link.begin_bulk(len(paths), _PATH_S)
    response = await link.channel.call(request, ua.TranslateBrowsePathsToNodeIdsResponse, timeout_s)
    link.end_bulk()
    return all_of(response.Results, len(paths), link.channel)


def _path(link: Link, address: NodeAddress) -> Any:
    begin = NodeAddress(address.namespace, address.identifier)
    start = index_of(begin, link.facts.namespaces, link.first_namespaces)
    path = ua.RelativePath()
    path.Elements = [
        ua.RelativePathElement(
            ReferenceTypeId=node_id(ObjectIds.HierarchicalReferences, 0),
            IsInverse=False,
            IncludeSubtypes=True,
            TargetName=ua.QualifiedName(step.name, _namespace(link, step)),
        )
        for step in address.steps
    ]
    return ua.BrowsePath(StartingNode=node_id(address.identifier, start), RelativePath=path)


def _namespace(link: Link, step: Step) -> int:
    if not step.namespace:
        return 0
    return index_of(NodeAddress(step.namespace, 0), link.facts.namespaces, {})


def _place(address: NodeAddress, result: Any) -> Place | str | None:
    code = result.StatusCode.value
    if code in _NOBODY:
        return None
    if code >> 31:
        begin = NodeAddress(address.namespace, address.identifier)
        return f"its path cannot be followed from {begin}: {refusal_words(code, str(begin))}"
    targets = [target for target in result.Targets or () if target.RemainingPathIndex == _WHOLE]
    if not targets:
        return "its path leads to another server" if result.Targets else None
    if len(targets) > 1:
        return f"{len(targets)} nodes are called so; name the one that is meant by its id"
    (target,) = targets
    return int(target.TargetId.NamespaceIndex), target.TargetId.Identifier


def _beginnings(address: NodeAddress) -> list[NodeAddress]:
    """Return where its path passes, the shortest first; without the whole."""
    return [
        NodeAddress(address.namespace, address.identifier, (), address.steps[:count])
        for count in range(1, len(address.steps))
    ]


def _missing(address: NodeAddress, known: dict[NodeAddress, Place | str | None]) -> str:
    """Return which step is not there."""
    reached = 0
    for number, part in enumerate(_beginnings(address), start=1):
        if not isinstance(known.get(part), tuple):
            break
        reached = number
    step = address.steps[reached]
    of_uri = f" of {step.namespace}" if step.namespace else ""
    below = NodeAddress(address.namespace, address.identifier, (), address.steps[:reached])
    return f"nothing called {step.name}{of_uri} under {below}"
