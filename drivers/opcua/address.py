"""Text to OPC UA node and back: `ns=1;s=Press01.Temperature`, `nsu=<uri>;s=…`, and i=, g=, b= alike.

The notation is that of OPC 10000-6, 5.3.1.10 and 5.3.1.11. An index (`ns=`) may mean another namespace after
the server restarted; a URI (`nsu=`) is looked up anew in every session and stays true.

A node can also be found by the names that lead to it (`browse_path.py` has the notation), which are the same
on every server of a companion specification: `path=/Objects/nsu=<uri>;Machines/…` from the root,
`path=nsu=<uri>;Identification/…` from the device's starting node (the Objects folder where it has none), and
`path=(nsu=<uri>;i=5001)/nsu=<uri>;State` from any node.

A number inside a structure or an array is named after a bar: `ns=1;s=Press01.Data|.Axes[2].Position`,
`ns=2;i=45|[3]`; `field_path.py` has the notation. Identifiers with bars of their own need no escape, as in
`ns=4;s=|var|PLC.Speed`: only what follows the last bar can be a path, and only if it is written as one. A
bar at the very end says that none follows: `ns=1;s=a|[3]|` is the node called `a|[3]`.

Light: nothing here imports the protocol library.
"""

import base64
import binascii
import re
import uuid
from dataclasses import dataclass

from drivers.errors import AddressError
from drivers.opcua.browse_path import Step, steps_from_text, steps_text
from drivers.opcua.field_path import FieldPath, is_path_text, path_from_text, path_text

ADDRESS_HELP = (
    "ns=1;s=Press01.Temperature or ns=2;i=45; nsu=urn:maker:plant;s=… survives a server that renumbers; "
    "a field or an element stands after a bar: ns=1;s=Press01.Data|.Axes[2].Position; names lead to a node "
    "as well: path=/Objects/nsu=urn:maker:plant;Press01/nsu=urn:maker:plant;Temperature"
)

_EXAMPLE = "write it as in ns=1;s=Press01.Temperature or ns=2;i=45"
_LONGEST = 4096  # characters of a string identifier, OPC 10000-3, 8.2.4
_DIGITS = re.compile(r"[0-9]{1,10}")

Identifier = int | str | uuid.UUID | bytes

ROOT, OBJECTS = 84, 85
"""Numbers of namespace 0: the top of every address space, and the folder of what there is."""


@dataclass(frozen=True, slots=True)
class NodeAddress:
    """The node whose Value attribute is read.

    Attributes:
        namespace: Index 0 to 65535, or the namespace's URI.
        identifier: Numeric, string, GUID or opaque identifier.
        path: Down to which number in the value; empty where it is one itself.
        steps: Names from that node to the one that is meant; empty where it is itself.
    """

    namespace: int | str
    identifier: Identifier
    path: FieldPath = ()
    steps: tuple[Step, ...] = ()

    def __str__(self) -> str:
        text = self._path_text() if self.steps else f"{self._namespace_text()}{self._identifier_text()}"
        if self.path:
            return f"{text}|{path_text(self.path)}"
        return f"{text}{'|' if _looks_like_a_path(text) else ''}"

    @property
    def node(self) -> "NodeAddress":
        """The whole value that this is in."""
        return NodeAddress(self.namespace, self.identifier, (), self.steps) if self.path else self

    def within(self, path: FieldPath) -> "NodeAddress":
        """Return what is further down in the same value."""
        return NodeAddress(self.namespace, self.identifier, (*self.path, *path), self.steps)

    def begun_at(self, start: "NodeAddress | None") -> "NodeAddress":
        """Return the same from a device's starting node, where this is a path that names no beginning."""
        if start is None or not self.steps or (self.namespace, self.identifier) != (0, OBJECTS):
            return self
        return NodeAddress(start.namespace, start.identifier, self.path, (*start.steps, *self.steps))

    def _path_text(self) -> str:
        names = steps_text(self.steps)
        if self.namespace == 0 and self.identifier == OBJECTS:
            return f"path={names}"
        if self.namespace == 0 and self.identifier == ROOT:
            return f"path=/{names}"
        return f"path=({self._namespace_text()}{self._identifier_text()})/{names}"

    def _namespace_text(self) -> str:
        if isinstance(self.namespace, str):
            # OPC 10000-6, 5.3.1.11 reserves these two characters in a URI.
            return f"nsu={self.namespace.replace('%', '%25').replace(';', '%3B')};"
        return f"ns={self.namespace};" if self.namespace else ""

    def _identifier_text(self) -> str:
        if isinstance(self.identifier, int):
            return f"i={self.identifier}"
        if isinstance(self.identifier, str):
            return f"s={self.identifier}"
        if isinstance(self.identifier, uuid.UUID):
            return f"g={self.identifier}"
        return f"b={base64.b64encode(self.identifier).decode('ascii')}"


def parse_address(text: str) -> NodeAddress:
    """Parse the text of one node.

    Raises:
        AddressError: Says which part is wrong, and shows a correct example.
    """
    rest = text.strip()
    if rest.startswith("path="):
        return _by_path(text, rest[5:])
    namespace: int | str = 0
    if rest.startswith("nsu="):
        namespace, rest = _uri(text, rest[4:])
    elif rest.startswith("ns="):
        namespace, rest = _index(text, rest[3:])
    kind, separator, value = rest.partition("=")
    if not separator or kind not in _READERS:
        raise AddressError(f"Address {text!r} names no node by s=, i=, g= or b=; {_EXAMPLE}.")
    if not value:
        raise AddressError(f"Address {text!r} has nothing after {kind}=; {_EXAMPLE}.")
    identifier, path = _parted(value)
    if not identifier:
        raise AddressError(f"Address {text!r} has nothing between {kind}= and the bar; {_EXAMPLE}.")
    return NodeAddress(namespace, _READERS[kind](text, identifier), path)


def _by_path(text: str, rest: str) -> NodeAddress:
    begin = NodeAddress(0, OBJECTS)
    names, path = _parted(rest)
    if names.startswith("/"):
        begin, names = NodeAddress(0, ROOT), names[1:]
    elif names.startswith("("):
        node, separator, names = names[1:].partition(")/")
        if not separator:
            raise AddressError(
                f"Address {text!r} has no )/ after its first node; write it as in "
                "path=(nsu=urn:maker:plant;i=5001)/nsu=urn:maker:plant;Temperature."
            )
        begin = parse_address(node)
        if begin.path or begin.steps:
            raise AddressError(f"Address {text!r} must begin at a node; {_EXAMPLE}.")
    return NodeAddress(begin.namespace, begin.identifier, path, steps_from_text(text, names))


def _looks_like_a_path(identifier: str) -> bool:
    _, bar, rest = identifier.rpartition("|")
    return bool(bar) and (not rest or is_path_text(rest))


def _parted(value: str) -> tuple[str, FieldPath]:
    identifier, bar, rest = value.rpartition("|")
    if bar and not rest:
        return identifier, ()
    if bar and is_path_text(rest):
        return identifier, path_from_text(rest)
    return value, ()


def _uri(text: str, rest: str) -> tuple[str, str]:
    uri, separator, rest = rest.partition(";")
    uri = uri.replace("%3B", ";").replace("%3b", ";").replace("%25", "%").strip()
    if not uri or not separator:
        raise AddressError(
            f"Address {text!r} needs a namespace URI and a semicolon after nsu=; "
            "write it as in nsu=http://example.com/plant;s=Press01.Temperature."
        )
    return uri, rest


def _index(text: str, rest: str) -> tuple[int, str]:
    digits, separator, rest = rest.partition(";")
    if not separator or not _DIGITS.fullmatch(digits) or int(digits) > 0xFFFF:
        raise AddressError(f"Namespace index {digits!r} in {text!r} must be 0 to 65535; {_EXAMPLE}.")
    return int(digits), rest


def _numeric(text: str, value: str) -> int:
    if not _DIGITS.fullmatch(value) or int(value) > 0xFFFF_FFFF:
        raise AddressError(f"Identifier {value!r} in {text!r} must be a number 0 to 4294967295; {_EXAMPLE}.")
    return int(value)


def _string(text: str, value: str) -> str:
    if len(value) > _LONGEST:
        raise AddressError(
            f"The identifier has {len(value)} characters, the limit is {_LONGEST}; {_EXAMPLE}."
        )
    if not value.isprintable():
        raise AddressError(f"Identifier {value!r} in {text!r} must not hold control characters; {_EXAMPLE}.")
    return value


def _guid(text: str, value: str) -> uuid.UUID:
    try:
        return uuid.UUID(value)
    except ValueError as error:
        raise AddressError(
            f"Identifier {value!r} in {text!r} is no GUID; "
            "write it as in ns=1;g=09087e75-8e5e-499b-954f-f2a9603db28a."
        ) from error


def _opaque(text: str, value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise AddressError(
            f"Identifier {value!r} in {text!r} is not base64; write it as in ns=1;b=M/RbKBsRVkePCePcx24oRA==."
        ) from error


_READERS = {"i": _numeric, "s": _string, "g": _guid, "b": _opaque}
