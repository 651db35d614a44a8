"""A server that sends values no client can decode, among good ones."""

import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.ua_binary import nodeid_to_binary, struct_to_binary

from drivers.opcua.driver import OpcuaDriver
from drivers.opcua.value_wire import UNDECODABLE, publish_response, read_response
from drivers.values import Quality
from tests.unit.drivers.opcua.conftest import PlantServer

MakeDriver = Callable[..., OpcuaDriver]
WORDS = "the server sent a value that cannot be decoded"
MODES = pytest.mark.parametrize("mode", ["subscribe", "poll"])


def unit(body: bytes) -> ua.Variant:
    """An engineering unit, a type that the library knows, with another body than it expects."""
    type_id = ua.NodeId(ObjectIds.EUInformation_Encoding_DefaultBinary)
    return ua.Variant(ua.ExtensionObject(TypeId=type_id, Body=body), ua.VariantType.ExtensionObject)


@dataclass(frozen=True)
class Overlong(ua.ExtensionObject):
    """One that goes on behind its end: nothing behind it can be found."""

    Rest: ua.UInt32 = 0xFFFF_FFFF


def overlong() -> ua.Variant:
    return ua.Variant(
        Overlong(TypeId=ua.NodeId(ObjectIds.EUInformation_Encoding_DefaultBinary), Body=b"\x01"),
        ua.VariantType.ExtensionObject,
    )


async def put(plant: PlantServer, value: ua.Variant) -> None:
    """Let the server have it, whatever type the variable is of: it takes any after it had none."""
    node = plant.server.get_node(ua.NodeId("Odd", plant.index))
    for data in (ua.DataValue(StatusCode=ua.StatusCode(ua.StatusCodes.Bad)), ua.DataValue(value)):
        await node.write_attribute(ua.AttributeIds.Value, data)


@pytest.fixture
async def two_devices(plant, driver_of: MakeDriver):
    """Make two devices of one server; the first has a bad value in the middle."""

    async def make(bad: ua.Variant, mode: str) -> tuple[OpcuaDriver, OpcuaDriver]:
        await plant.start({"A": 1.5, "Odd": ua.EUInformation(), "B": 2.5, "C": 3.5})
        await put(plant, bad)
        names = (("A", "Odd", "B"), ("C",))
        devices = [
            driver_of(plant.endpoint, *(f"ns={plant.index};s={name}" for name in group), mode=mode)
            for group in names
        ]
        for device in devices:
            await device.open()
        return devices[0], devices[1]

    return make


async def values(device: OpcuaDriver) -> list[object]:
    return [value.value if value.quality is Quality.GOOD else value.detail for value in await device.read()]


@MODES
@pytest.mark.parametrize("bad", [unit(b"\x01"), overlong()], ids=["misfit", "overlong"])
async def test_a_value_that_cannot_be_decoded_costs_only_its_own_tag(
    plant, two_devices, eventually: Callable[..., Awaitable[float]], mode: str, bad: ua.Variant
) -> None:
    first, second = await two_devices(bad, mode)

    async def reads(*expected: object) -> bool:
        return await values(first) == [*expected[:3]] and await values(second) == [expected[3]]

    await eventually(lambda: reads(1.5, WORDS, 2.5, 3.5), within_s=5)
    for name, value in (("A", 10.5), ("B", 20.5), ("C", 30.5)):
        await plant.write(name, value)
    await eventually(lambda: reads(10.5, WORDS, 20.5, 30.5), within_s=5)
    assert plant.sessions == 1


@MODES
async def test_the_tag_is_good_again_as_soon_as_its_value_can_be_decoded(
    plant, two_devices, eventually: Callable[..., Awaitable[float]], mode: str
) -> None:
    first, _ = await two_devices(unit(b"\x01"), mode)
    await eventually(lambda: _is(first, [1.5, WORDS, 2.5]), within_s=5)
    await put(plant, ua.Variant(7.5, ua.VariantType.Double))
    await eventually(lambda: _is(first, [1.5, 7.5, 2.5]), within_s=5)


async def _is(device: OpcuaDriver, expected: list[object]) -> bool:
    return await values(device) == expected


def every_kind() -> list[ua.DataValue]:
    node = ua.NodeId("Far", 3)
    kinds = [
        ua.Variant([[1.0, 2.0], [3.0, 4.0]], ua.VariantType.Double, [2, 2]),
        ua.Variant(["a", "", None], ua.VariantType.String),
        ua.Variant([True, False], ua.VariantType.Boolean),
        ua.Variant(UUID(int=7), ua.VariantType.Guid),
        ua.Variant([node, ua.NodeId(7, 1), ua.NodeId(1, 0), ua.NodeId(b"x", 2)], ua.VariantType.NodeId),
        ua.Variant(ua.ExpandedNodeId("E", 1, NamespaceUri="urn:far", ServerIndex=1)),
        ua.Variant(ua.QualifiedName("name", 2)),
        ua.Variant([ua.LocalizedText("word", "en"), ua.LocalizedText("word")]),
        ua.Variant(ua.EUInformation(UnitId=4)),
        ua.Variant(ua.DataValue(ua.Variant(1.5)), ua.VariantType.DataValue),
        ua.Variant([ua.Variant(1), ua.Variant("x")], ua.VariantType.Variant),
        ua.Variant(ua.StatusCode(0x8001_0000)),
        ua.Variant(None),
        ua.Variant(b"octets", ua.VariantType.ByteString),
    ]
    return [ua.DataValue(kind) for kind in kinds]


@pytest.mark.parametrize("place", range(15))
def test_every_kind_of_value_is_found_again_beside_one_that_cannot_be_decoded(place: int) -> None:
    good = every_kind()
    sent = [*good[:place], ua.DataValue(unit(b"\x01")), *good[place:]]
    found = read_response(Buffer(struct_to_binary(ua.ReadResponse(Results=sent)))).Results
    assert found.pop(place) is UNDECODABLE
    assert [value.Value.Value for value in found] == [value.Value.Value for value in good]


def publication(*sent: ua.DataValue) -> bytes:
    response = ua.PublishResponse()
    items = [ua.MonitoredItemNotification(number, value) for number, value in enumerate(sent)]
    response.Parameters.SubscriptionId = 5
    response.Parameters.AvailableSequenceNumbers = [8, 9]
    response.Parameters.NotificationMessage.SequenceNumber = 9
    response.Parameters.NotificationMessage.NotificationData = [
        ua.DataChangeNotification(items),
        ua.StatusChangeNotification(ua.StatusCode(0x8004_0000)),
    ]
    response.Parameters.Results = [ua.StatusCode()]
    return struct_to_binary(response)


def test_a_publication_is_taken_apart_like_the_library_does_it() -> None:
    result = publish_response(Buffer(publication(*every_kind()))).Parameters
    changes, ended = result.NotificationMessage.NotificationData
    assert (result.SubscriptionId, result.NotificationMessage.SequenceNumber) == (5, 9)
    assert [item.Value.Value.Value for item in changes.MonitoredItems] == [
        value.Value.Value for value in every_kind()
    ]
    assert ended.Status.value == 0x8004_0000


def test_a_notification_without_its_length_is_left_to_the_library() -> None:
    octets = publication(ua.DataValue(ua.Variant(1.5)))
    type_id = nodeid_to_binary(ua.NodeId(ObjectIds.DataChangeNotification_Encoding_DefaultBinary))
    begin = octets.index(type_id) + len(type_id) + 1
    unsaid = octets[:begin] + b"\xff" * 4 + octets[begin + 4 :]
    changes, _ = publish_response(Buffer(unsaid)).Parameters.NotificationMessage.NotificationData
    assert changes.MonitoredItems[0].Value.Value.Value == 1.5


def test_nothing_is_believed_of_an_answer_whose_values_cannot_be_told_apart() -> None:
    sent = [ua.DataValue(ua.Variant(1.5)), ua.DataValue(overlong()), ua.DataValue(ua.Variant(2.5))]
    with pytest.raises(ua.UaError):
        read_response(Buffer(struct_to_binary(ua.ReadResponse(Results=sent))))
    with pytest.raises(ua.UaError):
        publish_response(Buffer(publication(*sent)))


def test_an_answer_cut_off_anywhere_ends_in_an_error_of_the_library() -> None:
    octets = publication(ua.DataValue(ua.Variant(1.5)), ua.DataValue(unit(b"\x01")))
    for length in range(24, len(octets)):
        with pytest.raises((ua.UaError, struct.error, TypeError, LookupError, ValueError)):
            publish_response(Buffer(octets[:length]))
