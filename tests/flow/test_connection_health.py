"""How a connection does, the whole way: a real device's bytes → station → database, windows → why grey."""

import asyncio
import contextlib
import struct
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from console.panels.devices.health.grey_chain import chain_of
from console.panels.devices.health.grey_link import Mark, Place
from console.panels.devices.health.grey_sources import GreySources
from console.settings import Settings
from console.station.feed import NoFeed
from console.station.pipeline import Station
from console.station.tuning import Tuning
from models.database import Database
from models.quantities import THE_SIX
from models.queries.catalogue import import_devices, load_devices
from models.queries.device_health import health_now, stored_at
from models.records.device import Device, DeviceId, DeviceState, DeviceStatus, Tag
from models.records.device_entry import DeviceEntry
from models.records.device_health import DeviceHealth
from tests.unit.drivers.modbus.pdu_server import ILLEGAL_ADDRESS, PduServer

DEADLINE_S = 20.0
TAGS = (
    Tag("temperature", "holding:0:int16", scale=0.1),
    Tag("humidity", "holding:500:int16", scale=0.1),
)


def meter(_unit: int, pdu: bytes) -> bytes:
    """A device that holds 215 in its first register, and knows no other."""
    function, start, count = struct.unpack(">BHH", pdu)
    if start >= 100:
        return bytes([function | 0x80, ILLEGAL_ADDRESS])
    return struct.pack(f">BB{count}h", function, 2 * count, *([215] * count))


class TellingFeed(NoFeed):
    """Remembers the newest record that windows would be sent."""

    def __init__(self) -> None:
        self.health: DeviceHealth | None = None

    def publish_health(self, records) -> None:
        self.health = records[-1]


@pytest.fixture
async def server() -> AsyncIterator[PduServer]:
    made = PduServer(meter)
    await made.start()
    yield made
    await made.stop()


@contextlib.asynccontextmanager
async def polling(database: Database, folder: Path, server: PduServer) -> AsyncIterator[TellingFeed]:
    settings = {"host": "127.0.0.1", "port": server.port, "unit": 3, "timeout_s": 0.3}
    device = Device(DeviceId(0), "METER-1", "Meter 1", "meter", "Hall A", "modbus-tcp", settings, 0.2, TAGS)
    with database.transaction() as connection:
        import_devices(connection, [DeviceEntry(device, ())])
    feed = TellingFeed()
    tuning = replace(Tuning(), record_health_s=0.2)
    station = Station(Settings(folder), database, feed, tuning=tuning)
    await station.start()
    try:
        yield feed
    finally:
        await station.stop()


async def told(feed: TellingFeed, condition: Callable[[DeviceHealth], bool]) -> DeviceHealth:
    began = time.monotonic()
    while feed.health is None or not condition(feed.health):
        assert time.monotonic() - began < DEADLINE_S, "it was never told"
        await asyncio.sleep(0.02)
    return feed.health


def chain(database: Database, health: DeviceHealth, tag: int):
    """What somebody would be shown who asks why a value is grey."""
    with database.transaction() as connection:
        [device] = load_devices(connection)
        newest_at = stored_at(connection, device.id)
    status = DeviceStatus.OFFLINE if health.failure else DeviceStatus.ONLINE
    return chain_of(
        GreySources(
            device=device,
            tag=device.tags[tag],
            quantities=THE_SIX,
            state=DeviceState(device.id, status, health.failure, None),
            health=health,
            is_told_here=True,
            station_name="hall-a",
            is_station_alive=True,
            thresholds=(),
            alerts=(),
            report=None,
            database_trouble="",
            stored_at=newest_at,
            is_stored_known=True,
            now_unix=time.time(),
        )
    )


async def test_bytes_of_the_device_reach_windows_and_database_and_say_where_a_value_breaks(
    database: Database, tmp_path: Path, server: PduServer
) -> None:
    async with polling(database, tmp_path, server) as feed:
        health = await told(feed, lambda one: one.polls_answered > 1)
        assert health.is_line_measured
        assert [read.value for read in health.tags] == [215, None]
        good, refused = chain(database, health, 0), chain(database, health, 1)
        assert good.links[0].mark is good.links[2].mark is Mark.HOLDS
        assert refused.first_broken is not None
        assert refused.first_broken.place is Place.DECODE
        assert "correct the tag's address" in refused.first_broken.advice
        answers = [shown.exchange.response.hex() for shown in good.links[1].exchanges]
        assert any(answer.endswith("03030200d7") for answer in answers)

        def stored() -> bool:
            with database.transaction() as connection:
                return any(row.tags and row.last is not None for row in health_now(connection))

        began = time.monotonic()
        while not await asyncio.to_thread(stored):
            assert time.monotonic() - began < DEADLINE_S, "it was never recorded"

        server.answer = lambda _unit, _pdu: None
        health = await told(feed, lambda one: bool(one.failure))
        broken = chain(database, health, 0).first_broken
        assert broken is not None
        assert broken.place is Place.EXCHANGE
        assert broken.advice.startswith("No answer from 127.0.0.1")
        assert health.errors["timeout"] > 0
        assert broken.exchanges[0].exchange.request.hex().endswith("030300000001")
