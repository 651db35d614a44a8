"""What a server tells of itself, and the name plates of devices in it where they are found cheaply.

Server: OPC 10000-5, 6.3.1. Name plates: OPC 10000-100 (DeviceSet) and OPC 40001-1 (Machines).
"""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false

from collections.abc import Sequence

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from pydantic import BaseModel

from drivers.driver import DriverHub
from drivers.opcua.address_space import CHILDREN, OBJECT, PROPERTIES, browse_whole, content, read_attributes
from drivers.opcua.driver import own_hub, own_settings
from drivers.opcua.node_facts import HAS_PROPERTY
from drivers.opcua.redundancy import level_text
from drivers.opcua.reference_wire import Place, Reference
from drivers.opcua.value_text import value_text
from drivers.opcua.visiting import Visit
from drivers.workbench import Fact

_SERVER = (
    ("Product", ObjectIds.Server_ServerStatus_BuildInfo_ProductName),
    ("Manufacturer", ObjectIds.Server_ServerStatus_BuildInfo_ManufacturerName),
    ("Product URI", ObjectIds.Server_ServerStatus_BuildInfo_ProductUri),
    ("Software version", ObjectIds.Server_ServerStatus_BuildInfo_SoftwareVersion),
    ("Build number", ObjectIds.Server_ServerStatus_BuildInfo_BuildNumber),
    ("Build date", ObjectIds.Server_ServerStatus_BuildInfo_BuildDate),
    ("State", ObjectIds.Server_ServerStatus_State),
    ("Running since", ObjectIds.Server_ServerStatus_StartTime),
    ("Server time", ObjectIds.Server_ServerStatus_CurrentTime),
)
_NO_DATE = "1601-01-01"  # how a null DateTime looks (OPC 10000-6, 5.2.2.5)
_DEVICE_FOLDERS = (
    ("http://opcfoundation.org/UA/DI/", 5001),  # DeviceSet
    ("http://opcfoundation.org/UA/Machinery/", 1001),  # Machines
)
_IDENTIFICATION = "Identification"
_MOST_DEVICES = 8
_PLATE = {
    "Manufacturer": "Manufacturer",
    "Model": "Model",
    "ProductCode": "Product code",
    "SerialNumber": "Serial number",
    "HardwareRevision": "Hardware revision",
    "SoftwareRevision": "Software revision",
    "DeviceRevision": "Device revision",
    "YearOfConstruction": "Year of construction",
    "ProductInstanceUri": "Product instance URI",
    "AssetId": "Asset id",
    "Location": "Location",
}


async def identify(hub: DriverHub, settings: BaseModel) -> Sequence[Fact]:
    """Return what a server tells of itself and of devices in it; see `drivers.workbench.Tools.identify`."""
    chosen = own_settings(settings)
    owner = own_hub(hub)
    async with owner.visits.to(owner.line(chosen), chosen.endpoint) as visit:
        return (*await _server(visit), *await _devices(visit))


async def _server(visit: Visit) -> list[Fact]:
    wanted: list[tuple[Place, int]] = [((0, number), AttributeIds.Value) for _, number in _SERVER]
    wanted.append(((0, ObjectIds.Server_ServiceLevel), AttributeIds.Value))
    *answers, level = [content(answer) for answer in await read_attributes(visit.link, wanted)]
    facts = [
        Fact(name, _state(value) if name == "State" else value_text(value))
        for (name, _), value in zip(_SERVER, answers, strict=True)
    ]
    facts.append(Fact("Service level", level_text(level if isinstance(level, int) else None)))
    namespaces = visit.link.facts.namespaces
    facts.extend(Fact(f"Namespace {index}", uri) for index, uri in enumerate(namespaces))
    return [fact for fact in facts if fact.value and not fact.value.startswith(_NO_DATE)]


def _state(value: object) -> str:
    if type(value) is not int:
        return value_text(value)
    try:
        return f"{value} ({ua.ServerState(value).name})"
    except ValueError:
        return str(value)


async def _devices(visit: Visit) -> list[Fact]:
    namespaces = visit.link.facts.namespaces
    folders: list[Place] = [
        (namespaces.index(uri), number) for uri, number in _DEVICE_FOLDERS if uri in namespaces
    ]
    limit = visit.limits.nodes
    branches = await browse_whole(visit.link, folders, CHILDREN, limit)
    devices = [
        reference
        for branch in branches
        for reference in branch.references
        if reference.node_class == OBJECT and reference.place is not None
    ][:_MOST_DEVICES]
    inside = await browse_whole(visit.link, [_place(device) for device in devices], CHILDREN, limit)
    # DI has the plate's properties at the device, Machinery in an object of its own.
    plates: list[tuple[str, Place]] = []
    properties: list[tuple[str, Reference]] = []
    for device, branch in zip(devices, inside, strict=True):
        for reference in branch.references:
            if reference.kind == HAS_PROPERTY:
                properties.append((device.name, reference))
            elif reference.browse_name == _IDENTIFICATION and reference.place is not None:
                plates.append((device.name, reference.place))
    found = await browse_whole(visit.link, [place for _, place in plates], PROPERTIES, limit)
    for (name, _), branch in zip(plates, found, strict=True):
        properties.extend((name, reference) for reference in branch.references)
    known = [
        (name, reference)
        for name, reference in properties
        if reference.browse_name in _PLATE and reference.place is not None
    ]
    answers = await read_attributes(
        visit.link, [(_place(reference), AttributeIds.Value) for _, reference in known]
    )
    facts = [
        Fact(f"{name}: {_PLATE[reference.browse_name]}", value_text(content(answer)))
        for (name, reference), answer in zip(known, answers, strict=True)
    ]
    return [fact for fact in dict.fromkeys(facts) if fact.value]


def _place(reference: Reference) -> Place:
    assert reference.place is not None  # left out before
    return reference.place
