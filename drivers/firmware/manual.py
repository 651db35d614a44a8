"""Firmware that a technician carries to the device: the program only looks at what came of it.

Each protocol that can tell who a device is and what it runs has a part of the profile here, and a class that
looks. A device that nobody can look at is updated by hand too, but not with this program.
"""

from pydantic import BaseModel, ConfigDict, Field

from drivers.driver import DriverHub
from drivers.errors import DriverBug
from drivers.firmware.modbus.lines import MODBUS_KINDS
from drivers.firmware.modbus.profile_parts import WhoProfile
from drivers.firmware.opcua_profile import OpcuaIdentity
from drivers.firmware.target import FirmwareTarget, FirmwareWay


class ManualProfile(BaseModel):
    """What the technician is told, and where the device then tells what it runs."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    instructions: str = Field(
        title="Instructions",
        description="What the technician does, in a few sentences.",
        min_length=1,
        max_length=2000,
    )
    modbus: WhoProfile = Field(
        default=WhoProfile(),
        title="Over Modbus",
        description="Where a Modbus device tells who it is and what it runs; as it stands, the revision of "
        "its identification (function 43, type 14).",
    )
    opcua: OpcuaIdentity = Field(
        default=OpcuaIdentity(),
        title="Over OPC UA",
        description="Where a device of an OPC UA server tells it; as it stands, its name plate.",
    )


def _make(hub: DriverHub, settings: BaseModel, profile: BaseModel) -> FirmwareTarget:
    from drivers.firmware.modbus.by_hand import ModbusByHand
    from drivers.modbus.settings_parts import ModbusSettings
    from drivers.opcua.settings import OpcuaSettings

    if not isinstance(profile, ManualProfile):
        raise DriverBug(f"Updates by hand were given the profile of another way: {type(profile).__name__}.")
    match settings:
        case ModbusSettings():
            return ModbusByHand(hub, settings, profile.modbus, profile.instructions)
        case OpcuaSettings():
            from drivers.firmware.opcua_by_hand import OpcuaByHand

            return OpcuaByHand(hub, settings, profile.opcua, profile.instructions)
        case _:
            raise DriverBug(f"Nobody knows how to look at a device of {type(settings).__name__}.")


def _line(settings: BaseModel) -> str:
    """Return nothing: whoever only looks disturbs nobody."""
    return ""


MANUAL = FirmwareWay(
    kind="manual",
    label="By hand",
    drivers=MODBUS_KINDS | {"opcua"},
    profile_type=ManualProfile,
    make=_make,
    line=_line,
    is_by_hand=True,
)
