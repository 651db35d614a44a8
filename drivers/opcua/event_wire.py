"""Bytes of an EventNotificationList → fields of each event; one that cannot be decoded costs only itself.

OPC 10000-4, 7.25.3: for each event the client's handle and one Variant a field that was asked for. The list
is cut into its events by their lengths, one at a time; where those do not add up, the rest is lost. Pure.
"""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import struct
from collections.abc import Iterator, Sequence

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import variant_from_binary

from drivers.opcua.wire_lengths import Cutter

Fields = Sequence[object]
"""One value a field that was asked for; None where the event has none of a kind that is understood."""

_CANNOT = (
    ua.UaError,
    struct.error,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)
_SHORTEST = 8  # octets of an event without any field
_INT32 = struct.Struct("<i").unpack_from
_KIND = 0x3F
# Boolean, Byte, UInt16, UInt32, String, DateTime, ByteString, NodeId, LocalizedText (OPC 10000-6, 5.1.2). A
# single one each: an array of them has another bit set.
_UNDERSTOOD = frozenset({1, 3, 5, 7, 12, 13, 15, 17, 21})


def event_count(body: bytes) -> int:
    """Return how many events a list claims to hold and has room for, at least one; without reading them."""
    claimed = _INT32(body, 0)[0] if len(body) >= 4 else 1
    return max(1, min(claimed, len(body) // _SHORTEST))


def events_in(body: bytes) -> Iterator[Fields | None]:
    """Yield the fields of each event, None of one that cannot be decoded.

    Raises:
        ua.UaError: The events from here on cannot even be told from each other.
    """
    cutter = Cutter(body)
    for _ in range(cutter.count()):
        cutter.skip(4)  # our own number of the item, which has a subscription of its own
        yield _fields([cutter.variant() for _ in range(cutter.count())])


def _fields(variants: Sequence[bytes]) -> Fields | None:
    try:
        return [_value(octets) for octets in variants]
    except _CANNOT:
        return None


def _value(octets: bytes) -> object:
    if octets[0] not in _UNDERSTOOD:
        return None
    return variant_from_binary(Buffer(octets)).Value
