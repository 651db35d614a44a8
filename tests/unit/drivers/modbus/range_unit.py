"""A Modbus unit that has some registers and refuses all others, for a gateway of the plant."""

import struct

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3
_TABLES = {1: "coil", 2: "discrete", 3: "holding", 4: "input"}
_MOST_REGISTERS, _MOST_BITS = 125, 2000


class RangeUnit:
    """Register n holds n, but for what was written since.

    Attributes:
        asked: Table, first and count of every read, refused ones included.
        written: What was written to holding registers.
        gives_pairs_only: Whether it refuses whatever does not begin and end with a pair.
        updater: Its firmware is nobody's affair.
    """

    updater = None

    def __init__(self, *, most_registers: int = _MOST_REGISTERS, **ranges: list[tuple[int, int]]) -> None:
        """Keep what it has, first and last by table, and how many registers it gives at once."""
        self._ranges = ranges
        self._most = most_registers
        self.gives_pairs_only = False
        self.asked: list[tuple[str, int, int]] = []
        self.written: dict[int, int] = {}

    def reply(self, request: bytes, _who: str = "") -> bytes:
        """Return the PDU that answers one."""
        function = request[0]
        if function == 6:
            return self._write(request)
        if function not in _TABLES:
            return bytes([function | 0x80, ILLEGAL_FUNCTION])
        first, count = struct.unpack(">HH", request[1:5])
        table = _TABLES[function]
        self.asked.append((table, first, count))
        if not 1 <= count <= (_MOST_BITS if function < 3 else self._most):
            return bytes([function | 0x80, ILLEGAL_VALUE])
        if not self._has(table, first, count) or (self.gives_pairs_only and (first % 2 or count % 2)):
            return bytes([function | 0x80, ILLEGAL_ADDRESS])
        if function < 3:
            bits = sum((number % 2) << index for index, number in enumerate(range(first, first + count)))
            size = (count + 7) // 8
            return bytes([function, size]) + bits.to_bytes(size, "little")
        words = [self.written.get(number, number) for number in range(first, first + count)]
        return bytes([function, 2 * count]) + struct.pack(f">{count}H", *words)

    def peek(self, request: bytes, _who: str = "") -> bytes:
        """As `reply`."""
        return self.reply(request)

    def _has(self, table: str, first: int, count: int) -> bool:
        return any(low <= first and first + count - 1 <= high for low, high in self._ranges.get(table, []))

    def _write(self, request: bytes) -> bytes:
        number, word = struct.unpack(">HH", request[1:5])
        if not self._has("holding", number, 1):
            return bytes([request[0] | 0x80, ILLEGAL_ADDRESS])
        self.written[number] = word
        return request
