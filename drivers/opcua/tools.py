"""What OPC UA offers an engineer beside polling; see `drivers/workbench.py`.

Light, because windows ask what there is: what talks to servers loads when it is first used, in the station.
"""

from collections.abc import AsyncIterator, Sequence

from pydantic import BaseModel

from drivers.driver import DriverHub, TagAddress, TestStep
from drivers.workbench import BrowsePage, CertificateFacts, Tools


async def _browse(hub: DriverHub, settings: BaseModel, node: str, more: str) -> BrowsePage:
    from drivers.opcua.browse import children

    return await children(hub, settings, node, more)


async def _certificate(hub: DriverHub, settings: BaseModel) -> CertificateFacts:
    from drivers.opcua.certificates import server_certificate

    return await server_certificate(hub, settings)


def _test(hub: DriverHub, settings: BaseModel, addresses: Sequence[TagAddress]) -> AsyncIterator[TestStep]:
    from drivers.opcua.probe import test_steps

    return test_steps(hub, settings, addresses)


async def _own_certificate(hub: DriverHub) -> str:
    from drivers.opcua.certificates import own_certificate

    return await own_certificate(hub)


OPCUA_TOOLS = Tools(
    browse=_browse,
    certificate=_certificate,
    test=_test,
    own_certificate=_own_certificate,
)
