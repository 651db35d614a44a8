"""Where a value in UA binary ends, found without decoding it. Encoding: OPC 10000-6, 5.2. Pure."""

import struct
from collections.abc import Callable

from asyncua import ua

_INT32 = struct.Struct("<i").unpack_from
_UINT32 = struct.Struct("<I").unpack_from
_DEEPEST = 32

# Octets of each built-in type of a fixed length, by its number (OPC 10000-6, 5.1.2).
_FIXED = {0: 0, 1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 4, 8: 8, 9: 8, 10: 4, 11: 8, 13: 8, 14: 16, 19: 4}
_LAST_RESERVED = 31  # 26 to 31 are to be read as octets (OPC 10000-6, 5.2.2.16)
_NODE_IDS = {0: 2, 1: 4, 2: 7, 4: 19}  # those of a fixed length: two octets, four, numeric, GUID
_HAS_URI, _HAS_SERVER, _NODE_KIND = 0x80, 0x40, 0x3F
_IS_ARRAY, _HAS_DIMENSIONS, _TYPE = 0x80, 0x40, 0x3F
# Parts of a DataValue behind its value: status, source time and picoseconds, server time and picoseconds.
_DATA_VALUE = ((0x02, 4), (0x04, 8), (0x10, 2), (0x08, 8), (0x20, 2))
_DATA_VALUE_BITS = 0x3F
_DIAGNOSTIC_NUMBERS = (0x01, 0x02, 0x04, 0x08)
_DIAGNOSTIC_BITS = 0x7F


class Cutter:
    """Goes over octets from left to right. Every method raises ua.UaError where they end too early."""

    __slots__ = ("_at", "_data", "_depth", "_lengths")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._depth = 0
        self._lengths: dict[int, Callable[[], object]] = {
            12: self._skip_octets,
            15: self._skip_octets,
            16: self._skip_octets,
            17: self._skip_node_id,
            18: self._skip_node_id,
            20: self._skip_qualified_name,
            21: self._skip_localized,
            22: self.extension_object,
            23: self.data_value,
            24: self._skip_variant,
            25: self._skip_diagnostic,
        }

    def skip(self, count: int) -> None:
        """Pass over so many octets."""
        if count > len(self._data) - self._at:
            raise ua.UaError("the answer ends within a value")
        self._at += count

    def byte(self) -> int:
        """Read one octet."""
        self.skip(1)
        return self._data[self._at - 1]

    def uint32(self) -> int:
        """Read a number."""
        self.skip(4)
        return _UINT32(self._data, self._at - 4)[0]

    def count(self) -> int:
        """Read how many follow, each of an octet at least; none where there is no array."""
        self.skip(4)
        (number,) = _INT32(self._data, self._at - 4)
        if number > len(self._data) - self._at:
            raise ua.UaError("the answer claims more elements than it holds")
        return max(0, number)

    def data_value(self) -> bytes:
        """Return the octets of a DataValue."""
        begin = self._at
        mask = self.byte()
        if mask & ~_DATA_VALUE_BITS:
            raise ua.UaError("no DataValue")
        if mask & 1:
            self._nested(self._skip_variant)
        for bit, length in _DATA_VALUE:
            if mask & bit:
                self.skip(length)
        return self._data[begin : self._at]

    def variant(self) -> bytes:
        """Return the octets of a Variant."""
        begin = self._at
        self._nested(self._skip_variant)
        return self._data[begin : self._at]

    def extension_object(self) -> bytes:
        """Return the octets of an ExtensionObject."""
        begin = self._at
        self._skip_node_id()
        encoding = self.byte()
        if encoding > 2:
            raise ua.UaError("no ExtensionObject")
        if encoding:
            self._skip_octets()
        return self._data[begin : self._at]

    def skip_diagnostics(self) -> None:
        """Pass over an array of DiagnosticInfo."""
        for _ in range(self.count()):
            self._skip_diagnostic()

    def check_end(self) -> None:
        """Raise ua.UaError unless everything was passed over."""
        if self._at != len(self._data):
            raise ua.UaError("the answer does not end where its values do")

    def _nested(self, skip: Callable[[], object]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ua.UaError("the answer is nested too deep")
        skip()
        self._depth -= 1

    def _skip_variant(self) -> None:
        encoding = self.byte()
        kind = encoding & _TYPE
        if kind > _LAST_RESERVED:
            raise ua.UaError("no built-in type")
        length = _FIXED.get(kind)
        times = self._elements(at_least_one=length != 0) if encoding & _IS_ARRAY else 1
        if length is not None:
            self.skip(times * length)
        else:
            skip = self._lengths.get(kind, self._skip_octets)
            for _ in range(times):
                self._nested(skip)
        if encoding & _HAS_DIMENSIONS:
            self.skip(4 * self.count())

    def _elements(self, *, at_least_one: bool) -> int:
        if at_least_one:
            return self.count()
        self.skip(4)
        return 0

    def _skip_octets(self) -> None:
        self.skip(4)
        (length,) = _INT32(self._data, self._at - 4)
        self.skip(max(0, length))

    def _skip_node_id(self) -> None:
        encoding = self.byte()
        kind = encoding & _NODE_KIND
        if kind in _NODE_IDS:
            self.skip(_NODE_IDS[kind] - 1)
        elif kind in (3, 5):
            self.skip(2)
            self._skip_octets()
        else:
            raise ua.UaError("no NodeId")
        if encoding & _HAS_URI:
            self._skip_octets()
        if encoding & _HAS_SERVER:
            self.skip(4)

    def _skip_qualified_name(self) -> None:
        self.skip(2)
        self._skip_octets()

    def _skip_localized(self) -> None:
        mask = self.byte()
        if mask > 3:
            raise ua.UaError("no LocalizedText")
        for bit in (1, 2):
            if mask & bit:
                self._skip_octets()

    def _skip_diagnostic(self) -> None:
        mask = self.byte()
        if mask & ~_DIAGNOSTIC_BITS:
            raise ua.UaError("no DiagnosticInfo")
        for bit in _DIAGNOSTIC_NUMBERS:
            if mask & bit:
                self.skip(4)
        if mask & 0x10:
            self._skip_octets()
        if mask & 0x20:
            self.skip(4)
        if mask & 0x40:
            self._nested(self._skip_diagnostic)
