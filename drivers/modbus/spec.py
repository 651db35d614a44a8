"""Modbus over every line, as the rest of the program sees it. What talks to devices loads on first use."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel

from drivers.driver import DriverHub, DriverSpec, TagAddress, TestStep
from drivers.modbus.address import ADDRESS_HELP, parse_address
from drivers.modbus.settings import (
    ModbusAsciiSettings,
    ModbusRtuSettings,
    ModbusRtuTcpSettings,
    ModbusTcpSettings,
    ModbusUdpSettings,
)
from drivers.modbus.tls_settings import ModbusTlsSettings

if TYPE_CHECKING:
    from drivers.workbench import Tools


def _make_hub() -> DriverHub:
    from drivers.modbus.hub import ModbusHub

    return ModbusHub()


async def _test(settings: BaseModel, addresses: Sequence[TagAddress]) -> list[TestStep]:
    from drivers.modbus.diagnosis import walk_through

    return await walk_through(settings, addresses)


def _spec(kind: str, label: str, settings_type: type[BaseModel]) -> DriverSpec:
    def tools() -> "Tools":
        from drivers.modbus.tools import tools_of

        return tools_of(kind)

    return DriverSpec(
        kind=kind,
        label=label,
        settings_type=settings_type,
        parse_address=parse_address,
        address_help=ADDRESS_HELP,
        make_hub=_make_hub,
        test=_test,
        tools=tools,
    )


MODBUS_TCP = _spec("modbus-tcp", "Modbus TCP", ModbusTcpSettings)
MODBUS_TLS = _spec("modbus-tls", "Modbus TCP, encrypted (TLS)", ModbusTlsSettings)
MODBUS_UDP = _spec("modbus-udp", "Modbus UDP", ModbusUdpSettings)
MODBUS_RTU = _spec("modbus-rtu", "Modbus RTU (serial)", ModbusRtuSettings)
MODBUS_ASCII = _spec("modbus-ascii", "Modbus ASCII (serial)", ModbusAsciiSettings)
MODBUS_RTU_TCP = _spec("modbus-rtu-tcp", "Modbus RTU over TCP", ModbusRtuTcpSettings)

MODBUS = (MODBUS_TCP, MODBUS_TLS, MODBUS_UDP, MODBUS_RTU, MODBUS_ASCII, MODBUS_RTU_TCP)
