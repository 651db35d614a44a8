"""Writes through the station's socket: the audit trail names the person, whatever asked, or none is sent."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text

from console.link.messages import AskDevice, DeviceAnswer
from drivers.plant.modbus_server import ModbusGateway
from drivers.questions import WriteSubject
from models.queries.audit import AuditFilter, audit_page
from models.queries.catalogue import import_devices, load_devices
from models.records.device import Tag
from models.records.person import Role
from tests.account_parts import Site
from tests.contract.socket_site import SocketSite, socket_entry
from tests.unit.console.link.link_parts import FakeWindow
from tests.unit.drivers.modbus.range_unit import RangeUnit

ADDRESS = "holding:1:uint16"


@pytest.fixture
def unit() -> RangeUnit:
    return RangeUnit(holding=[(0, 9)])


@pytest.fixture
async def socket_site(newest_site: Site, tmp_path: Path, unit: RangeUnit) -> AsyncIterator[SocketSite]:
    gateway = ModbusGateway("127.0.0.1", 0, {7: unit})
    await gateway.open()
    made = SocketSite(newest_site, tmp_path)
    emil = newest_site.add(Role.USER, name="Emil")
    entry = socket_entry(1, emil)
    device = replace(
        entry.device,
        connection={"host": "127.0.0.1", "port": gateway.port, "unit": 7},
        tags=(Tag("rpm", ADDRESS, is_writable=True),),
    )
    with newest_site.owner.transaction() as connection:
        import_devices(connection, [replace(entry, device=device)])
        (made.device,) = load_devices(connection)
    made.emil = emil
    await made.start()
    await made.until(lambda: made.station.figures().configured == 1)
    yield made
    await made.stop()
    await gateway.close()


async def write(window: FakeWindow, value: float = 7.0) -> DeviceAnswer:
    """Ask as a hostile program does: for nothing but the write."""
    subject = msgspec.json.encode(WriteSubject(ADDRESS, value))
    window.ask(AskDevice(1, "write", "modbus-tcp", b"{}", subject, "SOCKET-01"))
    while not isinstance(said := await window.next(), DeviceAnswer):
        pass
    return said


def trail(socket_site: SocketSite) -> list[tuple[object, ...]]:
    with socket_site.site.owner.transaction() as connection:
        lines = audit_page(connection, AuditFilter(table="device_writes"), 10)
        stations = connection.execute(text("SELECT id FROM app.stations")).scalars().all()
    facts = [(one.person_id, one.actor, dict(one.after)) for one in lines]
    assert all(new.pop("station_id") == stations[0] for _, _, new in facts)
    return facts


async def test_a_write_by_the_socket_alone_stands_in_the_trail_once_under_the_persons_name(socket_site, unit):
    emil = socket_site.emil
    window = await socket_site.let_in(await asyncio.to_thread(socket_site.issue, emil))
    said = await write(window)
    assert (said.fault, unit.written) == ("", {1: 7})
    fact = {"device_id": socket_site.device.id, "address": ADDRESS, "value": 7.0}
    assert await asyncio.to_thread(trail, socket_site) == [(emil.id, socket_site.login_of(emil), fact)]


async def test_what_the_database_knows_better_than_the_station_is_neither_noted_nor_sent(socket_site, unit):
    window = await socket_site.let_in(await asyncio.to_thread(socket_site.issue, socket_site.emil))
    # Without an announcement: the station still has what it read before.
    await asyncio.to_thread(
        socket_site.run,
        "SET LOCAL session_replication_role = replica; UPDATE app.window_tickets SET expires_at = now()",
    )
    said = await write(window)
    assert said.fault == "The sign-in has ended; sign in again."
    assert (unit.written, await asyncio.to_thread(trail, socket_site)) == ({}, [])


async def test_while_the_database_is_away_nothing_is_sent_and_afterwards_it_is(socket_site, unit):
    window = await socket_site.let_in(await asyncio.to_thread(socket_site.issue, socket_site.emil))
    socket_site.database.cut_off(60.0)
    said = await write(window)
    assert said.fault.startswith("Nothing was written: the write could not be noted in the audit trail")
    assert unit.written == {}
    socket_site.database.restore()
    assert (await write(window)).fault == ""
    assert len(await asyncio.to_thread(trail, socket_site)) == 1
