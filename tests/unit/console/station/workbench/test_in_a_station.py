"""The desk in a whole station: questions share the connection of the polling, which goes on beside them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from console.link.messages import AskDevice, DeviceAnswer, Welcome
from console.link.server import LinkServer
from console.settings import Settings
from console.station.pipeline import Station
from console.station.store import Plan
from drivers.plant.modbus_server import ModbusGateway
from drivers.workbench import Registers, RegisterSpan, ScanFinding, ScanPlan
from models.records.ticket import digest_of
from tests.unit.console.link.link_parts import EMIL, FakeWindow
from tests.unit.drivers.modbus.range_unit import RangeUnit


@pytest.fixture
async def station(store, tuning, tmp_path: Path, make_device, place) -> AsyncIterator[Station]:
    device = make_device(1, connection=place, user_id=EMIL.person_id, period_s=0.1)
    store.plan = Plan((device,), (), ())
    store.tickets = {digest_of("Emil"): EMIL}
    feed = LinkServer(str(tmp_path / "s.sock"), "station of here", "0.1")
    quick = replace(tuning, report_s=0.05)
    made = Station(Settings(tmp_path / "data"), None, feed, store=store, tuning=quick)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def window(station: Station, tmp_path: Path) -> AsyncIterator[FakeWindow]:
    made = FakeWindow(*await asyncio.open_unix_connection(str(tmp_path / "s.sock")))
    made.greet("Emil")
    while not isinstance(await made.next(), Welcome):
        pass
    yield made
    await made.close()


async def answers(window: FakeWindow, tool: str, settings: object, subject: msgspec.Struct) -> list[bytes]:
    """Ask about Emil's own device, and return what came until the end of it."""
    encode = msgspec.json.encode
    window.ask(AskDevice(1, tool, "modbus-tcp", encode(settings), encode(subject), "DRIVE-01"))
    bodies: list[bytes] = []
    while True:
        said = await window.next()
        if isinstance(said, DeviceAnswer):
            assert said.fault == ""
            bodies.append(said.body)
            if said.is_last:
                return bodies


async def test_a_question_goes_over_the_connection_that_is_polled_by(
    station: Station, window: FakeWindow, gateway: ModbusGateway, unit: RangeUnit, place, store, until
):
    await until(lambda: len(store.readings) > 2)
    (body,) = await answers(window, "registers", place, RegisterSpan("holding", 8, 2))
    assert msgspec.json.decode(body, type=Registers).words == (8, 9)
    assert len(gateway._connections) == 1


async def test_polling_goes_on_while_a_table_is_scanned(
    station: Station, window: FakeWindow, gateway: ModbusGateway, place, store, until
):
    await until(lambda: len(store.readings) > 2)
    before = len(store.readings)
    *bodies, end = await answers(
        window, "scan", place, ScanPlan(table="holding", start=0, end=700, pause_ms=1)
    )
    findings = [msgspec.json.decode(body, type=ScanFinding) for body in bodies]
    assert [(each.start, each.end) for each in findings if each.kind == "range"] == [(0, 9)]
    assert end == b""
    assert len(store.readings) - before > 5
    assert station.health.workbench.failures == 0
    assert len(gateway._connections) == 1
