"""Who a device of an OPC UA server says it is: which nodes tell, and reading them.

The device is the object that its settings name (Starting node), else the only one in the server's DeviceSet
that offers a software update, else the only one there (OPC 10000-100, 5.8). Its name plate has the properties
of IVendorNameplateType; a product that tells otherwise says so in its profile.
"""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from drivers.errors import NeedsHuman
from drivers.firmware.opcua_profile import OpcuaIdentity, Plate, VersionPlate, is_address
from drivers.firmware.opcua_session import OwnSession, text_of
from drivers.firmware.target import Identity
from drivers.firmware.text_rule import normalised
from drivers.firmware.version_text import normalised as normalised_version
from drivers.opcua.address import parse_address
from drivers.opcua.reference_wire import Place

DI_URI = "http://opcfoundation.org/UA/DI/"
ADD_IN = "SoftwareUpdate"
_DEVICE_SET = 5001
_MOST_NAMED = 8


class IdentityReader:
    """Reads the name plate of the device of a session."""

    def __init__(self, session: OwnSession, profile: OpcuaIdentity) -> None:
        self._session = session
        self._profile = profile

    async def read(self) -> Identity:
        """Return what the name plate says now. Raises LineLost or NeedsHuman."""
        profile = self._profile
        plates: list[Plate | VersionPlate] = [
            profile.product,
            profile.hardware,
            profile.serial,
            profile.version,
        ]
        places = [await self._place_of(plate) for plate in plates]
        values = iter(await self._session.read([place for place in places if place is not None]))
        product, hardware, serial, version = (
            "" if place is None else text_of(next(values)) for place in places
        )
        return Identity(
            normalised(product, profile.product.rules),
            normalised(hardware, profile.hardware.rules),
            normalised(serial, profile.serial.rules),
            normalised_version(version, profile.version.pattern),
        )

    async def _place_of(self, plate: Plate | VersionPlate) -> Place | None:
        for text in plate.nodes:
            place = await find_node(self._session, text)
            if place is not None:
                return place
        return None


async def find_node(session: OwnSession, text: str) -> Place | None:
    """Return the node of a profile's text; None where the device has none of these browse names."""
    if is_address(text):
        try:
            return await session.place(parse_address(text).begun_at(session.settings.start))
        except NeedsHuman:
            return None  # another of the profile's nodes may be there
    return await session.find(await find_device(session), text)


async def find_device(session: OwnSession) -> Place:
    """Return the device's object. Raises NeedsHuman naming those that it could be, and LineLost."""
    start = session.settings.start
    if start is not None:
        try:
            place = await session.place(start)
            await session.children(place)
        except NeedsHuman as missing:
            raise NeedsHuman(
                f"{session.endpoint} has no node {start}, which the device's settings name as Starting node."
            ) from missing
        return place
    index = session.index_of(DI_URI)
    found = {} if index is None else await session.children((index, _DEVICE_SET))
    devices = {
        name: ref.place for name, ref in found.items() if ref.node_class == 1 and ref.place is not None
    }
    updatable = {
        name: place for name, place in devices.items() if await session.find(place, ADD_IN) is not None
    }
    choice = updatable or devices
    if len(choice) == 1:
        return next(iter(choice.values()))
    names = ", ".join(sorted(choice)[:_MOST_NAMED])
    what = (
        f"has {len(choice)} devices in its DeviceSet ({names})"
        if choice
        else "has no device in its DeviceSet"
    )
    raise NeedsHuman(
        f"{session.endpoint} {what}; name the one that is meant as Starting node in the device's settings."
    )
