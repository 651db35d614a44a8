"""The OPC UA services that events need: what to tell of each, and to tell again what stands.

As `services.py`: building asyncua's wire structures happens here, and each function raises LineLost, or
`ua.UaStatusCodeError` where the server refuses the service as a whole.
"""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false

from collections.abc import Sequence

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from drivers.opcua.channel import Channel
from drivers.opcua.event_reading import BASE_FIELDS, CONDITION_FIELDS
from drivers.opcua.services import all_of, node_id

_TYPE_OF = {"ActiveState/Id": ObjectIds.AlarmConditionType}
"""Which type declares a field, where it is not ConditionType."""


async def watch_events(
    channel: Channel,
    subscription: int,
    notifier: ua.NodeId,
    handle: int,
    queue_size: int,
    timeout_s: float,
    *,
    with_conditions: bool = True,
) -> int:
    """Watch the events of `notifier` in `subscription`; returns the status code of the item.

    Args:
        channel: Where.
        subscription: The server's number of it; it is for events only.
        notifier: An object that tells of events; the Server object tells of all.
        handle: Our number of the item.
        queue_size: So many events wait at the server at most; the oldest are given up for newer ones.
        timeout_s: How long to wait for the answer.
        with_conditions: Ask for the fields of conditions as well, which not every server knows.
    """
    parameters = ua.MonitoringParameters()
    parameters.ClientHandle = handle
    parameters.SamplingInterval = 0  # events are not sampled, OPC 10000-4, 5.13.1.2
    parameters.QueueSize = queue_size
    parameters.DiscardOldest = True
    parameters.Filter = ua.EventFilter(SelectClauses=_select_clauses(with_conditions=with_conditions))
    request = ua.CreateMonitoredItemsRequest()
    request.Parameters.SubscriptionId = subscription
    request.Parameters.TimestampsToReturn = ua.TimestampsToReturn.Neither
    request.Parameters.ItemsToCreate = [
        ua.MonitoredItemCreateRequest(
            ItemToMonitor=ua.ReadValueId(NodeId=notifier, AttributeId=AttributeIds.EventNotifier),
            MonitoringMode=ua.MonitoringMode.Reporting,
            RequestedParameters=parameters,
        )
    ]
    response = await channel.call(request, ua.CreateMonitoredItemsResponse, timeout_s)
    (result,) = all_of(response.Results, 1, channel)
    return int(result.StatusCode.value)


async def refresh_conditions(channel: Channel, subscription: int, timeout_s: float) -> int:
    """Ask to be told anew of every condition that is of interest; returns the status code.

    They come as events of the subscription, between a RefreshStart and a RefreshEnd (OPC 10000-9, 5.5.7).
    """
    method = ua.CallMethodRequest()
    method.ObjectId = node_id(ObjectIds.ConditionType, 0)
    method.MethodId = node_id(ObjectIds.ConditionType_ConditionRefresh, 0)
    method.InputArguments = [ua.Variant(subscription, ua.VariantType.UInt32)]
    request = ua.CallRequest()
    request.Parameters.MethodsToCall = [method]
    response = await channel.call(request, ua.CallResponse, timeout_s)
    (result,) = all_of(response.Results, 1, channel)
    return int(result.StatusCode.value)


async def delete_subscription(channel: Channel, subscription: int) -> None:
    """End a subscription. One that the server no longer knows is no fault."""
    request = ua.DeleteSubscriptionsRequest()
    request.Parameters.SubscriptionIds = [subscription]
    await channel.call(request, ua.DeleteSubscriptionsResponse)


def _select_clauses(*, with_conditions: bool) -> list[ua.SimpleAttributeOperand]:
    clauses = [_clause(ObjectIds.BaseEventType, name) for name in BASE_FIELDS]
    if with_conditions:
        clauses += [_clause(_TYPE_OF.get(name, ObjectIds.ConditionType), name) for name in CONDITION_FIELDS]
    return clauses


def _clause(kind: int, name: str) -> ua.SimpleAttributeOperand:
    steps: Sequence[str] = name.split("/") if name else ()
    return ua.SimpleAttributeOperand(
        TypeDefinitionId=node_id(kind, 0),
        BrowsePath=[ua.QualifiedName(step, 0) for step in steps],
        AttributeId=AttributeIds.Value if steps else AttributeIds.NodeId,
    )
