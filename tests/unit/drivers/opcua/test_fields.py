"""Numbers inside arrays and structures, read from a real server."""

import struct
from collections.abc import Awaitable, Callable

import pytest

from drivers.errors import LineLost
from drivers.values import Quality, RawValue
from tests.unit.drivers.opcua.furnished import (
    Furniture,
    press_data,
    reads_ranges,
    recipe,
    watches_ranges,
)

__all__ = ["watches_ranges"]

Eventually = Callable[..., Awaitable[float]]


@pytest.fixture
async def furniture(plant) -> Furniture:
    await plant.start({"Heat": 21.5, "Word": "12"})
    furniture = Furniture(plant.server)
    await furniture.add_structures()
    return furniture


async def read_at(driver_of, plant, *paths: str, **settings: object) -> list[RawValue]:
    driver = driver_of(plant.endpoint, *(f"nsu=urn:test:plant;s={path}" for path in paths), **settings)
    await driver.open()
    values = await driver.read()
    await driver.close()
    return values


@pytest.mark.parametrize("mode", ["subscribe", "poll"])
async def test_numbers_in_structures_and_arrays_are_read(plant, furniture, driver_of, mode: str) -> None:
    paths = (
        "Heat",
        "Data|.Temperature",
        "Data|.Axes[2].Position",
        "Data|.Axes[0].State",
        "Data|.Matrix[1,2]",
        "Data|.Matrix[1][0]",
        "Recipe|.Batch",
        "Either|.Number",
        "Levels|[1]",
    )
    values = await read_at(driver_of, plant, *paths, mode=mode)
    assert [raw.value for raw in values] == [21.5, 21.5, 3.5, 1, 5, 3, 7, 42, 20.0]
    assert {raw.quality for raw in values} == {Quality.GOOD}


async def test_what_is_not_there_is_said_with_what_is(plant, furniture, driver_of) -> None:
    paths = {
        "Data|.Temprature": "no field Temprature in the value; it has Note, Temperature, Axes, Matrix",
        "Data|.Axes[3].Position": "no element 3: Axes has 3, the last is 2",
        "Data|.Axes[0].Speed": "no field Speed in Axes[0]; it has Position, Name, State",
        "Data|.Temperature.Low": "no field Low: Temperature is a number",
        "Data|[0]": "no element 0: the value is a structure",
        "Data|.Note": "text 'note' instead of a number",
        "Data": "a structure instead of a number; a field of it is named by |.Name at the end of the address",
        "Recipe|.Limit": "no field Limit in the value; it has Speed, Batch",
        "Secret|.Anything": "a structure, but the server does not describe its type",
        "Levels|[7]": "no element 7: the value has 3, the last is 2",
        "Levels|.High": "no field High: the value is an array of 3 elements",
        "Heat|[0]": "no element 0: the value is a number",
        "Word": "text '12' instead of a number",
        "Gone|.Field": "no node nsu=urn:test:plant;s=Gone on the server (BadNodeIdUnknown)",
    }
    values = await read_at(driver_of, plant, *paths)
    assert [raw.detail for raw in values] == [*paths.values()]
    assert {raw.quality for raw in values} == {Quality.BAD}


async def test_a_value_that_does_not_fit_its_type_is_bad_and_the_fields_before_it_survive(
    plant, furniture, driver_of
) -> None:
    cut_off = furniture.value("PressData", press_data(30.0, (1.0,))[:-20])
    await plant.write("Data", cut_off)
    good, cut = await read_at(driver_of, plant, "Data|.Temperature", "Data|.Matrix[0,0]")
    assert good.value == 30.0
    assert cut.detail == "the value does not fit the type PressData as the server describes it"


async def test_a_length_that_a_server_claims_is_not_believed(plant, furniture, driver_of) -> None:
    claimed = furniture.value("PressData", b"\xff\xff\xff\xff" + struct.pack("<fi", 1.0, 2**31 - 1))
    await plant.write("Data", claimed)
    (raw,) = await read_at(driver_of, plant, "Data|.Axes[0].Position")
    assert raw.detail == "field Axes claims 2147483647 elements, more than the value holds"


async def test_tags_in_one_structure_share_one_item(plant, furniture, driver_of) -> None:
    driver = driver_of(
        plant.endpoint, *(f"ns=2;s=Data|.Axes[{axis}].Position" for axis in range(3)), "ns=2;s=Levels|[0]"
    )
    await driver.open()
    assert [raw.value for raw in await driver.read()] == [1.0, 2.0, 3.5, 10.0]
    subscriptions = plant.server.iserver.subscription_service.subscriptions.values()
    assert [len(one.monitored_item_srv._monitored_items) for one in subscriptions] == [2]


async def _check_elements(plant, driver, eventually: Eventually) -> list[RawValue]:
    """Open a driver of element 7 of 500, and of elements 1 and 5 of two; see that changes come."""
    await plant.start({"Long": [float(number) for number in range(500)], "Two": [1, 2]}, prepare=reads_ranges)
    await driver.open()
    before = await driver.read()
    await plant.write("Long", [float(number) * 2 for number in range(500)])

    async def has_changed() -> bool:
        return (await driver.read())[0].value == 14.0

    await eventually(has_changed, within_s=3.0)
    assert [item.index_range for item in driver._items] == ["7", "1", "5"]
    return before


_ELEMENTS = ("ns=2;s=Long|[7]", "ns=2;s=Two|[1]", "ns=2;s=Two|[5]")


@pytest.mark.parametrize("mode", ["subscribe", "poll"])
async def test_one_element_of_an_array_is_asked_for_alone_where_the_server_can(
    plant, driver_of, eventually: Eventually, watches_ranges, mode: str
) -> None:
    driver = driver_of(plant.endpoint, *_ELEMENTS, mode=mode)
    before = await _check_elements(plant, driver, eventually)
    assert [raw.value for raw in before] == [7.0, 2, None]
    assert before[2].detail == "index range no data (BadIndexRangeNoData)"


async def test_a_server_that_watches_the_whole_array_instead_is_understood(
    plant, driver_of, eventually: Eventually
) -> None:
    driver = driver_of(plant.endpoint, *_ELEMENTS)
    before = await _check_elements(plant, driver, eventually)
    assert [raw.value for raw in before] == [7.0, 2, None]
    assert before[2].detail == "no element 5: the value has 2, the last is 1"


async def test_an_array_of_which_more_is_wanted_comes_whole(plant, driver_of) -> None:
    await plant.start({"Long": [*range(500)]}, prepare=reads_ranges)
    paths = [f"ns=2;s=Long|[{number}]" for number in range(20)]
    driver = driver_of(plant.endpoint, *paths)
    await driver.open()
    assert [raw.value for raw in await driver.read()] == [*range(20)]
    assert [item.index_range for item in driver._items] == [None]


async def test_changes_arrive_and_another_type_in_the_same_node_is_learned(
    plant, furniture, driver_of, eventually: Eventually
) -> None:
    driver = driver_of(plant.endpoint, "ns=2;s=Data|.Temperature", "ns=2;s=Data|.Speed")
    await driver.open()
    assert [raw.value for raw in await driver.read()] == [21.5, None]
    await plant.write("Data", furniture.value("Recipe", recipe(3.25)))

    async def has_changed() -> bool:
        return [raw.value for raw in await driver.read()] == [None, 3.25]

    await eventually(has_changed, within_s=3.0)


async def test_types_are_asked_for_once_and_reads_cause_no_traffic_after_that(
    plant, furniture, driver_of
) -> None:
    driver = driver_of(plant.endpoint, "ns=2;s=Data|.Axes[2].Position", mode="subscribe")
    await driver.open()
    await driver.read()
    before = driver.trace.requests
    await driver.read()
    assert driver.trace.requests == before


async def test_an_index_that_means_another_namespace_after_a_restart_is_bad_and_says_how_to_write_it(
    plant, driver_of, eventually: Eventually
) -> None:
    await plant.start({"Heat": 21.5})
    driver = driver_of(plant.endpoint, "ns=2;s=Heat", "nsu=urn:test:plant;s=Heat")
    await driver.open()
    assert [raw.value for raw in await driver.read()] == [21.5, 21.5]
    await plant.stop()
    await plant.start({"Heat": 30.0}, namespaces_before=("urn:new",))

    async def is_back() -> bool:
        try:
            await driver.open()
            return (await driver.read())[1].value == 30.0
        except LineLost:  # until the server is back
            return False

    await eventually(is_back, within_s=10.0)
    moved, _ = await driver.read()
    assert moved.detail == (
        "the server has numbered its namespaces anew: 2 was urn:test:plant and is urn:new now; "
        "write nsu=urn:test:plant;s=Heat"
    )
    assert driver.better_addresses() == {"ns=2;s=Heat": "nsu=urn:test:plant;s=Heat"}


async def test_an_index_beyond_the_namespaces_names_those_there_are(plant, driver_of) -> None:
    await plant.start({"Heat": 21.5})
    driver = driver_of(plant.endpoint, "ns=9;s=Heat")
    await driver.open()
    (raw,) = await driver.read()
    assert raw.detail.startswith("no namespace 9 on the server, only 0 to 2: http://opcfoundation.org/UA/,")
    assert raw.detail.endswith("urn:test:plant")
