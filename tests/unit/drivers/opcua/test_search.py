"""Searching a real server: by words, through loops and huge folders, in pages that can be left."""

from contextlib import aclosing

import pytest
from asyncua import ua

from drivers.opcua.search import search
from drivers.opcua.settings import OpcuaSettings
from drivers.workbench import BrowseNode, BrowsePage
from tests.unit.drivers.opcua.paged_server import FOLDER, install

__all__ = ["install"]


@pytest.fixture
def settings(plant) -> OpcuaSettings:
    return OpcuaSettings(endpoint=plant.endpoint)


async def found_by(hub, settings, text: str) -> tuple[list[BrowseNode], BrowsePage]:
    pages = [page async for page in search(hub, settings, text)]
    assert [bool(page.more) for page in pages] == [True] * (len(pages) - 1) + [False]
    return [node for page in pages for node in page.nodes], pages[-1]


async def furnish(plant) -> None:
    """Two presses, each with a temperature and a pressure; one way leads back to the beginning."""
    await plant.start({})
    objects = plant.server.nodes.objects
    for press in (1, 2):
        folder = await objects.add_folder(ua.NodeId(f"Press{press}", 2), f"Press {press}")
        for name, description in (("Temperature", "Oil in the tank"), ("Pressure", "Main cylinder")):
            node = await folder.add_variable(ua.NodeId(f"P{press}.{name}", 2), name, 1.5)
            await node.write_attribute(
                ua.AttributeIds.Description, ua.DataValue(ua.Variant(ua.LocalizedText(description)))
            )
        await folder.add_reference(objects, ua.ObjectIds.HasComponent)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("TEMPER", ["Objects / Press 1 / Temperature", "Objects / Press 2 / Temperature"]),
        ("p2. cylinder", ["Objects / Press 2 / Pressure"]),
        ("oil tank p1", ["Objects / Press 1 / Temperature"]),
        ("temperature cylinder", []),
        ("press1", ["Objects / Press 1"]),
    ],
)
async def test_every_word_is_looked_for_in_name_address_and_description(
    plant, hub, settings, text: str, paths: list[str]
) -> None:
    await furnish(plant)
    nodes, last = await found_by(hub, settings, text)
    assert [node.path for node in nodes] == paths
    assert {node.value for node in nodes if node.kind == "variable"} <= {"1.5"}
    assert last.looked_at > 6


async def test_what_the_server_tells_of_itself_is_searched_last(plant, hub, settings) -> None:
    await furnish(plant)
    nodes, _ = await found_by(hub, settings, "servicelevel")
    assert nodes[0].path == "Objects / Server / ServiceLevel"


async def test_a_server_of_few_continuation_points_is_searched_whole(plant, hub, settings, install) -> None:
    def prepare(server) -> None:
        install(server, size=700, page=90).most_points = 1

    await plant.start({}, prepare=prepare)
    objects = plant.server.nodes.objects
    for number in range(4):
        folder = await objects.add_folder(ua.NodeId(f"F{number}", 2), f"F{number}")
        for inner in range(100):
            await folder.add_variable(ua.NodeId(f"V{number}.{inner}", 2), f"Valve {number} {inner}", 1)
    nodes, _ = await found_by(hub, settings, "valve")
    assert len({node.address for node in nodes}) == len(nodes) == 400


async def hang_in(plant, install, size: int) -> None:
    """Start a server with a huge folder in its Objects folder."""
    await plant.start({}, prepare=lambda server: install(server, size=size))
    reference = ua.ReferenceDescription(
        ReferenceTypeId=ua.NodeId(ua.ObjectIds.Organizes),
        NodeId=ua.ExpandedNodeId(FOLDER.Identifier, FOLDER.NamespaceIndex),
        BrowseName=ua.QualifiedName("Huge", 2),
        DisplayName=ua.LocalizedText("Huge"),
        NodeClass=ua.NodeClass.Object,
        TypeDefinition=ua.ExpandedNodeId(ua.ObjectIds.FolderType),
    )
    objects = plant.server.iserver.aspace[ua.NodeId(ua.ObjectIds.ObjectsFolder)]
    objects.references.append(reference)


async def test_a_search_tells_what_it_has_and_ends_when_it_is_left(plant, hub, settings, install) -> None:
    await hang_in(plant, install, 100_000)
    async with aclosing(search(hub, settings, "rack item")) as pages:
        first = next(iter([page async for page in _until_found(pages)]))
    views = plant.server.iserver.view_service
    assert (first.nodes[0].path, first.looked_at < 2000) == ("Objects / Huge / Item 0", True)
    assert views.calls < 10


async def _until_found(pages):
    async for page in pages:
        if page.nodes:
            yield page
            return


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_a_hundred_thousand_nodes_are_searched_whole(plant, hub, settings, install) -> None:
    await hang_in(plant, install, 100_000)
    nodes, last = await found_by(hub, settings, "99998 rack")
    assert [node.address for node in nodes] == ["nsu=urn:test:plant;s=Item99998"]
    assert last.looked_at > 100_000
