"""Firmware as a plain file of an OPC UA server (OPC 10000-20, FileType), with orders that the profile names.

For devices without the AddIn of Software Update. Light: asyncua loads in `make`.
"""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from drivers.driver import DriverHub
from drivers.firmware.opcua_profile import (
    DEFAULT_BLOCK,
    LARGEST_BLOCK,
    NodeText,
    OpcuaIdentity,
    VersionPlate,
    is_address,
)
from drivers.firmware.seconds import Seconds
from drivers.firmware.target import FirmwareTarget, FirmwareWay, Phase


class FileOrder(BaseModel):
    """One order: a method without arguments that is called, or a number that is written to a node."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    call: NodeText | None = Field(default=None, description="Method, as in Control/Install.")
    write: NodeText | None = Field(default=None, description="Node that a number is written to.")
    value: int | None = Field(default=None, description="The number, in the node's own type.")

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.call is None) == (self.write is None) or (self.write is None) != (self.value is None):
            raise ValueError("an order either calls a method, or writes a value to a node")
        if self.call is not None and is_address(self.call):
            raise ValueError(
                "a method is named by browse names from the device's object, as in Control/Install"
            )
        return self


class StatePlate(BaseModel):
    """Where the device says how far its update is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    node: NodeText
    meanings: dict[str, Phase] = Field(
        min_length=1, max_length=64, description="What each of its values means, as text."
    )


class HealthPlate(BaseModel):
    """Where the device says whether it is well."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    node: NodeText
    good: tuple[str, ...] = Field(
        min_length=1, max_length=16, description="Values that mean that it is well."
    )


class OpcuaFileProfile(BaseModel):
    """How a product takes its firmware as a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: NodeText = Field(description="The file, an object of FileType, as in Firmware/Image.")
    identity: OpcuaIdentity = OpcuaIdentity()
    state: StatePlate | None = None
    pending_version: VersionPlate | None = None
    detail: NodeText | None = Field(default=None, description="Where the device says why an update failed.")
    health: HealthPlate | None = None
    prepare: FileOrder | None = None
    install: FileOrder | None = Field(
        default=None,
        description="Without one, closing the file is the order to install: it is left open until then.",
    )
    confirm: FileOrder | None = None
    abandon: FileOrder | None = None
    block_bytes: int = Field(default=DEFAULT_BLOCK, ge=1, le=LARGEST_BLOCK, json_schema_extra={"unit": "B"})
    answer_s: Seconds = Field(
        default=10.0,
        ge=0.0,
        le=300.0,
        description="How long the device may take for one block or order, besides the settings' time-out.",
        json_schema_extra={"unit": "s"},
    )
    check_s: Seconds = Field(
        default=120.0,
        ge=0.0,
        le=3600.0,
        description="How long it may go on saying that it receives once the file is closed.",
        json_schema_extra={"unit": "s"},
    )


def _make(hub: DriverHub, settings: BaseModel, profile: BaseModel) -> FirmwareTarget:
    from drivers.firmware.opcua_file_target import OpcuaFileTarget

    return OpcuaFileTarget(hub, settings, profile)


def _no_line(settings: BaseModel) -> str:  # a session of its own disturbs nobody
    return ""


OPCUA_FILE = FirmwareWay(
    kind="opcua-file",
    label="OPC UA file",
    drivers=frozenset({"opcua"}),
    profile_type=OpcuaFileProfile,
    make=_make,
    line=_no_line,
)
