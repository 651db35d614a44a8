"""Delivering firmware as files of a Modbus device (functions 21 and 20), by its own connection."""

from typing import Literal

from pydantic import BaseModel, Field, model_validator

from drivers.driver import DriverHub
from drivers.errors import DriverBug
from drivers.firmware.modbus.lines import MODBUS_KINDS, shared_line
from drivers.firmware.modbus.profile_parts import IMAGE, UpdateProfile
from drivers.firmware.target import FirmwareTarget, FirmwareWay

_MOST_WRITTEN, _MOST_READ, _RECORDS = 122, 121, 10_000  # application protocol 1.1b3, 6.14 and 6.15


class FileRecordProfile(UpdateProfile):
    """How a product takes its firmware as files."""

    first_file: int = Field(
        default=1,
        title="First file",
        description="Number of the file that the image begins in; it goes on in the following ones.",
        ge=1,
        le=0xFFFF,
        json_schema_extra={"group": IMAGE},
    )
    first_record: int = Field(
        default=0,
        title="First record",
        description="Number of the first record of every file.",
        ge=0,
        le=_RECORDS - 1,
        json_schema_extra={"group": IMAGE},
    )
    records_per_file: int = Field(
        default=_RECORDS,
        title="Records per file",
        description="How many of them hold the image; the protocol allows 10,000.",
        ge=1,
        le=_RECORDS,
        json_schema_extra={"group": IMAGE},
    )
    counts: Literal["registers", "requests"] = Field(
        default="registers",
        title="Record numbers count",
        description="registers, as in the standard, or requests where the maker numbers its blocks.",
        json_schema_extra={"group": IMAGE},
    )
    registers_per_request: int = Field(
        default=_MOST_READ,
        title="Registers per request",
        description="Block of one request; at most 122, and 121 where it is read back.",
        ge=1,
        le=_MOST_WRITTEN,
        json_schema_extra={"unit": "registers", "group": IMAGE},
    )
    is_read_back: bool = Field(
        default=True,
        title="Read back",
        description="Everything is read back and compared before it is committed.",
        json_schema_extra={"group": IMAGE},
    )

    @model_validator(mode="after")
    def _fits_the_protocol(self) -> "FileRecordProfile":
        if self.first_record + self.records_per_file > _RECORDS:
            last = self.first_record + self.records_per_file - 1
            raise ValueError(
                f"records {self.first_record} to {last} leave the file, which ends at {_RECORDS - 1}"
            )
        if self.is_read_back and self.registers_per_request > _MOST_READ:
            raise ValueError(f"what is read back has at most {_MOST_READ} registers a request, not 122")
        return self

    @property
    def registers_per_file(self) -> int:
        """How much of the image one file holds."""
        return self.records_per_file * (self.registers_per_request if self.counts == "requests" else 1)


def _make(hub: DriverHub, settings: BaseModel, profile: BaseModel) -> FirmwareTarget:
    from drivers.firmware.modbus.file_records import FileRecordTarget

    if not isinstance(profile, FileRecordProfile):
        raise DriverBug(
            f"Modbus file records were given the profile of another way: {type(profile).__name__}."
        )
    return FileRecordTarget(hub, settings, profile)


MODBUS_FILE_RECORD = FirmwareWay(
    kind="modbus-file-record",
    label="Modbus file records",
    drivers=MODBUS_KINDS,
    profile_type=FileRecordProfile,
    make=_make,
    line=shared_line,
)
