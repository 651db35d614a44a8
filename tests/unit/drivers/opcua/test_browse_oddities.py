"""Servers that say too much, and pages that nobody was given."""

import msgspec
import pytest
from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds

from drivers.errors import Refused
from drivers.opcua.browse import children
from drivers.opcua.search import search
from drivers.opcua.settings import OpcuaSettings

LONG = "long " * 20_000


@pytest.fixture
def settings(plant) -> OpcuaSettings:
    return OpcuaSettings(endpoint=plant.endpoint)


async def _start_wordy(plant) -> None:
    """Thirty variables that say 100 kB of themselves each, and cannot be left out of a page."""
    await plant.start({})
    objects = plant.server.nodes.objects
    for number in range(30):
        node = await objects.add_variable(ua.NodeId(f"V{number}", 2), f"V{number}", 1.0)
        for attribute in (AttributeIds.Description, AttributeIds.DisplayName):
            value = ua.DataValue(ua.Variant(ua.LocalizedText(f"{LONG}{attribute}")))
            await node.write_attribute(attribute, value)


async def test_words_without_end_are_cut_so_that_the_page_can_be_shown(plant, hub, settings) -> None:
    await _start_wordy(plant)
    page = await children(hub, settings, "", "")
    told = [node for node in page.nodes if node.name.startswith("long")]
    assert len(told) == 30
    assert len(msgspec.json.encode(page)) < 100_000
    assert told[0].description.endswith("…")
    (first, *_) = [found async for found in search(hub, settings, "long") if found.nodes]
    assert len(msgspec.json.encode(first)) < 100_000


@pytest.mark.parametrize("more", ["x", "-5:1", "fx", "f-1", "9" * 5000, "1e3:7", ":"])
async def test_a_page_that_nobody_was_given_is_refused(plant, hub, settings, more: str) -> None:
    await plant.start({"Heat": 21.5})
    if more == ":":
        assert (await children(hub, settings, "", more)).nodes
        return
    with pytest.raises(Refused, match="no such page"):
        await children(hub, settings, "", more)
    with pytest.raises(Refused, match="no such page"):
        await children(hub, settings, "nsu=urn:test:plant;s=Heat", more)
