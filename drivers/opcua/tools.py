"""What OPC UA offers an engineer beside polling; see `drivers/workbench.py`.

Light, because windows ask what there is: what talks to servers loads when it is first used, in the station.
"""

from collections.abc import AsyncIterator, Sequence

from pydantic import BaseModel

from drivers.driver import DriverHub, TagAddress, TestStep
from drivers.workbench import BrowsePage, CertificateFacts, Fact, Tools


async def _browse(hub: DriverHub, settings: BaseModel, node: str, more: str) -> BrowsePage:
    from drivers.opcua.browse import children

    return await children(hub, settings, node, more)


def _search(hub: DriverHub, settings: BaseModel, text: str) -> AsyncIterator[BrowsePage]:
    from drivers.opcua.search import search

    return search(hub, settings, text)


async def _identify(hub: DriverHub, settings: BaseModel) -> Sequence[Fact]:
    from drivers.opcua.identity import identify

    return await identify(hub, settings)


async def _certificate(hub: DriverHub, settings: BaseModel) -> CertificateFacts:
    from drivers.opcua.certificates import server_certificate

    return await server_certificate(hub, settings)


async def _write(hub: DriverHub, settings: BaseModel, address: str, value: float) -> str:
    from drivers.opcua.writing import write

    return await write(hub, settings, address, value)


def _test(hub: DriverHub, settings: BaseModel, addresses: Sequence[TagAddress]) -> AsyncIterator[TestStep]:
    from drivers.opcua.probe import test_steps

    return test_steps(hub, settings, addresses)


async def _own_certificate(hub: DriverHub) -> str:
    from drivers.opcua.certificates import own_certificate

    return await own_certificate(hub)


OPCUA_TOOLS = Tools(
    browse=_browse,
    search=_search,
    identify=_identify,
    certificate=_certificate,
    write=_write,
    test=_test,
    own_certificate=_own_certificate,
)
