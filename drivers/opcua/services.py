"""The few OPC UA services a reader needs, as functions of a channel that speak in typed records.

All building and taking apart of asyncua's wire structures happens here. Each function raises LineLost, or
`ua.UaStatusCodeError` where the server refuses the service as a whole while the connection stands.
"""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from drivers.errors import LineLost
from drivers.opcua.address import Identifier
from drivers.opcua.channel import Channel
from drivers.opcua.value_wire import EventOctets, publish_response, read_response

_WAITS_FOR_EVER = 0.0
_LIFETIME_MS = 30_000.0  # a server drops a subscription that nobody fetches from for this long
_MOST_PER_PUBLISH = 0  # no limit: a response holds whatever changed
_BATCH = 200  # nodes a call at most; larger calls keep the event loop and the server busy for too long


class ItemChange(Protocol):
    """One changed value inside a publish response."""

    ClientHandle: int
    Value: ua.DataValue


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What is asked for once a session.

    Attributes:
        namespaces: URIs by index; indexes may differ after a restart of the server.
        nodes_per_read: Most nodes in one Read.
        items_per_call: Most monitored items in one call that makes or removes them.
        service_level: How well the server can serve, 0 to 255 (OPC 10000-4, 6.6.2.4.2); None: it tells none.
        redundant_uris: Application URIs of its redundant set, itself included; empty where it tells none.
    """

    namespaces: tuple[str, ...]
    nodes_per_read: int
    items_per_call: int
    service_level: int | None = None
    redundant_uris: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SubscriptionTerms:
    """What the server granted: its id and how often it speaks even if nothing changed, in seconds."""

    id: int
    keep_alive_s: float


@dataclass(frozen=True, slots=True)
class ItemRequest:
    """One value to watch, or a part of an array, under the number the server shall use for it."""

    handle: int
    node: ua.NodeId
    index_range: str | None = None


@dataclass(frozen=True, slots=True)
class ItemResult:
    """Outcome of one ItemRequest: the server's id of the item, meaningful where `code` is not bad."""

    code: int
    id: int


@dataclass(frozen=True, slots=True)
class Publication:
    """One publish response.

    Attributes:
        subscription: Whose; 0 when the server has none left.
        sequence: To be acknowledged; None for a keep-alive.
        changes: Values that changed, in order.
        ended_code: Status code with which the server ended the subscription, else None.
        events: Lists of events, as they came.
    """

    subscription: int
    sequence: int | None
    changes: Sequence[ItemChange]
    ended_code: int | None
    events: Sequence[EventOctets] = ()


def node_id(identifier: Identifier, namespace: int) -> ua.NodeId:
    """Make asyncua's form of a node id; it picks the encoding by the identifier's type."""
    return ua.NodeId(identifier, namespace)  # pyright: ignore[reportArgumentType]


async def read_values(
    channel: Channel,
    nodes: Sequence[ua.NodeId],
    timeout_s: float | None = None,
    ranges: Sequence[str | None] | None = None,
) -> list[ua.DataValue]:
    """Read the Value attribute of `nodes` in one request; one DataValue each, in order.

    One that cannot be decoded is `value_wire.UNDECODABLE`; where not even that can be told, Garbled is
    raised.

    Args:
        channel: Where.
        nodes: Whose.
        timeout_s: Instead of the settings' time-out.
        ranges: Index range of each, None for the whole value; nothing: the whole of all.
    """
    request = ua.ReadRequest()
    request.Parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
    request.Parameters.MaxAge = 0
    request.Parameters.NodesToRead = [
        ua.ReadValueId(NodeId=node, AttributeId=AttributeIds.Value, IndexRange=index_range)
        for node, index_range in zip(nodes, ranges or (None,) * len(nodes), strict=True)
    ]
    response = await channel.ask(request, read_response, timeout_s)
    return all_of(response.Results, len(nodes), channel)


async def read_facts(channel: Channel) -> ServerFacts:
    """Ask for namespaces and limits. Where neither server nor settings set a limit, ours counts."""
    asked = (
        ObjectIds.Server_NamespaceArray,
        ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead,
        ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall,
        ObjectIds.Server_ServiceLevel,
        ObjectIds.Server_ServerRedundancy_ServerUriArray,
    )
    answers = await read_values(channel, [node_id(number, 0) for number in asked])
    namespaces, per_read, per_call, level, redundant = answers
    return ServerFacts(
        _texts(namespaces),
        _limit(per_read, channel.settings.nodes_per_read),
        _limit(per_call, channel.settings.items_per_call),
        _level(level),
        _texts(redundant),
    )


async def read_service_level(channel: Channel) -> int | None:
    """Ask how well the server can serve now, 0 to 255; None where it does not tell."""
    (data,) = await read_values(channel, [node_id(ObjectIds.Server_ServiceLevel, 0)])
    return _level(data)


async def find_servers(channel: Channel, uris: Sequence[str]) -> list[str]:
    """Ask where the applications of these URIs are; returns opc.tcp URLs, in the server's order."""
    request = ua.FindServersRequest()
    request.Parameters.EndpointUrl = channel.endpoint
    request.Parameters.ServerUris = list(uris)
    response = await channel.call(request, ua.FindServersResponse)
    return [
        str(url)
        for server in response.Servers or ()
        if server.ApplicationUri in uris
        for url in server.DiscoveryUrls or ()
        if str(url).startswith("opc.tcp://")
    ]


async def ask_for_life(channel: Channel) -> None:
    """Read the smallest thing every server has: any answer is a sign of life."""
    await read_values(channel, [node_id(ObjectIds.Server_ServerStatus_State, 0)])


async def create_subscription(
    channel: Channel,
    publishing_interval_ms: float,
    keep_alive_s: float,
    most_per_publish: int = _MOST_PER_PUBLISH,
) -> SubscriptionTerms:
    """Make a subscription that speaks at least every `keep_alive_s` seconds, if the server agrees.

    `most_per_publish` notifications come in one response at most; 0 = whatever there is.
    """
    keep_alive_count = max(1, round(keep_alive_s * 1000.0 / publishing_interval_ms))
    request = ua.CreateSubscriptionRequest()
    request.Parameters.RequestedPublishingInterval = publishing_interval_ms
    request.Parameters.RequestedMaxKeepAliveCount = keep_alive_count
    # At least three times the keep-alive count, OPC 10000-4, 5.14.2.
    request.Parameters.RequestedLifetimeCount = max(
        3 * keep_alive_count, round(_LIFETIME_MS / publishing_interval_ms)
    )
    request.Parameters.MaxNotificationsPerPublish = most_per_publish
    request.Parameters.PublishingEnabled = True
    request.Parameters.Priority = 0
    response = await channel.call(request, ua.CreateSubscriptionResponse)
    granted = response.Parameters
    return SubscriptionTerms(
        int(granted.SubscriptionId),
        float(granted.RevisedPublishingInterval) * int(granted.RevisedMaxKeepAliveCount) / 1000.0,
    )


async def create_items(
    channel: Channel,
    subscription: int,
    items: Sequence[ItemRequest],
    sampling_interval_ms: float,
    timeout_s: float,
) -> list[ItemResult]:
    """Watch `items` in `subscription`; one result each, in order."""
    request = ua.CreateMonitoredItemsRequest()
    request.Parameters.SubscriptionId = subscription
    request.Parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
    request.Parameters.ItemsToCreate = [_create_request(item, sampling_interval_ms) for item in items]
    response = await channel.call(request, ua.CreateMonitoredItemsResponse, timeout_s)
    results = all_of(response.Results, len(items), channel)
    return [ItemResult(result.StatusCode.value, int(result.MonitoredItemId)) for result in results]


async def delete_items(channel: Channel, subscription: int, ids: Sequence[int], timeout_s: float) -> None:
    """Stop watching. Ids that the server no longer knows are no fault."""
    request = ua.DeleteMonitoredItemsRequest()
    request.Parameters.SubscriptionId = subscription
    request.Parameters.MonitoredItemIds = list(ids)
    await channel.call(request, ua.DeleteMonitoredItemsResponse, timeout_s)


async def publish(channel: Channel, acknowledged: Sequence[tuple[int, int]]) -> Publication:
    """Wait for the next publish response, as long as the connection lives.

    A value that cannot be decoded is `value_wire.UNDECODABLE`; where not even that can be told, Garbled is
    raised.

    Args:
        channel: Where subscriptions were made.
        acknowledged: (subscription, sequence) of publications that arrived safely.
    """
    request = ua.PublishRequest()
    request.Parameters.SubscriptionAcknowledgements = [
        ua.SubscriptionAcknowledgement(SubscriptionId=subscription, SequenceNumber=sequence)
        for subscription, sequence in acknowledged
    ]
    response = await channel.ask(request, publish_response, _WAITS_FOR_EVER)
    result = response.Parameters
    message = result.NotificationMessage
    changes: list[ItemChange] = []
    events: list[EventOctets] = []
    ended_code: int | None = None
    for part in message.NotificationData or ():
        if isinstance(part, ua.DataChangeNotification):
            changes = part.MonitoredItems if not changes else [*changes, *part.MonitoredItems]
        elif isinstance(part, EventOctets):
            events.append(part)
        elif isinstance(part, ua.StatusChangeNotification):
            ended_code = part.Status.value
    sequence = int(message.SequenceNumber) if message.NotificationData else None
    return Publication(int(result.SubscriptionId), sequence, changes, ended_code, events)


def all_of(results: list[Any] | None, count: int, channel: Channel) -> list[Any]:
    """Return the results of a service, one for each of what was asked. Raises LineLost where some lack."""
    found = list(results or ())
    if len(found) != count:
        raise LineLost(f"{channel.endpoint} answered {len(found)} results instead of {count}.")
    return found


def _create_request(item: ItemRequest, sampling_interval_ms: float) -> ua.MonitoredItemCreateRequest:
    parameters = ua.MonitoringParameters()
    parameters.ClientHandle = item.handle
    parameters.SamplingInterval = sampling_interval_ms
    parameters.QueueSize = 1  # only the newest value is asked for, at the poller's pace
    parameters.DiscardOldest = True
    return ua.MonitoredItemCreateRequest(
        ItemToMonitor=ua.ReadValueId(
            NodeId=item.node, AttributeId=AttributeIds.Value, IndexRange=item.index_range
        ),
        MonitoringMode=ua.MonitoringMode.Reporting,
        RequestedParameters=parameters,
    )


def _limit(data: ua.DataValue, cap: int | None) -> int:
    value = data.Value.Value if data.Value is not None else None
    limits = [value] if isinstance(value, int) and value > 0 else []
    return min([*limits, cap if cap is not None else _BATCH])


def _level(data: ua.DataValue) -> int | None:
    value = data.Value.Value if data.Value is not None else None
    return value if isinstance(value, int) else None


def _texts(data: ua.DataValue) -> tuple[str, ...]:
    value = data.Value.Value if data.Value is not None else None
    return tuple(str(text) for text in value) if isinstance(value, list) else ()
