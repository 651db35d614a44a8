"""What the program needs to know about OPC UA. Light: asyncua (0.8 s, 89 MB) loads on first use."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from drivers.driver import DriverHub, DriverSpec, TagAddress, TestStep
from drivers.opcua.address import ADDRESS_HELP, parse_address
from drivers.opcua.settings import OpcuaSettings
from drivers.workbench import Tools


def _spec(folder: Path | None) -> DriverSpec:
    """Make the spec of a program that keeps certificates in `folder`; None = no secured connections."""

    def make_hub() -> DriverHub:
        from drivers.opcua.driver import OpcuaHub

        return OpcuaHub(folder)

    async def test(settings: BaseModel, addresses: Sequence[TagAddress]) -> list[TestStep]:
        from drivers.opcua.driver import OpcuaHub
        from drivers.opcua.probe import test_connection

        return await test_connection(settings, addresses, OpcuaHub(folder))

    def tools() -> Tools:
        from drivers.opcua.tools import OPCUA_TOOLS

        return OPCUA_TOOLS

    def reminders() -> Sequence[str]:
        if folder is None or not folder.exists():
            return ()  # before cryptography is loaded for nothing
        from drivers.opcua.own_certificate import reminders_of

        return reminders_of(folder)

    return DriverSpec(
        kind="opcua",
        label="OPC UA",
        settings_type=OpcuaSettings,
        parse_address=parse_address,
        address_help=ADDRESS_HELP,
        make_hub=make_hub,
        test=test,
        tools=tools,
        with_folder=_spec,
        reminders=reminders,
    )


OPCUA = _spec(None)
