"""Reading from a real server that stays up."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from asyncua import Server, ua
from asyncua.common.utils import ServiceError

from drivers.errors import DriverBug
from drivers.opcua.driver import OpcuaDriver, OpcuaHub
from drivers.values import Quality

MakeDriver = Callable[..., OpcuaDriver]
Eventually = Callable[..., Awaitable[float]]


async def value_of(driver: OpcuaDriver) -> object:
    return (await driver.read())[0].value


async def test_values_come_in_order_with_the_servers_own_time(plant, driver_of: MakeDriver) -> None:
    await plant.start({"Speed": 1480, "Heat": 21.5, "Run": True})
    moment = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    await plant.write("Heat", ua.DataValue(ua.Variant(22.5), SourceTimestamp=moment))
    driver = driver_of(plant.endpoint, "ns=2;s=Heat", "ns=2;s=Run", "ns=2;s=Speed")
    await driver.open()
    heat, run, speed = await driver.read()
    assert (heat.value, run.value, speed.value) == (22.5, True, 1480)
    assert heat.quality is run.quality is speed.quality is Quality.GOOD
    assert heat.source_unix == moment.timestamp()
    assert abs(heat.received_unix - time.time()) < 2.0


async def test_a_change_is_pushed(plant, driver_of: MakeDriver, eventually: Eventually) -> None:
    await plant.start({"Heat": 21.5})
    driver = driver_of(plant.endpoint, "ns=2;s=Heat")
    await driver.open()
    assert await value_of(driver) == 21.5
    await plant.write("Heat", 23.0)
    await eventually(lambda: _is(value_of(driver), 23.0), within_s=2.0)


async def test_a_device_says_that_values_came_and_its_neighbour_says_so_for_itself(
    plant, driver_of: MakeDriver, eventually: Eventually
) -> None:
    await plant.start({"Heat": 21.5, "Load": 60.0})
    driver = driver_of(plant.endpoint, "ns=2;s=Heat")
    neighbour = driver_of(plant.endpoint, "ns=2;s=Load")
    told, told_neighbour = [], []
    driver.on_news(lambda: told.append(1))
    neighbour.on_news(lambda: told_neighbour.append(1))
    await driver.open()
    await neighbour.open()
    await driver.read()
    await neighbour.read()
    before, before_neighbour = len(told), len(told_neighbour)
    await plant.write("Heat", 23.0)
    await eventually(lambda: _is(_number_of(told), before + 1), within_s=2.0)
    assert (await driver.read())[0].value == 23.0
    assert len(told_neighbour) == before_neighbour


async def test_a_value_that_does_not_change_keeps_its_source_time_and_a_fresh_sign_of_life(
    plant, driver_of: MakeDriver, eventually: Eventually
) -> None:
    await plant.start({"Heat": 21.5})
    driver = driver_of(plant.endpoint, "ns=2;s=Heat")
    await driver.open()
    (first,) = await driver.read()

    async def is_fresher() -> bool:
        return (await driver.read())[0].received_unix > first.received_unix + 0.4

    await eventually(is_fresher, within_s=3.0)
    assert (await driver.read())[0].source_unix == first.source_unix


async def test_bad_and_uncertain_status_codes_become_qualities(plant, driver_of: MakeDriver) -> None:
    await plant.start({"Heat": 21.5, "Load": 60.0})
    await plant.write(
        "Heat", ua.DataValue(ua.Variant(0.0), ua.StatusCode(ua.status_codes.StatusCodes.BadSensorFailure))
    )
    code = ua.StatusCode(ua.status_codes.StatusCodes.UncertainLastUsableValue)
    await plant.write("Load", ua.DataValue(ua.Variant(60.0), code))
    driver = driver_of(plant.endpoint, "ns=2;s=Heat", "ns=2;s=Load")
    await driver.open()
    heat, load = await driver.read()
    assert (heat.value, heat.quality, heat.detail) == (None, Quality.BAD, "sensor failure (BadSensorFailure)")
    assert (load.value, load.quality) == (60.0, Quality.UNCERTAIN)


@pytest.mark.parametrize("mode", ["subscribe", "poll"])
async def test_an_unknown_node_is_a_bad_point_and_its_neighbours_survive(
    plant, driver_of: MakeDriver, mode: str
) -> None:
    await plant.start({"Heat": 21.5})
    driver = driver_of(plant.endpoint, "ns=2;s=Missing", "ns=2;s=Heat", "nsu=urn:nobody;s=Heat", mode=mode)
    await driver.open()
    missing, heat, nowhere = await driver.read()
    assert missing.quality is nowhere.quality is Quality.BAD
    assert missing.detail == "no node ns=2;s=Missing on the server (BadNodeIdUnknown)"
    assert nowhere.detail.startswith(
        "no namespace urn:nobody on the server; it has http://opcfoundation.org/UA/,"
    )
    assert heat.value == 21.5


async def test_a_node_that_appears_later_is_found_without_reopening(
    plant, driver_of: MakeDriver, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.opcua.group._RETRY_S", 0.1)
    await plant.start({"Heat": 21.5})
    driver = driver_of(plant.endpoint, "ns=2;s=Late", "nsu=urn:late;s=Late")
    await driver.open()
    assert [raw.quality for raw in await driver.read()] == [Quality.BAD, Quality.BAD]
    objects = plant.server.nodes.objects
    await objects.add_variable(ua.NodeId("Late", 2), "Late", 7)
    index = await plant.server.register_namespace("urn:late")
    await objects.add_variable(ua.NodeId("Late", index), "Later", 8)

    async def are_there() -> bool:
        return [raw.value for raw in await driver.read()] == [7, 8]

    await eventually(are_there, within_s=3.0)


async def test_a_server_that_refuses_subscriptions_is_polled(
    plant, driver_of: MakeDriver, eventually: Eventually
) -> None:
    def refuse(server: Server) -> None:
        server.iserver.max_subscriptions = 0

    await plant.start({"Heat": 21.5}, prepare=refuse)
    driver = driver_of(plant.endpoint, "ns=2;s=Heat")
    await driver.open()
    assert await value_of(driver) == 21.5
    assert not plant.server.iserver.subscription_service.subscriptions
    await plant.write("Heat", 24.0)
    await eventually(lambda: _is(value_of(driver), 24.0), within_s=2.0)


async def test_only_the_items_that_a_server_refuses_to_watch_are_polled(
    plant, driver_of: MakeDriver, eventually: Eventually
) -> None:
    refused: list[ua.NodeId] = []

    def refuse_cold(server: Server) -> None:
        service = server.iserver.subscription_service
        create = service.create_monitored_items

        async def create_some(params: ua.CreateMonitoredItemsParameters) -> list[object]:
            results = await create(params)
            for item, result in zip(params.ItemsToCreate, results, strict=True):
                is_cold = item.ItemToMonitor.NodeId.Identifier == "Cold"
                refused.extend([item.ItemToMonitor.NodeId] * is_cold)
                result.StatusCode = ua.StatusCode(0x80430000) if is_cold else result.StatusCode
            return results

        service.create_monitored_items = create_some

    await plant.start({"Heat": 21.5, "Cold": -4.0}, prepare=refuse_cold)
    driver = driver_of(plant.endpoint, "ns=2;s=Heat", "ns=2;s=Cold")
    await driver.open()
    assert [raw.value for raw in await driver.read()] == [21.5, -4.0]
    await plant.write("Cold", -5.0)
    await plant.write("Heat", 22.0)

    async def have_both_followed() -> bool:
        return [raw.value for raw in await driver.read()] == [22.0, -5.0]

    await eventually(have_both_followed, within_s=2.0)
    assert len(refused) == 1


async def test_calls_shrink_until_the_server_accepts_them(plant, driver_of: MakeDriver) -> None:
    def accept_three(server: Server) -> None:
        service = server.iserver.subscription_service
        create = service.create_monitored_items

        async def create_few(params: ua.CreateMonitoredItemsParameters) -> list[object]:
            if len(params.ItemsToCreate) > 3:
                raise ServiceError(ua.status_codes.StatusCodes.BadTooManyOperations)
            return await create(params)

        service.create_monitored_items = create_few

    await plant.start({f"V{number}": number for number in range(10)}, prepare=accept_three)
    driver = driver_of(plant.endpoint, *(f"ns=2;s=V{number}" for number in range(10)))
    await driver.open()
    assert [raw.value for raw in await driver.read()] == list(range(10))


async def test_two_hundred_devices_share_one_session_and_few_subscriptions(
    plant, driver_of: MakeDriver
) -> None:
    await plant.start({f"V{number}": number for number in range(1200)})
    drivers = [
        driver_of(plant.endpoint, *(f"ns=2;s=V{device * 6 + metric}" for metric in range(6)))
        for device in range(200)
    ]
    began = time.monotonic()
    await asyncio.gather(*(driver.open() for driver in drivers))
    rows = await asyncio.gather(*(driver.read() for driver in drivers))
    assert time.monotonic() - began < 5.0
    assert [raw.value for row in rows for raw in row] == list(range(1200))
    assert len(plant.server.iserver.subscription_service.subscriptions) == 2
    assert len(plant.server.bserver.clients) == 1


async def test_a_device_that_closes_takes_only_its_own_items_along(
    plant, driver_of: MakeDriver, eventually: Eventually
) -> None:
    await plant.start({"Heat": 21.5, "Cold": -4.0})
    leaving, staying = driver_of(plant.endpoint, "ns=2;s=Heat"), driver_of(plant.endpoint, "ns=2;s=Heat")
    await asyncio.gather(leaving.open(), staying.open())
    await leaving.close()
    (subscription,) = plant.server.iserver.subscription_service.subscriptions.values()

    async def is_one_left() -> bool:
        return len(subscription.monitored_item_srv._monitored_items) == 1

    await eventually(is_one_left, within_s=2.0)
    assert await value_of(staying) == 21.5


async def test_the_last_device_ends_the_session(plant, driver_of: MakeDriver, eventually: Eventually) -> None:
    await plant.start({"Heat": 21.5})
    driver = driver_of(plant.endpoint, "ns=2;s=Heat")
    await driver.open()
    await driver.close()
    await driver.close()

    async def is_nobody_connected() -> bool:
        return not plant.server.bserver.clients

    await eventually(is_nobody_connected, within_s=2.0)


async def test_closing_the_hub_leaves_no_task_behind(
    plant, hub: OpcuaHub, driver_of: MakeDriver, eventually: Eventually
) -> None:
    await plant.start({"Heat": 21.5})
    driver = driver_of(plant.endpoint, "ns=2;s=Heat", "ns=2;s=Missing")
    await driver.open()
    await hub.close()
    await hub.close()

    async def is_quiet() -> bool:
        return not [task for task in asyncio.all_tasks() if task.get_name().startswith("opcua ")]

    await eventually(is_quiet, within_s=2.0)


async def test_reading_before_opening_is_called_a_mistake_of_ours(driver_of: MakeDriver) -> None:
    with pytest.raises(DriverBug, match="before it was opened"):
        await driver_of("opc.tcp://127.0.0.1:1/x", "i=2259").read()


async def test_closing_without_opening_does_nothing(driver_of: MakeDriver) -> None:
    await driver_of("opc.tcp://127.0.0.1:1/x", "i=2259").close()


async def _number_of(calls: list[int]) -> int:
    return len(calls)


async def _is(reading: Awaitable[object], expected: object) -> bool:
    return await reading == expected
