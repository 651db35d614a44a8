"""What may be asked of a unit, and how a right answer looks, whatever line carries both. Pure.

A protocol data unit (PDU) is a function code and its data, at most 253 bytes (application protocol 1.1b3,
4.1). How it travels is the line's affair: behind a header of its own on TCP and UDP (`frames`), between unit
and checksum on serial lines (`framing`). Apart from identification, all bytes of a right answer up to its
payload are known beforehand, so that one comparison checks them.
"""

import struct
from dataclasses import dataclass

from drivers.modbus.address import Table
from drivers.modbus.kept import kept

EXCEPTION_BIT = 0x80
EXCEPTION_SIZE = 2
"""Bytes of the PDU by which a unit refuses: function with the exception bit, and the code."""
LARGEST_PDU = 253
PAYLOAD_AT = 2
"""Where the payload begins in the PDU of an answer; what stands before it is checked."""

WRITE_COIL = 5
WRITE_REGISTER = 6
WRITE_COILS = 15
WRITE_REGISTERS = 16
MASK_WRITE = 22
IDENTIFY = 43
_DEVICE_IDENTIFICATION = 14
_FIRST_OBJECT_AT = 7

_ENTRIES = {
    Table.COIL: "coil",
    Table.DISCRETE: "discrete input",
    Table.INPUT: "input register",
    Table.HOLDING: "holding register",
}


@dataclass(frozen=True)
class Request:
    """One request to one unit, ready to be sent any number of times.

    Attributes:
        unit: Unit id.
    """

    unit: int

    @kept
    def pdu(self) -> bytes:
        """Function code and data."""
        raise NotImplementedError

    @kept
    def expected(self) -> bytes:
        """How the PDU of a right answer begins."""
        raise NotImplementedError

    @kept
    def answer_size(self) -> int:
        """Bytes of the PDU of a right answer; 0 where only the answer itself tells."""
        raise NotImplementedError

    @property
    def asked(self) -> str:
        """What is asked, after "when asked to": "read 3 holding registers from 5"."""
        raise NotImplementedError

    @property
    def function(self) -> int:
        """Function code."""
        return self.pdu[0]

    @kept
    def tail(self) -> bytes:
        """The frame on TCP and UDP, after the transaction id."""
        return struct.pack(">HHB", 0, len(self.pdu) + 1, self.unit) + self.pdu

    @kept
    def reply_size(self) -> int:
        """Bytes of a right answer on TCP and UDP, header included; 0 where only the answer tells."""
        return self.answer_size and 7 + self.answer_size

    @kept
    def reply_head(self) -> bytes:
        """The bytes between transaction id and payload of a right answer on TCP and UDP."""
        return struct.pack(">HHB", 0, self.answer_size + 1, self.unit) + self.expected

    def size_from(self, pdu: bytes) -> int:
        """Return how long the PDU is that begins like this; 0 while that cannot be told yet."""
        if self.is_refusal(pdu):
            return EXCEPTION_SIZE
        return self.answer_size

    def is_refusal(self, pdu: bytes) -> bool:
        """Return whether a PDU begins like a refusal of this request."""
        return pdu[:1] == bytes([self.function | EXCEPTION_BIT])

    def refusal_code(self, pdu: bytes) -> int | None:
        """Return the code where `pdu` is a proper refusal of this request."""
        return pdu[1] if len(pdu) == EXCEPTION_SIZE and self.is_refusal(pdu) else None

    def payload_of(self, pdu: bytes) -> bytes | None:
        """Return what a whole PDU brings where it is a right answer, None where it is not."""
        is_right = len(pdu) == self.answer_size and pdu.startswith(self.expected)
        return pdu[PAYLOAD_AT:] if is_right else None

    def mismatch(self, unit: int, pdu: bytes) -> str:
        """Return in what an answer that is neither right nor a proper refusal differs from a right one."""
        if unit != self.unit:
            return f"answered as unit {unit} instead of {self.unit}"
        if not pdu:
            return "answered nothing at all"
        if pdu[0] & ~EXCEPTION_BIT != self.function:
            return f"answered function {pdu[0]} instead of {self.function}"
        if pdu[0] & EXCEPTION_BIT:
            return f"gave an exception of {len(pdu) - 1} bytes instead of 1"
        return self._difference(pdu)

    def _difference(self, pdu: bytes) -> str:
        return f"repeated {pdu[1:].hex(' ')} instead of {self.expected[1:].hex(' ')}"


@dataclass(frozen=True)
class ReadRequest(Request):
    """One read of neighbouring registers or bits (functions 1 to 4).

    Attributes:
        table: Which table.
        start: First register or bit, as on the wire.
        count: How many.
    """

    table: Table
    start: int
    count: int

    @kept
    def pdu(self) -> bytes:
        """Function code and data."""
        return struct.pack(">BHH", self.table.read_function, self.start, self.count)

    @kept
    def payload_size(self) -> int:
        """Bytes of data in a right answer."""
        return (self.count + 7) // 8 if self.table.is_bits else self.count * 2

    @kept
    def expected(self) -> bytes:
        """How the PDU of a right answer begins."""
        return bytes([self.table.read_function, self.payload_size])

    @kept
    def answer_size(self) -> int:
        """Bytes of the PDU of a right answer."""
        return PAYLOAD_AT + self.payload_size

    @property
    def asked(self) -> str:
        """What is asked, after "when asked to"."""
        return f"read {self.count} {_ENTRIES[self.table]}{'s' * (self.count > 1)} from {self.start}"

    def _difference(self, pdu: bytes) -> str:
        announced = pdu[1] if len(pdu) > 1 else 0
        if announced != self.payload_size:
            return f"answered {announced} bytes of data instead of {self.payload_size}"
        return f"sent {len(pdu) - PAYLOAD_AT} bytes of data but announced {self.payload_size}"


@dataclass(frozen=True)
class WriteRequest(Request):
    """One write; its answer repeats the request, or the beginning of it (functions 5, 6, 15, 16, 22).

    Attributes:
        body: Function code and data; see the functions below, which make it.
        repeated: How many bytes of it the answer repeats.
        place: What is written, for people: "coil 7".
    """

    body: bytes
    repeated: int
    place: str

    @kept
    def pdu(self) -> bytes:
        """Function code and data."""
        return self.body

    @kept
    def expected(self) -> bytes:
        """The PDU of a right answer: all of it is known."""
        return self.body[: self.repeated]

    @kept
    def answer_size(self) -> int:
        """Bytes of the PDU of a right answer."""
        return self.repeated

    @kept
    def reply_head(self) -> bytes:
        """The bytes between transaction id and payload of a right answer: often those that were sent."""
        return self.tail if self.repeated == len(self.body) else super().reply_head

    @property
    def asked(self) -> str:
        """What is asked, after "when asked to"."""
        return f"write {self.place}"


def write_coil(unit: int, offset: int, *, is_on: bool) -> WriteRequest:
    """Return the write of one coil (function 5)."""
    pdu = struct.pack(">BHH", WRITE_COIL, offset, 0xFF00 if is_on else 0)
    return WriteRequest(unit, pdu, len(pdu), f"coil {offset}")


def write_coils(unit: int, offset: int, bits: tuple[bool, ...]) -> WriteRequest:
    """Return the write of neighbouring coils (function 15)."""
    packed = sum(1 << index for index, is_on in enumerate(bits) if is_on)
    size = (len(bits) + 7) // 8
    head = struct.pack(">BHHB", WRITE_COILS, offset, len(bits), size)
    return WriteRequest(unit, head + packed.to_bytes(size, "little"), 5, f"coil {offset}")


def write_register(unit: int, offset: int, word: int) -> WriteRequest:
    """Return the write of one register (function 6)."""
    pdu = struct.pack(">BHH", WRITE_REGISTER, offset, word)
    return WriteRequest(unit, pdu, len(pdu), f"holding register {offset}")


def write_registers(unit: int, offset: int, data: bytes) -> WriteRequest:
    """Return the write of neighbouring registers (function 16). `data`: two bytes each, as on the wire."""
    pdu = struct.pack(">BHHB", WRITE_REGISTERS, offset, len(data) // 2, len(data)) + data
    count = len(data) // 2
    return WriteRequest(unit, pdu, 5, f"{count} holding register{'s' * (count > 1)} from {offset}")


def mask_register(unit: int, offset: int, keep: int, put: int) -> WriteRequest:
    """Return the write of single bits of a register (function 22): (old AND keep) OR (put AND NOT keep)."""
    pdu = struct.pack(">BHHH", MASK_WRITE, offset, keep, put)
    return WriteRequest(unit, pdu, len(pdu), f"bits of holding register {offset}")


@dataclass(frozen=True)
class IdentifyRequest(Request):
    """One page of what a device tells of itself (function 43, type 14; application protocol 1.1b3, 6.21).

    The payload of its answer begins with the read code; `identification` reads it.

    Attributes:
        code: 1 basic, 2 regular, 3 extended: as a stream from `first` on.
        first: Object to begin with.
    """

    code: int
    first: int = 0

    @kept
    def pdu(self) -> bytes:
        """Function code and data."""
        return bytes([IDENTIFY, _DEVICE_IDENTIFICATION, self.code, self.first])

    @kept
    def expected(self) -> bytes:
        """How the PDU of a right answer begins."""
        return bytes([IDENTIFY, _DEVICE_IDENTIFICATION])

    @kept
    def answer_size(self) -> int:
        """Nobody knows beforehand."""
        return 0

    @property
    def asked(self) -> str:
        """What is asked, after "when asked to"."""
        return "tell what it is"

    def size_from(self, pdu: bytes) -> int:
        """Return how long the PDU is that begins like this; 0 while that cannot be told yet."""
        if self.is_refusal(pdu):
            return EXCEPTION_SIZE
        if len(pdu) < _FIRST_OBJECT_AT:
            return 0
        end = _FIRST_OBJECT_AT
        for _ in range(pdu[_FIRST_OBJECT_AT - 1]):
            if len(pdu) < end + 2:
                return 0
            end += 2 + pdu[end + 1]
        return end

    def payload_of(self, pdu: bytes) -> bytes | None:
        """Return what a whole PDU brings where it is a right answer, None where it is not."""
        is_right = pdu.startswith(self.expected) and len(pdu) == self.size_from(pdu)
        return pdu[PAYLOAD_AT:] if is_right else None

    def _difference(self, pdu: bytes) -> str:
        return "sent an identification that ends too early or too late"
