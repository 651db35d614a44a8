"""Browsing a real server: pages, facts of nodes, parts of values, and servers with their own ideas."""

import asyncio

import msgspec
import pytest
from asyncua import ua

from drivers.errors import Refused
from drivers.opcua.browse import children
from drivers.opcua.settings import OpcuaSettings
from drivers.workbench import BrowseNode, BrowsePage
from tests.unit.drivers.opcua.furnished import Furniture
from tests.unit.drivers.opcua.paged_server import FOLDER, install

__all__ = ["install"]


@pytest.fixture
def settings(plant) -> OpcuaSettings:
    return OpcuaSettings(endpoint=plant.endpoint)


async def all_pages(hub, settings, node: str) -> list[BrowsePage]:
    pages = [await children(hub, settings, node, "")]
    while pages[-1].more:
        pages.append(await children(hub, settings, node, pages[-1].more))
    return pages


def by_name(*pages: BrowsePage) -> dict[str, BrowseNode]:
    return {node.name: node for page in pages for node in page.nodes}


async def test_the_root_shows_folders_objects_and_variables_with_their_facts(plant, hub, settings) -> None:
    await plant.start({"Heat": 21.5, "Word": "running", "Count": 7})
    objects = plant.server.nodes.objects
    await objects.add_folder(ua.NodeId("Line", 2), "Line")
    heat = plant.server.get_node(ua.NodeId("Heat", 2))
    await heat.write_attribute(
        ua.AttributeIds.Description, ua.DataValue(ua.Variant(ua.LocalizedText("Oil of press 1")))
    )
    await heat.add_property(
        ua.NodeId("Heat.unit", 2), "EngineeringUnits", ua.EUInformation(DisplayName=ua.LocalizedText("°C"))
    )
    await heat.add_property(ua.NodeId("Heat.range", 2), "EURange", ua.Range(Low=-20.0, High=160.0))
    await plant.server.get_node(ua.NodeId("Count", 2)).set_writable()
    nodes = by_name(*await all_pages(hub, settings, ""))
    assert nodes["Heat"] == BrowseNode(
        id="nsu=urn:test:plant;s=Heat",
        address="nsu=urn:test:plant;s=Heat",
        name="Heat",
        kind="variable",
        has_children=False,
        type="Double",
        value="21.5",
        unit="°C",
        low=-20.0,
        high=160.0,
        description="Oil of press 1",
    )
    assert (nodes["Count"].value, nodes["Count"].type, nodes["Count"].is_writable) == ("7", "Int64", True)
    assert (nodes["Word"].value, nodes["Word"].address) == ("running", "")
    assert (nodes["Line"].kind, nodes["Line"].has_children) == ("folder", True)
    assert nodes["Server"].kind == "object"


async def test_arrays_and_structures_open_into_fields_that_can_be_read(
    plant, hub, settings, driver_of
) -> None:
    await plant.start({})
    await Furniture(plant.server).add_structures()
    nodes = by_name(*await all_pages(hub, settings, ""))
    shown = {name: (nodes[name].type, nodes[name].has_children) for name in ("Data", "Levels")}
    assert shown == {"Data": ("PressData", True), "Levels": ("Double[]", True)}
    assert {nodes[name].address for name in ("Data", "Levels")} == {""}
    fields = by_name(*await all_pages(hub, settings, nodes["Data"].id))
    assert [*fields] == ["Note", "Temperature", "Axes", "Matrix"]
    assert fields["Temperature"].kind == "field"
    assert (fields["Note"].address, fields["Note"].value) == ("", "note")
    axes = by_name(*await all_pages(hub, settings, fields["Axes"].id))
    axis = by_name(*await all_pages(hub, settings, axes["[2]"].id))
    levels = by_name(*await all_pages(hub, settings, nodes["Levels"].id))
    addresses = [fields["Temperature"].address, axis["Position"].address, levels["[1]"].address]
    driver = driver_of(plant.endpoint, *addresses)
    await driver.open()
    assert [raw.value for raw in await driver.read()] == [21.5, 3.5, 20.0]


async def test_a_structure_without_description_is_named(plant, hub, settings) -> None:
    await plant.start({})
    await Furniture(plant.server).add_structures()
    with pytest.raises(Refused, match=r"Secret: a structure, but the server does not describe its type\."):
        await children(hub, settings, "nsu=urn:test:plant;s=Secret", "")


async def test_a_value_that_cannot_be_decoded_costs_itself_and_not_its_neighbours(
    plant, hub, settings
) -> None:
    await plant.start({f"Heat{number}": 21.5 for number in range(6)})
    range_type = ua.NodeId(ua.ObjectIds.Range_Encoding_DefaultBinary)
    await plant.server.nodes.objects.add_variable(
        ua.NodeId("Odd", 2),
        "Odd",
        ua.Variant(ua.ExtensionObject(range_type, b"\x01"), ua.VariantType.ExtensionObject),
        datatype=ua.NodeId(ua.ObjectIds.Range),
    )
    nodes = by_name(*await all_pages(hub, settings, ""))
    assert (nodes["Odd"].value, nodes["Odd"].type) == ("", "Range")
    assert {nodes[f"Heat{number}"].value for number in range(6)} == {"21.5"}


async def test_text_that_is_no_utf8_can_be_handed_on_all_the_same(plant, hub, settings) -> None:
    await plant.start({})
    odd = b"\xb0C".decode("utf-8", "surrogateescape")
    node = await plant.server.nodes.objects.add_variable(ua.NodeId(f"Heat {odd}", 2), f"Heat {odd}", odd)
    described = ua.DataValue(ua.Variant(ua.LocalizedText(f"in {odd}")))
    await node.write_attribute(ua.AttributeIds.Description, described)
    page = await children(hub, settings, "", "")
    assert msgspec.json.decode(msgspec.json.encode(page), type=BrowsePage) == page
    (shown,) = [one for one in page.nodes if one.name.startswith("Heat")]
    assert (shown.address, shown.has_children, shown.value) == ("", False, "?C")


async def test_elements_of_a_long_array_come_in_pages(plant, hub, settings) -> None:
    await plant.start({"Long": [float(number) for number in range(250)]})
    pages = await all_pages(hub, settings, "nsu=urn:test:plant;s=Long")
    assert [len(page.nodes) for page in pages] == [100, 100, 50]
    assert pages[2].nodes[-1].address == "nsu=urn:test:plant;s=Long|[249]"


@pytest.mark.parametrize(("page", "is_obedient"), [(30, True), (100, True), (5000, True), (250, False)])
async def test_every_child_comes_once_whatever_pages_the_server_makes(
    plant, hub, settings, install, page: int, is_obedient: bool
) -> None:
    await plant.start({}, prepare=lambda server: install(server, size=330, page=page))
    plant.server.iserver.view_service.is_obedient = is_obedient
    pages = await all_pages(hub, settings, "nsu=urn:test:plant;s=Huge")
    names = [node.name for found in pages for node in found.nodes]
    assert names == [f"Item {number}" for number in range(330)]
    assert max(len(found.nodes) for found in pages) == 100


async def test_the_first_page_of_a_huge_folder_asks_for_no_more_than_it_shows(
    plant, hub, settings, install
) -> None:
    await plant.start({}, prepare=lambda server: install(server, size=100_000))
    page = await children(hub, settings, f"nsu=urn:test:plant;s={FOLDER.Identifier}", "")
    views = plant.server.iserver.view_service
    assert (len(page.nodes), bool(page.more), page.nodes[7].value) == (100, True, "7")
    assert [begin for _, begin in views.points.values()] == [100]


async def test_a_page_that_the_server_has_forgotten_is_found_again(plant, hub, settings, install) -> None:
    await plant.start({}, prepare=lambda server: install(server, size=250))
    first = await children(hub, settings, "nsu=urn:test:plant;s=Huge", "")
    plant.server.iserver.view_service.points.clear()
    second = await children(hub, settings, "nsu=urn:test:plant;s=Huge", first.more)
    await hub.visits.close()
    third = await children(hub, settings, "nsu=urn:test:plant;s=Huge", second.more)
    assert [page.nodes[0].name for page in (first, second, third)] == ["Item 0", "Item 100", "Item 200"]
    assert third.more == ""


async def test_trees_left_half_open_hold_few_continuation_points(plant, hub, settings, install) -> None:
    await plant.start({}, prepare=lambda server: install(server, size=1000))
    views = plant.server.iserver.view_service
    views.most_points = 5
    for _ in range(8):
        await children(hub, settings, "nsu=urn:test:plant;s=Huge", "")
    assert len(views.points) == 4


async def test_a_server_out_of_continuation_points_gets_back_those_of_trees_left_open(
    plant, hub, settings, install
) -> None:
    await plant.start({}, prepare=lambda server: install(server, size=1000))
    plant.server.iserver.view_service.most_points = 1
    pages = [await children(hub, settings, "nsu=urn:test:plant;s=Huge", "") for _ in range(3)]
    assert [len(page.nodes) for page in pages] == [100, 100, 100]


async def test_one_session_serves_devices_and_tools(plant, hub, settings, driver_of) -> None:
    await plant.start({"Heat": 21.5})
    driver = hub.driver(settings, [])
    await driver.open()
    await asyncio.gather(*(children(hub, settings, "", "") for _ in range(4)))
    assert plant.sessions == 1


async def test_the_session_of_a_visit_ends_a_while_after_it(
    plant, hub, settings, monkeypatch: pytest.MonkeyPatch, eventually
) -> None:
    monkeypatch.setattr("drivers.opcua.visiting._LINGER_S", 0.05)
    await plant.start({"Heat": 21.5})
    await children(hub, settings, "", "")

    async def has_ended() -> bool:
        return hub.line(settings).current is None

    await eventually(has_ended, within_s=3.0)


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ("nsu=urn:test:plant;s=Gone", r"There is no node nsu=urn:test:plant;s=Gone on the server"),
        ("nsu=urn:nobody;s=Heat", r"no namespace urn:nobody on the server; it has"),
        ("nonsense", r"names no node"),
    ],
)
async def test_what_cannot_be_browsed_is_refused_with_its_reason(
    plant, hub, settings, node: str, said: str
) -> None:
    await plant.start({"Heat": 21.5})
    with pytest.raises(Refused, match=said):
        await children(hub, settings, node, "")
