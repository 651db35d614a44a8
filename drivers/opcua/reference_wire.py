"""Bytes of a Browse or BrowseNext response → references, in a seventh of the library's time.

A folder of 100,000 nodes would keep the event loop, on which everything else is polled, for seconds.
Encoding: OPC 10000-6, 5.2; structures: OPC 10000-4, 7.6 and 7.30. Pure.
"""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownVariableType=false

import struct
import uuid

import msgspec
from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import nodeid_from_binary, struct_from_binary

from drivers.opcua.address import Identifier

Place = tuple[int, Identifier]
"""A node in one session: namespace index and identifier."""

_UINT16 = struct.Struct("<H").unpack_from
_INT32 = struct.Struct("<i").unpack_from
_UINT32 = struct.Struct("<I").unpack_from
_WIDE = struct.Struct("<HI").unpack_from  # namespace index and numeric identifier
_HAS_URI, _HAS_SERVER, _KIND = 0x80, 0x40, 0x3F


class Reference(msgspec.Struct, frozen=True):
    """One way from a node to another.

    Attributes:
        kind: Reference type.
        place: Where it leads; None to another server.
        browse_name: Without its namespace.
        name: As the server shows it.
        node_class: OPC 10000-3, 5.9: 1 object, 2 variable.
        type_definition: Of an object or variable; None where it is not told.
    """

    kind: Place
    place: Place | None
    browse_name: str
    name: str
    node_class: int
    type_definition: Place | None


class Branch(msgspec.Struct, frozen=True):
    """What was found at one node.

    Attributes:
        code: Status code of it.
        point: Continuation point, empty where this is all.
        references: In the server's order.
    """

    code: int
    point: bytes
    references: tuple[Reference, ...]


class BrowseAnswer:
    """A response taken apart.

    Attributes:
        ResponseHeader: As the library has it, so that the channel can judge it.
        branches: One for each node that was asked for.
    """

    __slots__ = ("ResponseHeader", "branches")

    def __init__(self, header: ua.ResponseHeader, branches: list[Branch]) -> None:
        self.ResponseHeader = header
        self.branches = branches


def read_branches(data: Buffer, namespaces: tuple[str, ...]) -> BrowseAnswer:
    """Take a whole response apart.

    Args:
        data: From its type id on.
        namespaces: Of the session, by index.

    Raises:
        struct.error, IndexError, UnicodeDecodeError: It is cut off, or none.
    """
    nodeid_from_binary(data)
    header = struct_from_binary(ua.ResponseHeader, data)
    reader = _Reader(bytes(data), namespaces)
    return BrowseAnswer(header, [reader.branch() for _ in range(reader.count())])


class _Reader:
    __slots__ = ("_at", "_data", "_namespaces")

    def __init__(self, data: bytes, namespaces: tuple[str, ...]) -> None:
        self._data = data
        self._at = 0
        self._namespaces = namespaces

    def count(self) -> int:
        """Read how many follow; every one takes a byte at least, so a wrong number ends before long."""
        (number,) = _INT32(self._data, self._at)
        self._at += 4
        return max(0, number)

    def branch(self) -> Branch:
        (code,) = _UINT32(self._data, self._at)
        self._at += 4
        point = self._octets()
        return Branch(code, point, tuple([self._reference() for _ in range(self.count())]))

    def _reference(self) -> Reference:
        kind = self._place()
        self._at += 1  # whether it leads forward: only one direction is ever asked for
        place = self._place()
        self._at += 2
        browse_name = self._text("replace")
        name = self._localized()
        (node_class,) = _INT32(self._data, self._at)
        self._at += 4
        return Reference(
            kind or (0, 0), place, browse_name, name or browse_name, node_class, self._place() or None
        )

    def _place(self) -> Place | None:
        data, at = self._data, self._at
        encoding = data[at]
        kind = encoding & _KIND
        place: Place
        if kind == 0:
            place, self._at = (0, data[at + 1]), at + 2
        elif kind == 1:
            place, self._at = (data[at + 1], _UINT16(data, at + 2)[0]), at + 4
        elif kind == 2:
            place, self._at = _WIDE(data, at + 1), at + 7
        else:
            (namespace,) = _UINT16(data, at + 1)
            self._at = at + 3
            place = (namespace, self._identifier(kind))
        if encoding & (_HAS_URI | _HAS_SERVER):
            return self._expanded(place, encoding)
        return place

    def _identifier(self, kind: int) -> Identifier:
        if kind == 3:
            return self._text()
        if kind == 4:
            self._at += 16
            return uuid.UUID(bytes_le=self._data[self._at - 16 : self._at])
        if kind == 5:
            return self._octets()
        raise ValueError(f"node id of kind {kind}")

    def _expanded(self, place: Place, encoding: int) -> Place | None:
        uri = self._text() if encoding & _HAS_URI else ""
        server = 0
        if encoding & _HAS_SERVER:
            (server,) = _UINT32(self._data, self._at)
            self._at += 4
        if server or (uri and uri not in self._namespaces):
            return None
        return (self._namespaces.index(uri), place[1]) if uri else place

    def _localized(self) -> str:
        mask = self._data[self._at]
        self._at += 1
        if mask & 1:
            self._text()
        return self._text("replace") if mask & 2 else ""

    def _text(self, errors: str = "surrogateescape") -> str:
        return self._octets().decode("utf-8", errors)

    def _octets(self) -> bytes:
        (length,) = _INT32(self._data, self._at)
        begin = self._at + 4
        if length <= 0:
            self._at = begin
            return b""
        self._at = begin + length
        if self._at > len(self._data):
            raise ValueError("text beyond the end of the answer")
        return self._data[begin : self._at]
