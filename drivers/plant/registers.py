"""One Modbus unit: the image of its registers, and the reply to a request. Pure.

Replies are cut from the image and kept until the next measurement, so that a request costs one look-up.
Modbus Application Protocol V1.1b3, clauses 6.1 to 6.4 (reads) and 7 (exceptions).
"""

import math
import struct
from collections.abc import Sequence

from drivers.plant.firmware.modbus_updater import Updater
from drivers.plant.gauges import COLUMN_INDEX
from drivers.plant.wiring import ModbusTag, ModbusWiring, Span

ILLEGAL_FUNCTION = 1
ILLEGAL_DATA_ADDRESS = 2
ILLEGAL_DATA_VALUE = 3
GATEWAY_TARGET_SILENT = 0x0B

_READ_COILS, _READ_DISCRETE, _READ_HOLDING, _READ_INPUT = 1, 2, 3, 4
_TABLES = {_READ_HOLDING: "holding", _READ_INPUT: "input"}
_MAX_REGISTERS = 125
_MAX_BITS = 2000
_STATUS_BITS = 16
_REQUEST = struct.Struct(">BHH")
_FORMATS = {"int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "float32": ">f"}
_FLOAT32_MAX = 3.4e38  # beyond it, a 32-bit float is infinite
_RANGES = {
    "int16": (-(2**15), 2**15 - 1),
    "uint16": (0, 2**16 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
}


class Unit:
    """One device behind a gateway.

    Attributes:
        updater: What is asked first, because it answers for the firmware; None where that cannot be updated.
        answered: Good replies sent so far, by request (function, first register, count).
        refused: Exception replies of its own making, so far.
    """

    def __init__(self, wiring: ModbusWiring) -> None:
        self._blocks = [(span, bytearray(2 * (span.end - span.first))) for span in wiring.readable]
        self._slots = [_Slot(tag, *self._find(tag)) for tag in wiring.tags]
        self._is_running = False
        self._replies: dict[bytes, bytes] = {}
        self.updater: Updater | None = None
        self.answered: dict[tuple[int, int, int], int] = {}
        self.refused = 0

    def store(self, row: Sequence[float]) -> None:
        """Put a measurement (values in COLUMN_KEYS' order, engineering units) into the registers.

        An integer register keeps its last content where the value is not finite, and stops at the ends of
        its range, as a converter does.
        """
        for slot in self._slots:
            slot.store(row)
        self._is_running = row[COLUMN_INDEX["power_consumption"]] > 100.0
        self._replies.clear()

    def reply(self, request: bytes) -> bytes:
        """Return the reply PDU to a request PDU, and count it."""
        reply = self._replies.get(request)
        if reply is None:
            reply = self._answer(request)
            if reply[0] & 0x80:
                self.refused += 1
                return reply
            self._replies[request] = reply
        key = _REQUEST.unpack(request)
        self.answered[key] = self.answered.get(key, 0) + 1
        return reply

    def peek(self, request: bytes) -> bytes:
        """Return the true reply without counting it."""
        return self._answer(request)

    def _answer(self, request: bytes) -> bytes:
        function = request[0]
        if function not in (_READ_COILS, _READ_DISCRETE, _READ_HOLDING, _READ_INPUT):
            return exception(function, ILLEGAL_FUNCTION)
        if len(request) != _REQUEST.size:
            return exception(function, ILLEGAL_DATA_VALUE)
        _, first, count = _REQUEST.unpack(request)
        is_bits = function in (_READ_COILS, _READ_DISCRETE)
        if not 1 <= count <= (_MAX_BITS if is_bits else _MAX_REGISTERS):
            return exception(function, ILLEGAL_DATA_VALUE)
        if is_bits:
            return self._bits(function, first, count)
        for span, content in self._blocks:
            if span.table == _TABLES[function] and span.first <= first and first + count <= span.end:
                start = 2 * (first - span.first)
                return bytes((function, 2 * count)) + content[start : start + 2 * count]
        return exception(function, ILLEGAL_DATA_ADDRESS)

    def _bits(self, function: int, first: int, count: int) -> bytes:
        """Return status bits: coil or discrete input 0 is "running", the others are 0."""
        if first + count > _STATUS_BITS:
            return exception(function, ILLEGAL_DATA_ADDRESS)
        word = (int(self._is_running) >> first) & ((1 << count) - 1)
        length = (count + 7) // 8
        return bytes((function, length)) + word.to_bytes(length, "little")

    def _find(self, tag: ModbusTag) -> tuple[bytearray, int]:
        words = struct.calcsize(_FORMATS[tag.data_type]) // 2
        for span, content in self._blocks:
            if _holds(span, tag.table, tag.address, words):
                return content, 2 * (tag.address - span.first)
        raise ValueError(f"{tag.text} lies outside the readable registers")


class _Slot:
    """Where one tag is kept, with everything that need not be computed again."""

    __slots__ = (
        "_column",
        "_content",
        "_format",
        "_is_float",
        "_limits",
        "_offset",
        "_order",
        "_scale",
        "_start",
    )

    def __init__(self, tag: ModbusTag, content: bytearray, start: int) -> None:
        self._column = COLUMN_INDEX[tag.metric]
        self._content, self._start = content, start
        self._format = struct.Struct(_FORMATS[tag.data_type])
        self._is_float = tag.is_float
        self._limits = _RANGES.get(tag.data_type, (0, 0))
        self._scale, self._offset, self._order = tag.scale, tag.offset, tag.word_order

    def store(self, row: Sequence[float]) -> None:
        value = (row[self._column] - self._offset) / self._scale
        if self._is_float:
            packed = self._format.pack(value if abs(value) < _FLOAT32_MAX else value * math.inf)
        elif math.isfinite(value):
            lowest, highest = self._limits
            packed = self._format.pack(min(max(round(value), lowest), highest))
        else:
            return
        self._content[self._start : self._start + len(packed)] = _ordered(packed, self._order)


def exception(function: int, code: int) -> bytes:
    """Return the exception PDU to a request of `function`."""
    return bytes(((function | 0x80) & 0xFF, code))


def _holds(span: Span, table: str, first: int, count: int) -> bool:
    return span.table == table and span.first <= first and first + count <= span.end


def _ordered(packed: bytes, order: str) -> bytes:
    """Return big-endian bytes in another order: ABCD as they are, C before A = words swapped, and so on."""
    if order == "ABCD":
        return packed
    if order == "DCBA":
        return packed[::-1]
    words = [packed[index : index + 2] for index in range(0, len(packed), 2)]
    if order == "CDAB":
        return b"".join(reversed(words))
    return b"".join(word[::-1] for word in words)
