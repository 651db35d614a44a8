"""One OPC UA server for all tests here, and a fresh device in it for each."""

import asyncio
import contextlib
import hashlib
import logging
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest
import pytest_asyncio
from asyncua import ua
from pydantic import BaseModel

from drivers.errors import LineLost
from drivers.firmware.opcua_file import OPCUA_FILE, OpcuaFileProfile
from drivers.firmware.opcua_update.profile import OpcuaUpdateProfile
from drivers.firmware.opcua_update.way import OPCUA_UPDATE
from drivers.firmware.target import FirmwareTarget, FirmwareWay, Image, Phase, Standing
from drivers.opcua.driver import OpcuaHub
from drivers.opcua.settings import OpcuaSettings
from drivers.plant.firmware.flash import Flash
from drivers.plant.firmware.habits import Habits, Make
from drivers.plant.firmware.image import make_image
from drivers.plant.firmware.opcua_add_in import AddInBuilder
from drivers.plant.firmware.opcua_device import Offer
from drivers.plant.firmware.opcua_file_device import FileDevice
from drivers.plant.firmware.opcua_stand import OpcuaStand
from drivers.plant.firmware.products import OPCUA_FILE_PROFILE as PROFILE
from drivers.plant.firmware.troubles import Trouble

PRODUCT = "press-a"
_numbers = count(1)


class Clock:
    """The devices' clock: the real one, and it can be put forward."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead_s

    def skip(self, seconds: float) -> None:
        self.ahead_s += seconds


@dataclass
class Rig:
    """One device, and ways to reach it.

    Attributes:
        sent: What each transfer was told to have sent.
    """

    name: str
    stand: OpcuaStand
    clock: Clock
    hub: OpcuaHub
    flash: Flash
    nodes: AddInBuilder | FileDevice
    profile: BaseModel
    way: FirmwareWay = OPCUA_UPDATE
    timeout_s: float = 1.0
    start: str | None = None
    sent: list[int] = field(default_factory=list)
    targets: list[FirmwareTarget] = field(default_factory=list)

    async def target(self) -> FirmwareTarget:
        """A station that has connected to the device."""
        settings = OpcuaSettings(
            endpoint=self.stand.endpoint, timeout_s=self.timeout_s, starting_node=self.start
        )
        target = self.way.make(self.hub, settings, self.profile)
        self.targets.append(target)
        await target.open()
        return target

    def image(self, version: str = "2.0.0", product: str = PRODUCT, size: int = 5000) -> Image:
        data = make_image(product, version, size)
        return Image(data, version, product, hashlib.sha256(data).digest())

    async def deliver(self, target: FirmwareTarget, image: Image | None = None) -> None:
        """Everything up to the order to install, which is given."""
        await target.prepare()
        await target.transfer(image or self.image(), self.sent.append)
        await target.install()

    async def back(self, target: FirmwareTarget) -> Standing:
        """Look until the device is back, its clock running fast."""
        step_s = 0.1
        async with asyncio.timeout(10.0):
            while True:
                with contextlib.suppress(LineLost):
                    await target.open()
                    standing = await target.look()
                    if standing.phase is not Phase.INSTALLING:
                        return standing
                self.clock.skip(step_s)
                step_s = min(2 * step_s, 20.0)
                await asyncio.sleep(0.01)
        raise AssertionError("unreachable")

    def node(self, path: str) -> ua.NodeId:
        return self.nodes.nodes[path]

    def hide(self, path: str) -> None:
        """Let the device lack a node that it had."""
        self.stand.nodes.unlink(self.node(path.rpartition("/")[0]), self.node(path))


@pytest.fixture(autouse=True)
def _server_side_is_quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The server is the stage, not the subject."""
    loud = [logging.getLogger(f"asyncua.{name}") for name in ("server", "crypto.uacrypto", "common")]
    before = [logger.level for logger in loud]
    for logger in loud:
        logger.setLevel(logging.CRITICAL + 1)
    yield
    for logger, level in zip(loud, before, strict=True):
        logger.setLevel(level)
    errors = [record for record in caplog.get_records("call") if record.levelno >= logging.WARNING]
    assert not errors, f"logged: {[record.getMessage() for record in errors]}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stand(clock: Clock) -> AsyncIterator[OpcuaStand]:
    stand = OpcuaStand(_free_port(), clock)
    await stand.start()
    yield stand
    await stand.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def rig_of(stand: OpcuaStand, clock: Clock) -> AsyncIterator[Callable[..., Rig]]:
    """Make a device: `rig_of(offer, habits, trouble, **profile)`."""
    hub = OpcuaHub()
    rigs: list[tuple[str, Rig]] = []

    def make(
        offer: Offer | None = None,
        habits: Habits | None = None,
        trouble: Trouble | None = None,
        *,
        is_own_server: bool = False,
        **profile: object,
    ) -> Rig:
        name = f"Press{next(_numbers)}"
        flash = Flash(Make(product=PRODUCT, serial=f"SN-{name}"), habits, trouble)
        nodes = stand.add(name, flash, offer or Offer(), is_own_server=is_own_server)
        chosen = {"answer_s": 0.5, "prepare_s": 0.5, "check_s": 0.5, **profile}
        rig = Rig(name, stand, clock, hub, flash, nodes, OpcuaUpdateProfile.model_validate(chosen))
        rigs.append((name, rig))
        return rig

    yield make
    for name, rig in rigs:
        for target in rig.targets:
            await target.close()
        stand.remove(name)
    await hub.close()


@pytest_asyncio.fixture(loop_scope="session")
async def file_rig_of(stand: OpcuaStand, clock: Clock) -> AsyncIterator[Callable[..., Rig]]:
    """Make a device that takes a plain file: `file_rig_of(habits, trouble, **profile)`."""
    hub = OpcuaHub()
    rigs: list[Rig] = []

    def make(habits: Habits | None = None, trouble: Trouble | None = None, **profile: object) -> Rig:
        name = f"Mixer{next(_numbers)}"
        flash = Flash(Make(product=PRODUCT, serial=f"SN-{name}"), habits, trouble)
        nodes = stand.add_file(name, flash)
        chosen = OpcuaFileProfile.model_validate({**PROFILE, "answer_s": 0.5, "check_s": 0.5, **profile})
        rigs.append(Rig(name, stand, clock, hub, flash, nodes, chosen, OPCUA_FILE))
        return rigs[-1]

    yield make
    for rig in rigs:
        for target in rig.targets:
            await target.close()
        stand.remove(rig.name)
    await hub.close()
