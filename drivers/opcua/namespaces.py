"""Which namespace index an address means in a session, and whether it still means what it meant before. Pure.

A server may number its namespaces anew when it restarts: an address by index (`ns=`) then leads to another
node, or to none, without anything being wrong with either side.
"""

from collections.abc import Mapping, Sequence

from drivers.opcua.address import NodeAddress
from drivers.opcua.fields import NotThere


def index_of(address: NodeAddress, namespaces: Sequence[str], before: Mapping[int, str]) -> int:
    """Return the index of an address's namespace in this session.

    Args:
        address: By index or by URI.
        namespaces: Of the server, by index, now.
        before: URI of each index when this server was first seen.

    Raises:
        NotThere: The server has no such namespace, or the index means another one than before.
    """
    namespace = address.namespace
    if address.steps:
        raise NotThere("names lead to it, which are not followed here; name the node by its id")
    if isinstance(namespace, str):
        if namespace not in namespaces:
            raise NotThere(f"no namespace {namespace} on the server; it has {_listed(namespaces)}")
        return namespaces.index(namespace)
    if not namespaces or namespace == 0:
        return namespace
    lasting = lasting_address(address, namespaces, before)
    if lasting is not None:
        now = namespaces[namespace] if namespace < len(namespaces) else "none"
        raise NotThere(
            f"the server has numbered its namespaces anew: {namespace} was {lasting.namespace} and is "
            f"{now} now; write {lasting}"
        )
    if namespace >= len(namespaces):
        raise NotThere(
            f"no namespace {namespace} on the server, only 0 to {len(namespaces) - 1}: {_listed(namespaces)}"
        )
    return namespace


def lasting_address(
    address: NodeAddress, namespaces: Sequence[str], before: Mapping[int, str]
) -> NodeAddress | None:
    """Return by URI what an index meant when this server was first seen; None unless it means another now.

    Args:
        address: By index or by URI.
        namespaces: Of the server, by index, now.
        before: URI of each index when this server was first seen.
    """
    namespace = address.namespace
    if isinstance(namespace, str) or not namespaces or namespace == 0:
        return None
    meant = before.get(namespace)
    if meant is None or [*namespaces[namespace : namespace + 1]] == [meant]:
        return None
    return NodeAddress(meant, address.identifier, address.path, address.steps)


def _listed(namespaces: Sequence[str]) -> str:
    return ", ".join(namespaces)
