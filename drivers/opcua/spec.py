"""What the program needs to know about OPC UA. Light: asyncua (0.8 s, 89 MB) loads on first use."""

from collections.abc import Sequence

from pydantic import BaseModel

from drivers.driver import DriverHub, DriverSpec, TagAddress, TestStep
from drivers.opcua.address import ADDRESS_HELP, parse_address
from drivers.opcua.settings import OpcuaSettings


def _make_hub() -> DriverHub:
    from drivers.opcua.driver import OpcuaHub

    return OpcuaHub()


async def _test(settings: BaseModel, addresses: Sequence[TagAddress]) -> list[TestStep]:
    from drivers.opcua.probe import test_connection

    return await test_connection(settings, addresses)


OPCUA = DriverSpec(
    kind="opcua",
    label="OPC UA",
    settings_type=OpcuaSettings,
    parse_address=parse_address,
    address_help=ADDRESS_HELP,
    make_hub=_make_hub,
    test=_test,
)
