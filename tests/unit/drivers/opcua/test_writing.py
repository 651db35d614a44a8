"""Writing to a real server: types, ranges, rights, elements of arrays, and what is read back."""

import asyncio
import re

import pytest
from asyncua import Server, ua
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import LineLost, Refused
from drivers.opcua.settings import OpcuaSettings
from drivers.opcua.tools import OPCUA_TOOLS
from drivers.opcua.writing import as_number
from drivers.questions import NOT_KNOWN, NOT_READ_BACK
from tests.unit.drivers.opcua.furnished import Furniture, reads_ranges

_V = ua.VariantType


@pytest.fixture
def settings(plant) -> OpcuaSettings:
    return OpcuaSettings(endpoint=plant.endpoint)


async def start(plant, prepare=lambda server: None) -> None:
    """Start a server with a variable of each kind, all writable but one."""
    await plant.start({}, prepare=prepare)
    objects = plant.server.nodes.objects
    for name, value, kind in (
        ("Speed", 10.5, _V.Float),
        ("Setpoint", 10.5, _V.Double),
        ("Count", 7, _V.UInt16),
        ("Run", False, _V.Boolean),
        ("Levels", [1.0, 2.0, 3.0], _V.Double),
        ("One", [5], _V.Int32),
        ("Word", "a", _V.String),
        ("Fixed", 1, _V.Int32),
    ):
        node = await objects.add_variable(ua.NodeId(name, 2), name, ua.Variant(value, kind))
        await node.set_writable(name != "Fixed")


async def held(plant, name: str) -> ua.Variant:
    return (await plant.server.get_node(ua.NodeId(name, 2)).read_data_value()).Value


@pytest.mark.parametrize(
    ("name", "value", "text", "kind"),
    [
        ("Speed", 12.1, "12.1", _V.Float),
        ("Setpoint", -3.25, "-3.25", _V.Double),
        ("Count", 65535.0, "65535", _V.UInt16),
        ("Run", 1.0, "true", _V.Boolean),
    ],
)
async def test_a_number_arrives_in_the_type_of_the_node_and_is_read_back(
    plant, hub, settings, name: str, value: float, text: str, kind: ua.VariantType
) -> None:
    await start(plant)
    assert await OPCUA_TOOLS.write(hub, settings, f"nsu=urn:test:plant;s={name}", value) == text
    written = await held(plant, name)
    assert (written.VariantType, written.Value) == (kind, pytest.approx(value, rel=1e-6))


async def test_what_does_not_fit_is_refused_and_changes_nothing(plant, hub, settings) -> None:
    await start(plant)
    await Furniture(plant.server).add_types()
    cases = {
        ("Count", 65536): "takes 0 to 65535 (UInt16), not 65536",
        ("Count", 1.5): "takes whole numbers (UInt16), not 1.5",
        ("Run", 2): "is true or false: write 1 or 0, not 2",
        ("Speed", 1e39): "is a Float and holds at most 3.4e38",
        ("Word", 1): "is of type String, which holds no number",
        ("Fixed", 1): "is read-only: the server lets nobody write it",
        ("Levels", 1): "is an array of 3 elements; name one, as in",
        ("Levels|[1]", 1): "the server does not write single elements of arrays",
        ("One|[0]", 1): "the server does not write single elements of arrays",
        ("Levels|[3]", 1): "has 3 elements, the last is 2",
        ("Count|[0]", 1): "is no array at present",
        ("Data|.Temperature", 1): "is inside a structure",
        ("Gone", 1): "no node nsu=urn:test:plant;s=Gone on the server",
    }
    said = {}
    for name, value in cases:
        with pytest.raises(Refused) as refusal:
            await OPCUA_TOOLS.write(hub, settings, f"nsu=urn:test:plant;s={name}", value)
        said[name, value] = str(refusal.value)
    assert {case: text for case, text in said.items() if cases[case] not in text} == {}
    assert [(await held(plant, name)).Value for name in ("Count", "Run", "Levels", "One")] == [
        7,
        False,
        [1.0, 2.0, 3.0],
        [5],
    ]


@pytest.mark.parametrize(("address", "whole"), [("Levels|[1]", [1.0, 9.0, 3.0]), ("One|[0]", [9])])
async def test_one_element_of_an_array_is_written_alone(
    plant, hub, settings, address: str, whole: list[float]
) -> None:
    await start(plant, prepare=reads_ranges)
    assert await OPCUA_TOOLS.write(hub, settings, f"nsu=urn:test:plant;s={address}", 9) == "9"
    assert (await held(plant, address.partition("|")[0])).Value == whole


async def test_a_server_that_says_no_is_quoted(plant, hub, settings) -> None:
    def only_look(server: Server) -> None:
        async def refuse(params: ua.WriteParameters, user: object = None) -> list[ua.StatusCode]:
            return [ua.StatusCode(ua.StatusCodes.BadUserAccessDenied) for _ in params.NodesToWrite]

        server.iserver.attribute_service.write = refuse

    await start(plant)
    only_look(plant.server)
    with pytest.raises(Refused, match=r"was not written: user access denied \(BadUserAccessDenied\)"):
        await OPCUA_TOOLS.write(hub, settings, "nsu=urn:test:plant;s=Setpoint", 1)


async def test_a_write_that_is_never_answered_is_not_said_to_have_failed(plant, hub) -> None:
    async def hang(params: ua.WriteParameters, user: object = None) -> list[ua.StatusCode]:
        await asyncio.Event().wait()
        return []

    await start(plant)
    plant.server.iserver.attribute_service.write = hang
    quick = OpcuaSettings(endpoint=plant.endpoint, timeout_s=0.5)
    with pytest.raises(LineLost, match=re.escape(NOT_KNOWN)):
        await OPCUA_TOOLS.write(hub, quick, "nsu=urn:test:plant;s=Setpoint", 1)


async def test_a_confirmed_write_is_no_refusal_where_its_value_cannot_be_seen(plant, hub, settings) -> None:
    await start(plant)
    service = plant.server.iserver.attribute_service
    confirm = service.write

    async def confirm_and_remove(params: ua.WriteParameters, **more: object) -> list[ua.StatusCode]:
        codes = await confirm(params, **more)
        await plant.server.get_node(ua.NodeId("Setpoint", 2)).delete()
        return codes

    service.write = confirm_and_remove
    said = await OPCUA_TOOLS.write(hub, settings, "nsu=urn:test:plant;s=Setpoint", 1)
    assert said.startswith(f"{NOT_READ_BACK} (")


@given(
    st.sampled_from([_V.Boolean, _V.Byte, _V.Int16, _V.UInt32, _V.Int64, _V.Float, _V.Double]), st.floats()
)
def test_what_is_taken_is_what_was_meant(kind: ua.VariantType, value: float) -> None:
    try:
        number = as_number(kind, value, "it")
    except Refused:
        return
    assert number == value


async def test_a_server_tells_what_it_is_and_what_devices_it_holds(plant, hub, settings) -> None:
    await plant.start({"Heat": 21.5})
    server = plant.server
    index = await server.register_namespace("http://opcfoundation.org/UA/Machinery/")
    machines = await server.nodes.objects.add_folder(ua.NodeId(1001, index), "Machines")
    press = await machines.add_object(ua.NodeId("Press", 2), "Press 7")
    plate = await press.add_object(ua.NodeId("Press.Identification", 2), "Identification")
    await plate.add_property(ua.NodeId("sn", 2), "SerialNumber", "A-0815")
    await plate.add_property(ua.NodeId("mf", 2), "Manufacturer", ua.LocalizedText("Acme"))
    facts = {fact.name: fact.value for fact in await OPCUA_TOOLS.identify(hub, settings)}
    assert facts["State"] == "0 (Running)"
    assert facts["Service level"] == "255 (healthy)"
    assert facts["Namespace 2"] == "urn:test:plant"
    assert (facts["Press 7: Serial number"], facts["Press 7: Manufacturer"]) == ("A-0815", "Acme")
    assert "Product" in facts
