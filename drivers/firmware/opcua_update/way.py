"""The registry's entry of OPC UA Software Update. Light: asyncua loads in `make`."""

from pydantic import BaseModel

from drivers.driver import DriverHub
from drivers.firmware.opcua_update.profile import OpcuaUpdateProfile
from drivers.firmware.target import FirmwareTarget, FirmwareWay


def _make(hub: DriverHub, settings: BaseModel, profile: BaseModel) -> FirmwareTarget:
    from drivers.firmware.opcua_update.target import OpcuaUpdateTarget

    return OpcuaUpdateTarget(hub, settings, profile)


def _no_line(settings: BaseModel) -> str:  # a session of its own disturbs nobody
    return ""


OPCUA_UPDATE = FirmwareWay(
    kind="opcua-software-update",
    label="OPC UA Software Update",
    drivers=frozenset({"opcua"}),
    profile_type=OpcuaUpdateProfile,
    make=_make,
    line=_no_line,
)
