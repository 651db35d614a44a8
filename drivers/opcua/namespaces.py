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
    if isinstance(namespace, str):
        if namespace not in namespaces:
            raise NotThere(f"no namespace {namespace} on the server; it has {_listed(namespaces)}")
        return namespaces.index(namespace)
    if not namespaces or namespace == 0:
        return namespace
    if namespace >= len(namespaces):
        raise NotThere(
            f"no namespace {namespace} on the server, only 0 to {len(namespaces) - 1}: {_listed(namespaces)}"
        )
    meant = before.get(namespace, namespaces[namespace])
    if meant != namespaces[namespace]:
        lasting = NodeAddress(meant, address.identifier, address.path)
        raise NotThere(
            f"the server has numbered its namespaces anew: {namespace} was {meant} and is "
            f"{namespaces[namespace]} now; write {lasting}"
        )
    return namespace


def _listed(namespaces: Sequence[str]) -> str:
    return ", ".join(namespaces)
