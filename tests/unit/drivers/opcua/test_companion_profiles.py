"""Profiles of companion specifications, read from a server that has what they describe."""

import pytest
from asyncua import Server, ua

from console.catalogue.profiles import Profile, profile_of
from drivers.opcua.address import parse_address
from drivers.opcua.settings import OpcuaSettings

MACHINERY, DI, MAKER = (
    "http://opcfoundation.org/UA/Machinery/",
    "http://opcfoundation.org/UA/DI/",
    "urn:maker:plant",
)


async def machine(server: Server) -> None:
    """A machine as OPC 40001-1 has it, with counters that know only how long it was powered."""
    machinery, di, maker = [await server.register_namespace(uri) for uri in (MACHINERY, DI, MAKER)]
    machines = await server.nodes.objects.add_folder(ua.NodeId(1001, machinery), f"{machinery}:Machines")
    one = await machines.add_object(ua.NodeId("m1", maker), f"{maker}:Machine 1")
    blocks = await one.add_folder(ua.NodeId("m1.b", maker), f"{machinery}:MachineryBuildingBlocks")
    for name, number in (("MachineryItemState", 3), ("MachineryOperationMode", 2)):
        block = await blocks.add_object(ua.NodeId(name, maker), f"{machinery}:{name}")
        text = ua.LocalizedText("Executing")
        state = await block.add_variable(ua.NodeId(f"{name}.s", maker), "0:CurrentState", text)
        value = ua.Variant(number, ua.VariantType.UInt32)
        await state.add_property(ua.NodeId(f"{name}.n", maker), "0:Number", value)
    counters = await blocks.add_object(ua.NodeId("m1.c", maker), f"{di}:OperationCounters")
    await counters.add_property(ua.NodeId("m1.p", maker), f"{di}:PowerOnDuration", 5_400_000.0)


async def process_device(server: Server) -> None:
    di, maker = [await server.register_namespace(uri) for uri in (DI, MAKER)]
    devices = await server.nodes.objects.add_folder(ua.NodeId(5001, di), f"{di}:DeviceSet")
    one = await devices.add_object(ua.NodeId("d1", maker), f"{maker}:Device 1")
    await one.add_variable(
        ua.NodeId("d1.h", maker), f"{di}:DeviceHealth", ua.Variant(4, ua.VariantType.Int32)
    )


@pytest.mark.parametrize(
    ("key", "furnish", "values", "lacks"),
    [
        (
            "opcua-machinery",
            machine,
            [3, 2, 1.5, None],
            {"operation_hours": f"nothing called OperationDuration of {DI} under "},
        ),
        ("opcua-padim", process_device, [4], {}),
    ],
)
async def test_a_profile_reads_what_its_specification_describes(
    plant, hub, key, furnish, values, lacks
) -> None:
    profile: Profile = profile_of(key)
    await plant.start({})
    await furnish(plant.server)
    settings = OpcuaSettings.model_validate({"endpoint": plant.endpoint, **profile.connection})
    tags = profile.records_of_tags()
    driver = hub.driver(settings, [parse_address(tag.address) for tag in tags])
    await driver.open()
    read = await driver.read()
    await driver.close()
    scaled = [
        None if one.value is None else one.value * tag.scale for one, tag in zip(read, tags, strict=True)
    ]
    assert scaled == pytest.approx(values)
    bad = {tag.metric: one.detail for tag, one in zip(tags, read, strict=True) if one.value is None}
    assert bad.keys() == lacks.keys()
    assert all(bad[metric].startswith(said) for metric, said in lacks.items())
