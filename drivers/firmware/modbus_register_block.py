"""Delivering firmware as blocks of registers to a Modbus device's boot loader, as the profile describes."""

from typing import Literal

from pydantic import BaseModel, Field, model_validator

from drivers.driver import DriverHub
from drivers.errors import DriverBug
from drivers.firmware.modbus.lines import MODBUS_KINDS, shared_line
from drivers.firmware.modbus.profile_parts import IMAGE, UpdateProfile
from drivers.firmware.target import FirmwareTarget, FirmwareWay

_MOST_WRITTEN = 123  # application protocol 1.1b3, 6.12
_LAST = 0xFFFF


class RegisterBlockProfile(UpdateProfile):
    """How a product's boot loader takes an image through a window of registers."""

    data_register: int = Field(
        title="Window",
        description="First holding register of the window that blocks are written into.",
        ge=0,
        le=_LAST,
        json_schema_extra={"group": IMAGE},
    )
    registers_per_block: int = Field(
        default=120,
        title="Registers per block",
        description="At most 123, and 122 with the number in front.",
        ge=1,
        le=_MOST_WRITTEN,
        json_schema_extra={"unit": "registers", "group": IMAGE},
    )
    numbered: Literal["in front", "before", "not"] = Field(
        default="in front",
        title="Block number",
        description="in front: in the register before the window, in the same write. before: in a register "
        "of its own, written first. not: blocks follow one another, and one that is not answered ends the "
        "transfer, unless the device tells how much it has.",
        json_schema_extra={"group": IMAGE},
    )
    number_register: int = Field(
        default=0,
        title="Number register",
        description="Where the number goes that is written before its block.",
        ge=0,
        le=_LAST,
        json_schema_extra={"group": IMAGE, "shown_if": {"numbered": ["before"]}},
    )
    first_block: int = Field(
        default=0,
        title="First number",
        description="Number of the first block.",
        ge=0,
        le=1,
        json_schema_extra={"group": IMAGE},
    )
    is_last_filled: bool = Field(
        default=False,
        title="Last block whole",
        description="The last block is filled up with padding, for devices that take whole blocks only.",
        json_schema_extra={"group": IMAGE},
    )

    @model_validator(mode="after")
    def _fits_the_protocol(self) -> "RegisterBlockProfile":
        if self.numbered == "in front" and self.registers_per_block == _MOST_WRITTEN:
            raise ValueError("with the number in front a block has at most 122 registers, not 123")
        if self.numbered == "in front" and self.data_register == 0:
            raise ValueError("before register 0 there is no room for a block's number")
        if self.data_register + self.registers_per_block - 1 > _LAST:
            raise ValueError(f"a window from {self.data_register} leaves the registers, which end at {_LAST}")
        return self


def _make(hub: DriverHub, settings: BaseModel, profile: BaseModel) -> FirmwareTarget:
    from drivers.firmware.modbus.register_blocks import RegisterBlockTarget

    if not isinstance(profile, RegisterBlockProfile):
        raise DriverBug(
            f"Modbus register blocks were given the profile of another way: {type(profile).__name__}."
        )
    return RegisterBlockTarget(hub, settings, profile)


MODBUS_REGISTER_BLOCK = FirmwareWay(
    kind="modbus-register-block",
    label="Modbus register blocks",
    drivers=MODBUS_KINDS,
    profile_type=RegisterBlockProfile,
    make=_make,
    line=shared_line,
)
