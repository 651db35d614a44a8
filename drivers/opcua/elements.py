"""Which elements of arrays can be watched alone, so that no long array travels for one number in it."""

from collections.abc import Iterable

from asyncua import ua

from drivers.opcua.address import NodeAddress
from drivers.opcua.address_space import content, node_of
from drivers.opcua.faults import ends_session, fault
from drivers.opcua.fields import NotThere
from drivers.opcua.finding import find_paths, place_in
from drivers.opcua.link import Link
from drivers.opcua.services import read_values

_MOST_ELEMENTS = 8  # of one array; for more of them the whole is cheaper


def element_of(address: NodeAddress) -> NodeAddress | None:
    """Return the one element of a one-dimensional array that an address is in; None where it is in none."""
    match address.path:
        case ((int(index),), *_):
            return address.node.within(((index,),))
        case _:
            return None


async def watched_alone(link: Link, addresses: Iterable[NodeAddress]) -> frozenset[NodeAddress]:
    """Return the nodes of which single elements are watched, because nothing else is wanted of them.

    A server that does not look at ranges sends the whole array, or refuses. It is told from one that does by
    asking for one element and for two, because an array of one or two elements would look right in one case.

    Raises:
        LineLost: The connection ended.
    """
    wanted: dict[NodeAddress, dict[NodeAddress | None, None]] = {}
    for address in addresses:
        wanted.setdefault(address.node, {})[element_of(address)] = None
    await find_paths(link, wanted)
    nodes: list[ua.NodeId] = []
    candidates: list[NodeAddress] = []
    ranges: list[str | None] = []
    for node, elements in wanted.items():
        first = next(iter(elements))
        if None in elements or first is None or len(elements) > _MOST_ELEMENTS:
            continue
        try:
            place = node_of(place_in(link, node))
        except NotThere:
            continue  # and whoever watches it says so
        candidates.append(node)
        nodes.extend((place, place))
        ranges.extend((str(first.path[0][0]), "0:1"))
    lengths: list[int] = []
    batch = max(2, link.facts.nodes_per_read // 2 * 2)
    try:
        for begin in range(0, len(nodes), batch):
            end = begin + batch
            answers = await read_values(link.channel, nodes[begin:end], ranges=ranges[begin:end])
            lengths.extend(_length(answer) for answer in answers)
    except ua.UaStatusCodeError as error:
        if ends_session(error.code or 0):
            raise fault(error, link.channel.endpoint, link.timeout_s) from error
        return frozenset()
    return frozenset(
        node for number, node in enumerate(candidates) if lengths[2 * number : 2 * number + 2] == [1, 2]
    )


def _length(answer: ua.DataValue) -> int:
    value = content(answer)
    return len(value) if isinstance(value, list | bytes | str) else 0  # pyright: ignore[reportUnknownArgumentType]
