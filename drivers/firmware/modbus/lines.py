"""Which Modbus lines there are, and which of them several devices share so that all must stand still."""

import os

from pydantic import BaseModel

from drivers.modbus.settings import ModbusRtuTcpSettings, ModbusSerialSettings

MODBUS_KINDS = frozenset(
    {"modbus-tcp", "modbus-tls", "modbus-udp", "modbus-rtu", "modbus-ascii", "modbus-rtu-tcp"}
)


def shared_line(settings: BaseModel) -> str:
    """Return the name of the serial bus that a device hangs on; empty where it has a line of its own.

    Units behind a gateway of Modbus TCP have one: the gateway carries on with the others meanwhile.
    """
    match settings:
        case ModbusSerialSettings():
            return f"serial {os.path.realpath(settings.serial_port)}"
        case ModbusRtuTcpSettings():
            return f"rtu {settings.peer.lower()}"
        case _:
            return ""
