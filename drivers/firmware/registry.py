"""Every way of delivery that is known here: one line each. Heavy libraries load inside `make`."""

from drivers.firmware.manual import MANUAL
from drivers.firmware.modbus_file_record import MODBUS_FILE_RECORD
from drivers.firmware.modbus_register_block import MODBUS_REGISTER_BLOCK
from drivers.firmware.opcua_file import OPCUA_FILE
from drivers.firmware.opcua_update.way import OPCUA_UPDATE
from drivers.firmware.target import FirmwareWay

WAYS: tuple[FirmwareWay, ...] = (
    OPCUA_UPDATE,
    OPCUA_FILE,
    MODBUS_FILE_RECORD,
    MODBUS_REGISTER_BLOCK,
    MANUAL,
)


def way_of(kind: str) -> FirmwareWay:
    """Return the way called `kind`. Raises KeyError with the names that exist."""
    for way in WAYS:
        if way.kind == kind:
            return way
    known = ", ".join(way.kind for way in WAYS)
    raise KeyError(f"no way of delivering firmware is called {kind!r}; there are {known}")
