"""Frames of Modbus TCP and UDP, and the strict check of their answers. Pure.

A frame (Modbus messaging on TCP/IP 1.0b, 3.1.3) is transaction id (2 bytes), protocol id 0 (2), length of the
rest (2), unit (1), function code (1), data. Only the transaction id changes from poll to poll, and all the
bytes between it and the payload of a right answer are known beforehand: one comparison checks them all
(`Request.reply_head`).
"""

import struct

from drivers.modbus.requests import EXCEPTION_BIT, EXCEPTION_SIZE, Request

HEADER_SIZE = 6
"""Bytes up to and including the length field: enough to know how long a frame is."""
SMALLEST_LENGTH = 3
"""Unit, function, and at least one byte: what the length field of a reply must at least say."""
LARGEST_LENGTH = 254
"""Unit and the largest protocol data unit, 253 bytes (application protocol 1.1b3, 4.1)."""
UNIT_AT = 6
PDU_AT = 7
PAYLOAD_AT = 9


def holds_answer(request: Request, transaction: int, data: bytes, end: int) -> bool:
    """Return whether the answer to `request`, sent as `transaction`, begins in `data` before `end`.

    Where it begins inside another answer, that one was sent short and has swallowed it. One that begins at
    its end just follows it.
    """
    number = transaction.to_bytes(2, "big")
    heads = [number + _exception_head(request)]
    if request.reply_size:
        heads.append(number + request.reply_head)
    return any(0 <= data.find(head) < end for head in heads)


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


def exception_code(request: Request, frame: bytes) -> int | None:
    """Return the code where `frame` (whole, from the transaction id) is a proper exception reply."""
    return frame[8] if len(frame) == PAYLOAD_AT and frame[2:8] == _exception_head(request) else None


def _exception_head(request: Request) -> bytes:
    return struct.pack(">HHBB", 0, EXCEPTION_SIZE + 1, request.unit, request.function | EXCEPTION_BIT)
