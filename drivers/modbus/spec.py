"""Modbus TCP, as the rest of the program sees it. Light: what talks to devices loads on first use."""

from collections.abc import Sequence

from pydantic import BaseModel

from drivers.driver import DriverHub, DriverSpec, TagAddress, TestStep
from drivers.modbus.address import ADDRESS_HELP, parse_address
from drivers.modbus.settings import ModbusTcpSettings


def _make_hub() -> DriverHub:
    from drivers.modbus.driver import ModbusTcpHub

    return ModbusTcpHub()


async def _test(settings: BaseModel, addresses: Sequence[TagAddress]) -> list[TestStep]:
    from drivers.modbus.diagnosis import walk_through

    return await walk_through(settings, addresses)


MODBUS_TCP = DriverSpec(
    kind="modbus-tcp",
    label="Modbus TCP",
    settings_type=ModbusTcpSettings,
    parse_address=parse_address,
    address_help=ADDRESS_HELP,
    make_hub=_make_hub,
    test=_test,
)
