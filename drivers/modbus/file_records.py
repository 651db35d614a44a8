"""Writing and reading records of a file (functions 21 and 20; application protocol 1.1b3, 6.14 f.). Pure.

One request carries one group of records here, though the protocol allows several: the largest group fills
the largest PDU. What pymodbus 3.16 makes of these functions cannot be used: its client takes any length,
its server repeats a write without keeping it, and its answer to a read has no group in it.
"""

import struct
from dataclasses import dataclass

from drivers.modbus.kept import kept
from drivers.modbus.requests import Request, WriteRequest

READ_FILE_RECORD = 20
WRITE_FILE_RECORD = 21
MOST_WRITTEN = 122
"""Registers of one write: a group's head and data have at most 251 bytes (6.15)."""
MOST_READ = 121
"""Registers of one read: the answer's groups have at most 245 bytes (6.14)."""
LAST_RECORD = 9999
FIRST_FILE, LAST_FILE = 1, 0xFFFF
DATA_AT = 2
"""Where the data begins in the payload of a read; what stands before it is checked."""

_REFERENCE = 6
_GROUP = struct.Struct(">BHHH")


def write_records(unit: int, file: int, record: int, data: bytes) -> WriteRequest:
    """Return the write of registers into a file; its answer repeats all of it.

    Args:
        unit: Unit id.
        file: Its number, 1 to 65535.
        record: The first one, 0 to 9999.
        data: Two bytes a register, at most `MOST_WRITTEN` registers.

    Raises:
        ValueError: A number or a length that the protocol does not have.
    """
    count = len(data) // 2
    _check(file, record, count, MOST_WRITTEN)
    if len(data) % 2:
        raise ValueError(f"{len(data)} bytes are no whole registers.")
    group = _GROUP.pack(_REFERENCE, file, record, count) + data
    pdu = bytes([WRITE_FILE_RECORD, len(group)]) + group
    return WriteRequest(unit, pdu, len(pdu), f"{count} records of file {file} from {record}")


@dataclass(frozen=True)
class ReadRecordsRequest(Request):
    """The read of neighbouring registers of a file; `read_records` makes it.

    Attributes:
        file: Number of the file.
        record: The first one.
        count: How many registers.
    """

    file: int
    record: int
    count: int

    @kept
    def pdu(self) -> bytes:
        """Function code and data."""
        group = _GROUP.pack(_REFERENCE, self.file, self.record, self.count)
        return bytes([READ_FILE_RECORD, len(group)]) + group

    @kept
    def expected(self) -> bytes:
        """How the PDU of a right answer begins."""
        size = 2 * self.count
        return bytes([READ_FILE_RECORD, size + 2, size + 1, _REFERENCE])

    @kept
    def answer_size(self) -> int:
        """Bytes of the PDU of a right answer."""
        return 4 + 2 * self.count

    @property
    def asked(self) -> str:
        """What is asked, after "when asked to"."""
        return f"read {self.count} records of file {self.file} from {self.record}"

    def _difference(self, pdu: bytes) -> str:
        begins = self.expected
        if not pdu.startswith(begins):
            return f"began its answer with {pdu[: len(begins)].hex(' ')} instead of {begins.hex(' ')}"
        return f"sent {len(pdu) - len(begins)} bytes of data but announced {2 * self.count}"


def read_records(unit: int, file: int, record: int, count: int) -> ReadRecordsRequest:
    """Return the read of registers of a file. Raises ValueError as `write_records`."""
    _check(file, record, count, MOST_READ)
    return ReadRecordsRequest(unit, file, record, count)


def _check(file: int, record: int, count: int, most: int) -> None:
    if not FIRST_FILE <= file <= LAST_FILE:
        raise ValueError(f"Files have the numbers {FIRST_FILE} to {LAST_FILE}; {file} is none.")
    if not 1 <= count <= most:
        raise ValueError(f"One request carries 1 to {most} registers of a file, not {count}.")
    if not 0 <= record <= LAST_RECORD:
        raise ValueError(f"Records of a file have the numbers 0 to {LAST_RECORD}; {record} is none.")
