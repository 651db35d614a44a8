"""From a window to a device and back: a real feed, a station's socket and desk, a device on loopback."""

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject

from console.bridge.device_tools import LOST, DeviceTools
from console.bridge.live_feed import LiveFeed
from console.link.server import LinkServer
from console.station.health import LoopHealth
from console.station.polling.hubs import Hubs
from console.station.tuning import Tuning
from console.station.workbench.desk import DeviceDesk
from console.station.workbench.rights import OPERATORS_DO_NOT
from drivers.plant.modbus_server import ModbusGateway
from drivers.questions import PreviewSubject, PreviewTag, PreviewValue, TestSubject
from drivers.workbench import Registers, RegisterSpan, ScanFinding, ScanPlan
from tests.unit.console.bridge.bridge_parts import GREETING
from tests.unit.console.link.link_parts import FakeDoorkeeper
from tests.unit.drivers.modbus.range_unit import RangeUnit


class RunningStation:
    """A station's socket, desk and hubs, and a Modbus device, on a loop in a thread of their own."""

    def __init__(self, address: str) -> None:
        self.unit = RangeUnit(holding=[(0, 9)])
        self.port = 0
        self._address = address
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="station", daemon=True)

    def start(self) -> None:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)

    def stop(self) -> None:
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)
            self._loop.close()

    @property
    def place(self) -> dict[str, object]:
        return {"host": "127.0.0.1", "port": self.port, "unit": 7}

    async def _open(self) -> None:
        self._gateway = ModbusGateway("127.0.0.1", 0, {7: self.unit})
        await self._gateway.open()
        self.port = self._gateway.port
        self._hubs = Hubs(Tuning())
        self._desk = DeviceDesk(self._hubs.hub, lambda *_: None, LoopHealth(), 1.0)
        self._server = LinkServer(self._address, "station of here", "0.1")
        await self._server.start(FakeDoorkeeper(), None, self._desk)

    async def _close(self) -> None:
        await self._desk.stop()
        await self._server.stop()
        await self._hubs.close()
        await self._gateway.close()
        # Connections end in callbacks; the loop is closed only after them.
        await asyncio.sleep(0)


@pytest.fixture
def station(tmp_path: Path) -> Iterator[RunningStation]:
    made = RunningStation(str(tmp_path / "s.sock"))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def tools(qtbot, station: RunningStation, tmp_path: Path, request) -> Iterator[DeviceTools]:
    """Of whoever the test names, an engineer otherwise; signed in by the ticket of that name."""
    feed = LiveFeed(str(tmp_path / "s.sock"), GREETING, time.monotonic)
    made = DeviceTools(feed.ask)
    feed.device_answered.connect(made.take)
    feed.link_changed.connect(lambda is_there, _text: None if is_there else made.lose_station())
    feed.present(getattr(request, "param", "Emil"))
    feed.start()
    qtbot.waitUntil(lambda: feed.is_connected)
    yield made
    feed.stop()


class Answers:
    """What the owner of a question heard."""

    def __init__(self, tools: DeviceTools, tool: str, settings: dict, subject=None) -> None:
        self.owner = QObject()
        self.parts: list = []
        self.done: list = []
        self.failed: list[str] = []
        self.question = tools.ask(
            tool,
            "modbus-tcp",
            settings,
            subject,
            on_part=self.parts.append,
            on_done=self.done.append,
            on_failed=self.failed.append,
            owner=self.owner,
        )


def test_raw_registers_reach_the_window_as_they_are(qtbot, tools, station):
    mine = Answers(tools, "registers", station.place, RegisterSpan("holding", 8, 3))
    qtbot.waitUntil(lambda: bool(mine.done))
    (registers,) = mine.done
    assert isinstance(registers, Registers)
    assert registers.words == (8, 9, None)


def test_a_preview_reaches_the_window_as_it_is(qtbot, tools, station):
    mine = Answers(tools, "preview", station.place, PreviewSubject((PreviewTag("holding:5:uint16", 0.1),)))
    qtbot.waitUntil(lambda: bool(mine.done))
    ((value,),) = mine.done
    assert isinstance(value, PreviewValue)
    assert (value.raw, value.value) == (5, 0.5)


def test_the_steps_of_a_test_come_one_by_one(qtbot, tools, station):
    mine = Answers(tools, "test", station.place, TestSubject(("holding:5:uint16",)))
    qtbot.waitUntil(lambda: mine.done == [None])
    assert len(mine.parts) > 2
    assert all(step.ok for step in mine.parts)


def test_a_scan_is_followed_and_stopped(qtbot, tools, station):
    plan = ScanPlan(table="holding", start=0, end=65535, pause_ms=1)
    mine = Answers(tools, "scan", station.place, plan)
    qtbot.waitUntil(lambda: any(part.kind == "range" for part in mine.parts))
    assert all(isinstance(part, ScanFinding) for part in mine.parts)
    mine.question.stop()
    heard = len(mine.parts)
    # Another question goes through once the station has heard that the first is over.
    after = Answers(tools, "registers", station.place, RegisterSpan("holding", 0, 1))
    qtbot.waitUntil(lambda: bool(after.done))
    assert (len(mine.parts), mine.done, mine.failed) == (heard, [], [])


def test_a_fault_is_the_stations_own_sentence(qtbot, tools, station):
    mine = Answers(tools, "identify", {**station.place, "port": 1})
    qtbot.waitUntil(lambda: bool(mine.failed))
    assert mine.failed[0].startswith("127.0.0.1:1 refused the connection")


@pytest.mark.parametrize("tools", ["Otto"], indirect=True)
def test_an_operator_is_refused_by_the_station_whatever_the_window_offers(qtbot, tools, station):
    mine = Answers(tools, "registers", station.place, RegisterSpan("holding", 0, 1))
    qtbot.waitUntil(lambda: mine.failed == [OPERATORS_DO_NOT])
    assert station.unit.asked == []


def test_a_station_that_ends_answers_or_is_lost_but_nobody_waits_for_ever(qtbot, tools, station):
    plan = ScanPlan(table="holding", start=0, end=65535, pause_ms=1)
    mine = Answers(tools, "scan", station.place, plan)
    qtbot.waitUntil(lambda: bool(mine.parts))
    station.stop()
    qtbot.waitUntil(lambda: bool(mine.failed))
    assert mine.failed[0] in ("The station is stopping; ask again once it is back.", LOST)
