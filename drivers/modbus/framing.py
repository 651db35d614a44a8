"""Frames of the lines that carry one request at a time: RTU and ASCII, and datagrams of UDP. Pure.

Why not pymodbus's framers: they hunt through garbage for whatever looks like a frame, know nothing of what
was asked, and keep the bytes to themselves. Here the request says how its answer begins, how long it is and
whose it must be, so that nothing else passes; tests hold the bytes equal to pymodbus's.
"""

import struct
from dataclasses import dataclass
from typing import Protocol

from drivers.modbus import frames
from drivers.modbus.requests import EXCEPTION_BIT, EXCEPTION_SIZE, LARGEST_PDU, Request

_NOISE = b"\x00\xff"
"""What a transceiver that changes direction leaves on a line. No unit has these numbers (1 to 247)."""
_SMALLEST_RTU = 4
_LAST_READ = 4
"""Functions 1 to 4 read, and their answers say how many bytes they bring."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found at the beginning of what came.

    Attributes:
        used: Bytes that are dealt with.
        unit, pdu: A whole frame with a right checksum, whoever's it is; no pdu where there is none.
        fault: Otherwise what came instead, as a clause ("sent 7 bytes with a wrong checksum").
        is_stray: It belongs to no open request, for certain.
    """

    used: int
    unit: int = 0
    pdu: bytes = b""
    fault: str = ""
    is_stray: bool = False


class Framing(Protocol):
    """How one line wraps a PDU.

    Attributes:
        has_numbers: Whether an answer repeats the number of its request, so that a late one is recognised.
    """

    has_numbers: bool

    def frame(self, request: Request, number: int) -> bytes:
        """Return the bytes to send."""
        ...

    def overhead(self) -> tuple[int, int]:
        """Return how many bytes travel for n bytes of PDU, as (factor, constant)."""
        ...

    def find(self, request: Request, number: int, data: bytes, *, is_quiet: bool) -> Found | None:
        """Return what `data` begins with, None where more must come first.

        Args:
            request: What was asked.
            number: Of the request.
            data: All that came and is not dealt with, not empty.
            is_quiet: Whether the line has been silent since for so long that no frame goes on.
        """
        ...


class RtuFraming:
    """Unit, PDU, checksum of 16 bits; silence stands between frames (serial line 1.02, 2.5.1)."""

    has_numbers = False

    def frame(self, request: Request, number: int) -> bytes:
        """Return the bytes to send."""
        body = bytes([request.unit]) + request.pdu
        return body + crc16(body)

    def overhead(self) -> tuple[int, int]:
        """Return how many bytes travel for n bytes of PDU, as (factor, constant)."""
        return 1, 3

    def find(self, request: Request, number: int, data: bytes, *, is_quiet: bool) -> Found | None:
        """Return what `data` begins with, None where more must come first."""
        start = len(data) - len(data.lstrip(_NOISE))
        frame = data[start:]
        if frame[:1] == bytes([request.unit]):
            size = request.size_from(frame[1:])
            if size and len(frame) >= size + 3:
                pdu = frame[1 : size + 1]
                if _fits(request, pdu) and frame[size + 1 : size + 3] == crc16(frame[: size + 1]):
                    return Found(len(data), request.unit, pdu)
        size = _size_told(frame)
        if size and len(frame) > size and frame[size - 2 : size] == crc16(frame[: size - 2]):
            # Another's answer, with more behind it: a late one that the system handed on with the next.
            return Found(start + size, frame[0], frame[1 : size - 2])
        if not is_quiet:
            return None
        if not frame:
            return Found(len(data), is_stray=True)
        if len(frame) >= _SMALLEST_RTU and frame[-2:] == crc16(frame[:-2]):
            if frame == self.frame(request, number):
                return Found(len(data), fault="sent back the request itself (switch off the adapter's echo)")
            return Found(len(data), frame[0], frame[1:-2])
        if self._may_go_on(request, frame):
            return None
        return Found(len(data), fault=f"sent {len(data)} bytes that are no frame or have a wrong checksum")

    def _may_go_on(self, request: Request, frame: bytes) -> bool:
        """Return whether the rest of a right answer may still come: adapters hand on bytes in portions."""
        if frame[:1] != bytes([request.unit]):
            return False
        pdu = frame[1:]
        size = request.size_from(pdu)
        is_beginning = request.expected.startswith(pdu) or pdu.startswith(request.expected)
        is_short = len(frame) < (size or LARGEST_PDU) + 3
        return is_short and (is_beginning or request.is_refusal(pdu))


class AsciiFraming:
    """A colon, hexadecimal digits, checksum of 8 bits, end of line (serial line 1.02, 2.5.2)."""

    has_numbers = False

    def frame(self, request: Request, number: int) -> bytes:
        """Return the bytes to send."""
        body = bytes([request.unit]) + request.pdu
        return b":" + (body + bytes([lrc(body)])).hex().upper().encode() + b"\r\n"

    def overhead(self) -> tuple[int, int]:
        """Return how many bytes travel for n bytes of PDU, as (factor, constant)."""
        return 2, 7

    def find(self, request: Request, number: int, data: bytes, *, is_quiet: bool) -> Found | None:
        """Return what `data` begins with, None where more must come first."""
        begin = data.find(b":")
        if begin < 0:
            return Found(len(data), fault=f"sent {len(data)} bytes that are no frame") if is_quiet else None
        end = data.find(b"\r\n", begin)
        if end < 0:
            # Characters may be a second apart (2.5.2), so silence proves nothing; a frame too long does.
            is_too_long = len(data) - begin > 2 * (LARGEST_PDU + 2) + 3
            return Found(len(data), fault="sent a frame without an end") if is_too_long else None
        used, line = end + 2, data[begin + 1 : end]
        # A colon anywhere begins a frame anew: what stands before the last one was cut off.
        line = line[line.rfind(b":") + 1 :]
        try:
            body = bytes.fromhex(line.decode("ascii"))
        except ValueError:
            return Found(used, fault="sent a frame that is not hexadecimal")
        if len(body) < 3 or len(line) != 2 * len(body) or body[-1] != lrc(body[:-1]):
            return Found(used, fault=f"sent a frame of {len(line)} characters with a wrong checksum")
        if body[:-1] == bytes([request.unit]) + request.pdu and request.expected != request.pdu:
            return Found(used, fault="sent back the request itself (switch off the adapter's echo)")
        return Found(used, body[0], body[1:-1])


class DatagramFraming:
    """One frame of Modbus TCP in each datagram, whole."""

    has_numbers = True

    def frame(self, request: Request, number: int) -> bytes:
        """Return the bytes to send."""
        return number.to_bytes(2, "big") + request.tail

    def overhead(self) -> tuple[int, int]:
        """Return how many bytes travel for n bytes of PDU, as (factor, constant)."""
        return 1, 7

    def find(self, request: Request, number: int, data: bytes, *, is_quiet: bool) -> Found | None:
        """Return what `data`, one datagram, holds."""
        if len(data) <= frames.PDU_AT:
            return Found(len(data), fault=f"sent a datagram of {len(data)} bytes")
        at, protocol, length = struct.unpack_from(">HHH", data)
        fault = frames.header_fault(protocol, length)
        if fault:
            return Found(len(data), fault=fault)
        if at != number:
            return Found(len(data), is_stray=True)
        if len(data) != frames.HEADER_SIZE + length:
            size = len(data) - frames.HEADER_SIZE
            return Found(len(data), fault=f"announced {length} bytes and sent {size}")
        return Found(len(data), data[frames.UNIT_AT], data[frames.PDU_AT :])


def _size_told(frame: bytes) -> int:
    """Return how long a frame is by what it says itself; 0 where it does not."""
    if len(frame) < _SMALLEST_RTU:
        return 0
    if frame[1] & EXCEPTION_BIT:
        return 5
    return 5 + frame[2] if 1 <= frame[1] <= _LAST_READ else 0


def _fits(request: Request, pdu: bytes) -> bool:
    if len(pdu) == EXCEPTION_SIZE and request.is_refusal(pdu):
        return True
    return request.payload_of(pdu) is not None


def lrc(data: bytes) -> int:
    """Return the checksum of ASCII frames: the two's complement of the sum (serial line 1.02, 6.2.1)."""
    return -sum(data) & 0xFF


def crc16(data: bytes) -> bytes:
    """Return the checksum of RTU frames, low byte first (serial line 1.02, 6.2.2)."""
    crc = 0xFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc.to_bytes(2, "little")


def _crc_of(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ 0xA001 if byte & 1 else byte >> 1
    return byte


_CRC_TABLE = tuple(_crc_of(byte) for byte in range(256))
