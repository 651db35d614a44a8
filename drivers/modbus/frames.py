"""Request frames made once, and the strict check of every reply. Pure.

A frame (Modbus messaging on TCP/IP 1.0b, 3.1.3) is transaction id (2 bytes), protocol id 0 (2), length of the
rest (2), unit (1), function code (1), data. Only the transaction id changes from poll to poll, and all the
bytes between it and the payload of a correct reply are known beforehand: one comparison checks them all.
"""

import struct
from dataclasses import dataclass
from functools import cached_property

from drivers.modbus.address import Table

HEADER_SIZE = 6
"""Bytes up to and including the length field: enough to know how long a frame is."""
SMALLEST_LENGTH = 3
"""Unit, function, and at least one byte: what the length field of a reply must at least say."""
LARGEST_LENGTH = 254
"""Unit and the largest protocol data unit, 253 bytes (application protocol 1.1b3, 4.1)."""
PAYLOAD_AT = 9
_EXCEPTION_BIT = 0x80
_EXCEPTION_LENGTH = 3


@dataclass(frozen=True)
class ReadRequest:
    """One read of one unit, ready to be sent any number of times.

    Attributes:
        unit: Unit id.
        table: Which table.
        start: First register or bit.
        count: How many.
    """

    unit: int
    table: Table
    start: int
    count: int

    @cached_property
    def tail(self) -> bytes:
        """The frame after the transaction id."""
        return struct.pack(">HHBBHH", 0, 6, self.unit, self.table.read_function, self.start, self.count)

    @cached_property
    def payload_size(self) -> int:
        """Bytes of data in a correct reply."""
        return (self.count + 7) // 8 if self.table.is_bits else self.count * 2

    @cached_property
    def reply_size(self) -> int:
        """Bytes of a correct reply, header included."""
        return PAYLOAD_AT + self.payload_size

    @cached_property
    def reply_head(self) -> bytes:
        """The bytes between transaction id and payload of a correct reply."""
        size = self.payload_size
        return struct.pack(">HHBBB", 0, size + 3, self.unit, self.table.read_function, size)


def holds_answer(request: ReadRequest, transaction: int, data: bytes) -> bool:
    """Return whether the answer to `request`, sent as `transaction`, begins within `data`.

    Where it begins inside another answer, that one was sent short and has swallowed it.
    """
    number = transaction.to_bytes(2, "big")
    return number + request.reply_head in data or number + _exception_head(request) in data


def header_fault(protocol: int, length: int) -> str:
    """Return what is wrong with a header, as a clause; empty where nothing is.

    Behind a wrong header nobody knows where the next frame begins, so the connection is of no more use.
    """
    if protocol != 0:
        return f"sent data that is not Modbus (protocol number {protocol} instead of 0)"
    if not SMALLEST_LENGTH <= length <= LARGEST_LENGTH:
        return (
            f"announced an answer of {length} bytes where Modbus allows {SMALLEST_LENGTH} to {LARGEST_LENGTH}"
        )
    return ""


def exception_code(request: ReadRequest, frame: bytes) -> int | None:
    """Return the code where `frame` (whole, from the transaction id) is a proper exception reply."""
    return frame[8] if len(frame) == PAYLOAD_AT and frame[2:8] == _exception_head(request) else None


def mismatch(request: ReadRequest, frame: bytes) -> str:
    """Return in what a reply that is neither correct nor a proper exception differs from a correct one."""
    unit, function = frame[6], frame[7]
    wanted = request.table.read_function
    if unit != request.unit:
        return f"answered as unit {unit} instead of {request.unit}"
    if function & ~_EXCEPTION_BIT != wanted:
        return f"answered function {function} instead of {wanted}"
    if function & _EXCEPTION_BIT:
        return f"gave an exception of {len(frame) - 8} bytes instead of 1"
    if frame[8] != request.payload_size:
        return f"answered {frame[8]} bytes of data instead of {request.payload_size}"
    return f"sent {len(frame) - PAYLOAD_AT} bytes of data but announced {request.payload_size}"


def _exception_head(request: ReadRequest) -> bytes:
    function = request.table.read_function | _EXCEPTION_BIT
    return struct.pack(">HHBB", 0, _EXCEPTION_LENGTH, request.unit, function)
