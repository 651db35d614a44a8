"""A desk over real hubs, and a real device on loopback for it to ask."""

from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
import pytest

from console.station.health import LoopHealth
from console.station.polling.hubs import Hubs
from console.station.tuning import Tuning
from console.station.workbench.desk import DeviceDesk
from drivers import registry
from drivers.driver import DriverSpec
from drivers.modbus.address import parse_address
from drivers.plant.modbus_server import ModbusGateway
from drivers.workbench import Tools
from models.records.ticket import TicketHolder, digest_of
from tests.unit.console.station.workbench.odd_protocol import OddHub, OddSettings, OddTools, no_test
from tests.unit.drivers.modbus.range_unit import RangeUnit

UNIT = 7


class Asked:
    """A question at the desk, and what came of it."""

    def __init__(self, wait_until: Callable[[Callable[[], bool]], Awaitable[None]]) -> None:
        self.bodies: list[bytes] = []
        self.fault = ""
        self.is_over = False
        self.stop: Callable[..., None] = lambda: None
        self._wait_until = wait_until

    def take(self, body: bytes, is_last: bool, fault: str) -> None:
        assert not self.is_over, "answered after the last answer"
        if body:
            self.bodies.append(body)
        self.fault, self.is_over = fault, is_last

    async def over(self) -> "Asked":
        await self._wait_until(lambda: self.is_over)
        return self

    async def result(self, type: object) -> object:
        await self.over()
        assert self.fault == ""
        (body,) = self.bodies
        return msgspec.json.decode(body, type=type)


@pytest.fixture
def unit() -> RangeUnit:
    return RangeUnit(holding=[(0, 9)])


@pytest.fixture
async def gateway(unit: RangeUnit) -> AsyncIterator[ModbusGateway]:
    made = ModbusGateway("127.0.0.1", 0, {UNIT: unit})
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def place(gateway: ModbusGateway) -> dict[str, object]:
    return {"host": "127.0.0.1", "port": gateway.port, "unit": UNIT, "timeout_s": 1.0}


@pytest.fixture
def desk_health() -> LoopHealth:
    return LoopHealth()


@pytest.fixture
async def desk(desk_health: LoopHealth, store) -> AsyncIterator[DeviceDesk]:
    tuning = Tuning()
    hubs = Hubs(tuning)
    made = DeviceDesk(hubs.hub, store.note_write, desk_health, tuning.close_limit_s)
    yield made
    await made.stop()
    await hubs.close()


@pytest.fixture
def ask(desk: DeviceDesk, until) -> Callable[..., Asked]:
    def put(
        holder: TicketHolder,
        tool: str,
        settings: object,
        subject: object = None,
        hardware_id: str = "",
        driver: str = "modbus-tcp",
    ) -> Asked:
        asked = Asked(until)
        encoded = msgspec.json.encode(subject if subject is not None else {})
        stop = desk.ask_device(
            *(holder, digest_of(holder.name), tool, driver, msgspec.json.encode(settings), encoded),
            *(hardware_id, asked.take),
        )
        asked.stop = lambda why="": stop(why)
        return asked

    return put


@pytest.fixture
def odd(monkeypatch) -> OddTools:
    """A protocol of the test's own among those the program speaks."""
    tools = OddTools()
    spec = DriverSpec(
        kind="odd",
        label="Odd protocol",
        settings_type=OddSettings,
        parse_address=parse_address,
        address_help="",
        make_hub=OddHub,
        test=no_test,
        tools=lambda: Tools(identify=tools.identify, search=tools.search),
    )
    monkeypatch.setattr(registry, "DRIVERS", (*registry.DRIVERS, spec))
    return tools
