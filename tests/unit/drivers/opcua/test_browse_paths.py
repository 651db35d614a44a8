"""Addresses by the names that lead to a node, on a real server: found in each session, told where not."""

import pytest
from asyncua import Server, ua
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import AddressError, LineLost, Refused
from drivers.opcua import group
from drivers.opcua.address import NodeAddress, parse_address
from drivers.opcua.browse import children
from drivers.opcua.browse_path import Step
from drivers.opcua.driver import OpcuaDriver
from drivers.opcua.probe import test_connection as probe_connection
from drivers.opcua.settings import OpcuaSettings
from drivers.opcua.writing import write
from drivers.values import Quality

MACHINERY = "http://opcfoundation.org/UA/Machinery/"
PRESS = f"path=/Objects/nsu={MACHINERY};Machines/nsu=urn:test:plant;Press 01"
HEAT = f"{PRESS}/nsu=urn:test:plant;Heat&/Oil"


async def furnish(server: Server, press: str = "Press 01") -> None:
    """Put a machine where the companion specification has it, in a namespace of its own."""
    machinery = await server.register_namespace(MACHINERY)
    plant = await server.get_namespace_index("urn:test:plant")
    machines = await server.nodes.objects.add_folder(ua.NodeId(1001, machinery), f"{machinery}:Machines")
    machine = await machines.add_object(ua.NodeId(press, plant), f"{plant}:{press}")
    heat = await machine.add_variable(ua.NodeId(f"{press}.heat", plant), f"{plant}:Heat/Oil", 61.5)
    await heat.set_writable()
    await machine.add_variable(ua.NodeId(f"{press}.list", plant), f"{plant}:List", [1.0, 2.0, 3.0])


async def is_lost(driver: OpcuaDriver) -> bool:
    try:
        await driver.read()
    except LineLost:
        return True
    return False


async def is_reading(driver: OpcuaDriver, value: float) -> bool:
    return (await driver.read())[0].value == value


@pytest.mark.parametrize(
    ("text", "begin", "steps"),
    [
        ("path=/Objects/Server", (0, 84), (Step("", "Objects"), Step("", "Server"))),
        ("path=nsu=urn:a;State", (0, 85), (Step("urn:a", "State"),)),
        ("path=(nsu=urn:a;i=5)/nsu=http://b/%3B/;A&/B&&", ("urn:a", 5), (Step("http://b/;/", "A/B&"),)),
        ("path=&7:Up", (0, 85), (Step("", "7:Up"),)),
    ],
)
def test_a_path_is_read_and_written_alike(text, begin, steps) -> None:
    address = parse_address(text)
    assert (address.namespace, address.identifier) == begin
    assert address.steps == steps
    assert str(address) == text


_NAMES = st.text(
    st.characters(exclude_categories=("C", "Z"), include_characters=" "), min_size=1, max_size=12
)
_URIS = st.text("ab:/;%.#", min_size=1, max_size=8)


@given(
    st.lists(st.builds(Step, st.just("") | _URIS, _NAMES), min_size=1, max_size=4).map(tuple),
    st.sampled_from([(0, 84), (0, 85), ("urn:x", 7), ("urn:x", "a b")]),
    st.sampled_from([(), ((1,),), ("Field", (2, 3))]),
)
def test_whatever_names_there_are_a_path_leads_back_to_itself(steps, begin, path) -> None:
    address = NodeAddress(*begin, path, steps)
    assert parse_address(f"  {address}") == address or str(address) != str(address).strip()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("path=", "Step 1 of 'path=' is empty"),
        ("path=/Objects//A", "Step 2 of .* is empty"),
        ("path=/Objects/A/", "Step 3 of .* is empty"),
        (
            "path=/Objects/3:A",
            "Step 2 of .* names its namespace by number, which servers change; give its URI",
        ),
        ("path=nsu=urn:a", "Step 1 of .* needs a namespace URI and a semicolon"),
        ("path=(i=5)A", r"has no \)/ after its first node"),
        ("path=(s=)/A", "has nothing after s="),
        ("path=(path=A)/B", "must begin at a node"),
        ("path=" + "x" * 600, "Step 1 has 600 characters, the limit of a name is 512"),
        ("path=" + "/".join("x" * 60), "has more than 50 steps"),
        ("path=a\x07b", "must not hold control characters"),
    ],
)
def test_what_is_wrong_with_a_path_is_told_by_its_step(text, sentence) -> None:
    with pytest.raises(AddressError, match=sentence):
        parse_address(text)


@pytest.mark.parametrize("mode", ["subscribe", "poll"])
async def test_a_path_is_read_and_one_that_leads_nowhere_costs_only_its_own_tag(
    plant, driver_of, mode
) -> None:
    await plant.start({"Heat": 21.5})
    await furnish(plant.server)
    driver = driver_of(
        plant.endpoint,
        HEAT,
        f"{PRESS}/nsu=urn:test:plant;Cold",
        f"path=/Objects/nsu={MACHINERY};Machines/nsu=urn:gone;A",
        f"path=/Objects/nsu={MACHINERY};Devices/nsu=urn:test:plant;Press 01/nsu=urn:test:plant;Heat",
        "path=(ns=2;s=Nowhere)/State",
        f"{PRESS}/nsu=urn:test:plant;List|[1]",
        "ns=2;s=Heat",
        mode=mode,
    )
    await driver.open()
    read = await driver.read()
    assert [value.value for value in read] == [61.5, None, None, None, None, 2.0, 21.5]
    assert [value.detail for value in read[1:5]] == [
        f"nothing called Cold of urn:test:plant under {PRESS}",
        f"no namespace urn:gone on the server; it has {', '.join(await plant.server.get_namespace_array())}",
        f"nothing called Devices of {MACHINERY} under path=/Objects",
        "its path cannot be followed from ns=2;s=Nowhere: no node ns=2;s=Nowhere on the server "
        "(BadNodeIdInvalid)",
    ]


async def test_a_path_is_found_anew_where_the_server_numbers_its_namespaces_anew(
    plant, driver_of, eventually
) -> None:
    await plant.start({})
    await furnish(plant.server)
    driver = driver_of(plant.endpoint, HEAT)
    await driver.open()
    assert (await driver.read())[0].value == 61.5
    await plant.stop()
    await eventually(lambda: is_lost(driver), within_s=5.0)
    await plant.start({}, namespaces_before=("urn:a", "urn:b"))
    await furnish(plant.server)
    await driver.open()
    assert (await driver.read())[0].value == 61.5


async def test_a_node_that_comes_later_is_found_without_a_new_session(
    plant, driver_of, monkeypatch, eventually
) -> None:
    monkeypatch.setattr(group, "_RETRY_S", 0.05)
    await plant.start({})
    driver = driver_of(plant.endpoint, HEAT)
    await driver.open()
    assert (await driver.read())[0].quality is Quality.BAD
    await furnish(plant.server)
    await eventually(lambda: is_reading(driver, 61.5), within_s=5.0)
    assert plant.sessions == 1


async def test_two_nodes_of_one_name_are_told_apart_by_nobody(plant, driver_of) -> None:
    await plant.start({})
    for name in ("a", "b"):
        await plant.server.nodes.objects.add_variable(
            ua.NodeId(name, plant.index), f"{plant.index}:Twin", 1.0
        )
    driver = driver_of(plant.endpoint, "path=/Objects/nsu=urn:test:plant;Twin")
    await driver.open()
    assert (await driver.read())[0].detail == "2 nodes are called so; name the one that is meant by its id"


async def test_paths_of_a_device_begin_at_its_starting_node(plant, hub) -> None:
    await plant.start({})
    await furnish(plant.server)
    settings = OpcuaSettings(endpoint=plant.endpoint, starting_node=PRESS)
    address = parse_address("path=nsu=urn:test:plant;Heat&/Oil")
    driver = hub.driver(settings, [address])
    await driver.open()
    assert (await driver.read())[0].value == 61.5
    assert (await write(hub, settings, str(address), 70.0)) == "70"
    assert (await probe_connection(settings, [address], hub))[-1].detail == f"{HEAT} = 70.0 (good)"
    page = await children(hub, settings, "path=nsu=urn:test:plant;List", "")
    assert [node.value for node in page.nodes] == ["1", "2", "3"]
    with pytest.raises(Refused, match="nothing called Cold"):
        await write(hub, settings, "path=nsu=urn:test:plant;Cold", 1.0)
    await driver.close()


async def test_a_server_that_follows_no_paths_is_told(plant, driver_of) -> None:
    await plant.start({"Heat": 21.5})
    await furnish(plant.server)

    def refuse(*_: object) -> None:
        raise ua.UaStatusCodeError(ua.StatusCodes.BadServiceUnsupported)

    plant.server.iserver.view_service.translate_browsepaths_to_nodeids = refuse
    driver = driver_of(plant.endpoint, HEAT, "ns=2;s=Heat")
    await driver.open()
    read = await driver.read()
    assert read[1].value == 21.5
    assert read[0].detail.startswith("the server follows no browse paths (")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("ns=1;s=a|[3]", "is a part of a value"), ("nowhere", "names no node")],
)
def test_a_starting_node_is_a_whole_node(text, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        OpcuaSettings(endpoint="opc.tcp://h", starting_node=text)
