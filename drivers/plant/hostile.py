"""Replies that break the protocol on purpose: which bytes follow a request, and when.

Each fault of the wire turns the true reply into a list of (delay in s, bytes); empty bytes mean that the
connection is dropped. Pure.
"""

import struct

from drivers.plant.faults import Fault, FaultKind
from drivers.plant.registers import exception

_HEADER = struct.Struct(">HHHB")
_GARBAGE = b"\xde\xad\xbe\xef\x00\x03\xff\x55\xaaHTTP/1.1 400\r\n"

TRUTHFUL = frozenset({FaultKind.SLOW, FaultKind.DRIP, FaultKind.FLOOD})
"""Faults that tell the truth in the end, if late."""

Delivery = tuple[float, bytes]


def frame(transaction: int, unit: int, pdu: bytes) -> bytes:
    """Return a Modbus TCP frame (MBAP header and PDU; Modbus Messaging on TCP/IP V1.0b, clause 3.1.3)."""
    return _HEADER.pack(transaction, 0, len(pdu) + 1, unit) + pdu


def deliveries(fault: Fault, transaction: int, unit: int, reply: bytes) -> list[Delivery]:
    """Return what a faulty unit sends instead of `reply`."""
    true = frame(transaction, unit, reply)
    match fault.kind:
        case FaultKind.SILENT:
            return []
        case FaultKind.SLOW:
            return [(fault.value, true)]
        case FaultKind.EXCEPTION:
            return [(0.0, frame(transaction, unit, exception(reply[0], int(fault.value))))]
        case FaultKind.GARBAGE:
            return [(0.0, _GARBAGE)]
        case FaultKind.WRONG_FUNCTION:
            return [(0.0, frame(transaction, unit, bytes((_other_function(reply[0]),)) + reply[1:]))]
        case FaultKind.WRONG_UNIT:
            return [(0.0, frame(transaction, unit % 247 + 1, reply))]
        case FaultKind.WRONG_COUNT:
            return [(0.0, frame(transaction, unit, _one_register_less(reply)))]
        case FaultKind.WRONG_TRANSACTION:
            return [(0.0, frame((transaction + 7) & 0xFFFF, unit, reply))]
        case FaultKind.SHORT:
            return [(0.0, true[: len(true) // 2])]
        case FaultKind.DRIP:
            return [(fault.value * (index + 1), true[index : index + 1]) for index in range(len(true))]
        case FaultKind.FLOOD:
            unasked = b"".join(
                frame((transaction + 1000 + index) & 0xFFFF, unit, reply) for index in range(int(fault.value))
            )
            return [(0.0, unasked + true)]
        case FaultKind.RESET:
            return [(0.0, b"")]
        case _:
            raise ValueError(f"{fault.kind} is not a fault of the Modbus wire")


def _other_function(function: int) -> int:
    """Return the reading function with the same reply layout: coils ↔ inputs, holding ↔ input registers."""
    return function + 1 if function % 2 else function - 1


def _one_register_less(reply: bytes) -> bytes:
    if reply[0] & 0x80 or len(reply) < 4:
        return reply
    return bytes((reply[0], reply[1] - 2)) + reply[2:-2]
