"""Bytes of a Read or Publish response → values; one that cannot be decoded costs only itself.

The library decodes a response in one piece, and fails as a whole where a single value is of a type that it
knows otherwise than the server does. Then the response is cut into its values by their lengths on the wire,
and each is decoded alone. Where not even those lengths add up, nothing of the response is believed.
Encoding: OPC 10000-6, 5.2; structures: OPC 10000-4, 5.11.2, 5.14.5 and 7.25. Pure.
"""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.ua_binary import extensionobject_from_binary, nodeid_from_binary, struct_from_binary

from drivers.opcua.wire_lengths import Cutter

UNDECODABLE = ua.DataValue(StatusCode=ua.StatusCode(StatusCodes.BadDecodingError))
"""Stands for a value that cannot be decoded; it is told from what a server says by being this very object."""

_CANNOT = (ua.UaError, struct.error, ValueError, TypeError, LookupError, AttributeError, RecursionError)
_DATA_CHANGE = ua.NodeId(ObjectIds.DataChangeNotification_Encoding_DefaultBinary)
_EVENTS = ua.NodeId(ObjectIds.EventNotificationList_Encoding_DefaultBinary)
_HAS_BODY = 1

_Decoded = TypeVar("_Decoded")


@dataclass(frozen=True, slots=True)
class EventOctets:
    """An EventNotificationList as it came: whoever asked for events decodes it, or has no time to."""

    body: bytes


class _LengthMissing(Exception):
    """A notification does not say how long it is, as old servers do that leave the length out."""


def read_response(data: Buffer) -> ua.ReadResponse:
    """Take a ReadResponse apart. Raises ua.UaError where its values cannot even be told from each other."""
    whole = data.copy()
    response = _decoded(ua.ReadResponse, data)
    if response is not None:
        return response
    type_id, header = nodeid_from_binary(whole), struct_from_binary(ua.ResponseHeader, whole)
    cutter = Cutter(bytes(whole))
    results = [_value(cutter.data_value()) for _ in range(cutter.count())]
    cutter.skip_diagnostics()
    cutter.check_end()
    return ua.ReadResponse(TypeId=type_id, ResponseHeader=header, Results=results)


def publish_response(data: Buffer) -> ua.PublishResponse:
    """Take a PublishResponse apart; events of it stay `EventOctets`.

    Raises:
        ua.UaError: The values of a notification cannot even be told from each other.
    """
    whole = data.copy()
    try:
        return _publish_response(data)
    except _LengthMissing:
        return struct_from_binary(ua.PublishResponse, whole)


def _publish_response(data: Buffer) -> ua.PublishResponse:
    response = ua.PublishResponse(
        TypeId=nodeid_from_binary(data), ResponseHeader=struct_from_binary(ua.ResponseHeader, data)
    )
    cutter = Cutter(bytes(data))
    result, message = response.Parameters, response.Parameters.NotificationMessage
    result.SubscriptionId = cutter.uint32()
    result.AvailableSequenceNumbers = [cutter.uint32() for _ in range(cutter.count())]
    result.MoreNotifications = bool(cutter.byte())
    message.SequenceNumber = cutter.uint32()
    cutter.skip(8)  # when it was published: each value brings its own time
    message.NotificationData = [_notification(cutter.extension_object()) for _ in range(cutter.count())]
    result.Results = [ua.StatusCode(cutter.uint32()) for _ in range(cutter.count())]
    cutter.skip_diagnostics()
    cutter.check_end()
    return response


def _notification(octets: bytes) -> Any:
    data = Buffer(octets)
    kind = nodeid_from_binary(data)
    if kind not in (_DATA_CHANGE, _EVENTS) or data.read(1)[0] != _HAS_BODY:
        return extensionobject_from_binary(Buffer(octets))
    body = octets[len(octets) - len(data) + 4 :]
    if kind == _EVENTS:
        return EventOctets(body)
    if not body:
        raise _LengthMissing
    changes = _decoded(ua.DataChangeNotification, Buffer(body))
    if changes is not None:
        return changes
    cutter = Cutter(body)
    items = [
        ua.MonitoredItemNotification(cutter.uint32(), _value(cutter.data_value()))
        for _ in range(cutter.count())
    ]
    cutter.skip_diagnostics()
    cutter.check_end()
    return ua.DataChangeNotification(items)


def _value(octets: bytes) -> ua.DataValue:
    return _decoded(ua.DataValue, Buffer(octets)) or UNDECODABLE


def _decoded(kind: Callable[..., _Decoded], data: Buffer) -> _Decoded | None:
    """Return what the octets hold; None where it cannot be decoded, or ends before they do."""
    try:
        found = struct_from_binary(kind, data)
    except _CANNOT:
        return None
    return None if data else found
