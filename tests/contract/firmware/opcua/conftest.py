"""One OPC UA server of the plant for all tests here, and a fresh device in it for each."""

import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.serialization import Encoding

from drivers.opcua.driver import OpcuaHub
from drivers.plant.firmware.opcua_device import Offer
from drivers.plant.firmware.opcua_stand import URI, OpcuaStand
from drivers.plant.firmware.troubles import Trouble
from tests.contract.firmware.opcua_updatable import Doorkeeper, OpcuaBench, OpcuaUpdatable
from tests.opcua_papers import Papers, PapersOffice


@pytest.fixture(autouse=True)
def _server_side_is_quiet() -> Iterator[None]:
    """The server is the stage, not the subject."""
    loud = [logging.getLogger(f"asyncua.{name}") for name in ("server", "crypto.uacrypto", "common")]
    before = [logger.level for logger in loud]
    for logger in loud:
        logger.setLevel(logging.CRITICAL + 1)
    yield
    for logger, level in zip(loud, before, strict=True):
        logger.setLevel(level)


@pytest.fixture(scope="session")
def office() -> PapersOffice:
    return PapersOffice()


@pytest.fixture(scope="session")
def papers(office: PapersOffice) -> Papers:
    """The server's."""
    return office.self_signed(uri=URI)


@pytest.fixture(scope="session")
def reader(office: PapersOffice) -> Papers:
    """A user's whom the server knows."""
    return office.user("reader")


@pytest.fixture(scope="session")
def keeper(reader: Papers) -> Doorkeeper:
    return Doorkeeper(reader.certificate.public_bytes(Encoding.DER))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stand(keeper: Doorkeeper, papers: Papers) -> AsyncIterator[OpcuaStand]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    made = OpcuaStand(port, guard=keeper.guard(papers))
    await made.start()
    yield made
    await made.stop()


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pki")


@pytest_asyncio.fixture(loop_scope="session")
async def bench_of(stand: OpcuaStand, pki: Path) -> AsyncIterator[Callable[..., OpcuaBench]]:
    """Make a device and what updates it: `bench_of(offer, trouble, **habits)`."""
    hub = OpcuaHub(pki)
    made: list[OpcuaUpdatable] = []

    def make(offer: Offer | None = None, trouble: Trouble | None = None, **habits: Any) -> OpcuaBench:
        made.append(OpcuaUpdatable(stand, offer or Offer(), trouble, habits))
        return OpcuaBench(made[-1], hub)

    yield make
    for device in made:
        stand.remove(device.name)
    await hub.close()
