"""Attacks on the local socket: a real station, a real database, and tickets as people come by them."""

import asyncio
import struct
import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from console.link.messages import LiveBatch, Refused, States, Withdrawn
from models.database import Database
from models.queries.people import set_person_active
from models.queries.tickets import drop_ticket, issue_ticket
from models.records.person import Role
from models.records.ticket import Ticket
from models.schema_guard import upgrade_schema
from models.server import EmbeddedServer
from tests.account_parts import Site
from tests.contract.socket_site import SocketSite
from tests.unit.console.link.link_parts import FakeWindow

UNKNOWN = Refused("The station does not know this sign-in; sign in again.", is_final=True)


@pytest.fixture
async def socket_site(newest_site: Site, tmp_path: Path) -> AsyncIterator[SocketSite]:
    made = SocketSite(newest_site, tmp_path)
    await made.start()
    yield made
    await made.stop()


async def cut_after_s(window: FakeWindow, began_s: float) -> tuple[float, Refused]:
    """Read until the station closes; return how long that took, and its last words."""
    said = await window.until_closed()
    (refused,) = [message for message in said if isinstance(message, Refused)]
    assert said[-1] is refused
    return time.monotonic() - began_s, refused


async def test_without_a_ticket_nothing_is_shown(socket_site: SocketSite) -> None:
    refused = await socket_site.refusal("")
    assert refused.sentence == "Nobody is signed in at this window; sign in to see live values."


@pytest.mark.parametrize("token", ["made up", "0" * 64, "' OR ''='", "🙈" * 500])
async def test_a_made_up_ticket_opens_nothing(socket_site: SocketSite, token: str) -> None:
    socket_site.issue(socket_site.site.add(Role.ADMIN))
    assert await socket_site.refusal(token) == UNKNOWN


async def test_what_the_database_stores_of_a_ticket_is_no_ticket(socket_site: SocketSite) -> None:
    socket_site.issue(socket_site.site.add(Role.ADMIN))
    with socket_site.site.owner.transaction() as connection:
        stored = connection.execute(text("SELECT digest FROM app.window_tickets")).scalar_one()
    assert await socket_site.refusal(bytes(stored).hex()) == UNKNOWN


async def test_another_persons_expired_ticket_opens_nothing(socket_site: SocketSite) -> None:
    ticket = socket_site.issue(socket_site.site.add(Role.ADMIN))
    socket_site.run("UPDATE app.window_tickets SET expires_at = now() - interval '1 second'")
    refused = await socket_site.refusal(ticket.token)
    assert refused == Refused("This sign-in is older than seven days; sign in again.", is_final=True)


@pytest.mark.quiet
async def test_a_ticket_that_runs_out_while_its_window_watches_is_cut(socket_site: SocketSite) -> None:
    person = socket_site.site.add(Role.OPERATOR)
    ticket = socket_site.issue(person)
    socket_site.run("UPDATE app.window_tickets SET expires_at = clock_timestamp() + interval '2 seconds'")
    window = await socket_site.let_in(ticket)
    took_s, refused = await cut_after_s(window, time.monotonic())
    assert refused.sentence == "This sign-in is older than seven days; sign in again."
    assert took_s < 4.0


async def test_an_engineer_sees_own_devices_only_through_much_traffic(socket_site: SocketSite) -> None:
    emil, erna, ada = (socket_site.site.add(role) for role in (Role.USER, Role.USER, Role.ADMIN))
    devices = socket_site.add_devices([emil, erna, None, emil, erna, ada])
    own = {devices[0], devices[3]}
    await socket_site.until(lambda: socket_site.station.figures().configured == 6)
    of_emil = await socket_site.let_in(socket_site.issue(emil))
    of_ada = await socket_site.let_in(socket_site.issue(ada))
    seen, all_seen = asyncio.create_task(_seen(of_emil)), asyncio.create_task(_seen(of_ada))
    # A second of a plant at a time: two minutes of it, without the waiting.
    for _ in range(120):
        socket_site.publish(devices)
        await asyncio.sleep(0.005)
    await socket_site.stop()
    assert await all_seen == set(devices)
    assert await seen == own


@pytest.mark.quiet
async def test_a_ticket_is_worth_nothing_after_its_person_signed_out(socket_site: SocketSite) -> None:
    person = socket_site.site.add(Role.OPERATOR)
    ticket = socket_site.issue(person)
    window = await socket_site.let_in(ticket)
    began_s = time.monotonic()
    with socket_site.site.signed_in(person).transaction() as connection:
        drop_ticket(connection, ticket.token)
    took_s, refused = await cut_after_s(window, began_s)
    assert refused == Refused("This sign-in was ended; sign in again.", is_final=True)
    assert took_s < 1.0
    assert await socket_site.refusal(ticket.token) == refused


@pytest.mark.quiet
async def test_a_person_disabled_meanwhile_is_cut_within_a_second(socket_site: SocketSite) -> None:
    person = socket_site.site.add(Role.OPERATOR)
    ticket = socket_site.issue(person)
    window = await socket_site.let_in(ticket)
    with socket_site.site.owner.transaction() as connection:
        set_person_active(connection, person.id, is_active=False)
        began_s = time.monotonic()
    took_s, refused = await cut_after_s(window, began_s)
    assert refused == Refused("This account is disabled; ask an administrator.", is_final=True)
    assert took_s < 1.0
    assert await socket_site.refusal(ticket.token) == refused


@pytest.mark.quiet
async def test_an_operator_made_engineer_loses_the_plant_within_a_second(socket_site: SocketSite) -> None:
    person = socket_site.site.add(Role.OPERATOR)
    own, foreign = socket_site.add_devices([person, None])
    await socket_site.until(lambda: socket_site.station.figures().configured == 2)
    window = await socket_site.let_in(socket_site.issue(person))
    began_s = time.monotonic()
    socket_site.run("UPDATE app.users SET role = 'user' WHERE id = :id", id=person.id)
    while not isinstance(message := await window.next(), Withdrawn):
        pass
    assert message.devices == [foreign]
    assert time.monotonic() - began_s < 1.0
    seen = asyncio.create_task(_seen(window))
    socket_site.publish([own, foreign])
    await socket_site.stop()
    assert await seen == {own}


@pytest.mark.quiet
async def test_a_device_given_away_is_withdrawn_within_a_second(socket_site: SocketSite) -> None:
    emil, erna = socket_site.site.add(Role.USER), socket_site.site.add(Role.USER)
    (device,) = socket_site.add_devices([emil])
    await socket_site.until(lambda: socket_site.station.figures().configured == 1)
    of_emil = await socket_site.let_in(socket_site.issue(emil))
    of_erna = await socket_site.let_in(socket_site.issue(erna))
    began_s = time.monotonic()
    socket_site.run("UPDATE app.devices SET user_id = :id", id=erna.id)
    while not isinstance(message := await of_emil.next(), Withdrawn):
        pass
    assert message.devices == [device]
    while not (isinstance(news := await of_erna.next(), States) and news.changes):
        pass
    assert news.changes[0].device == device
    assert time.monotonic() - began_s < 1.0


async def test_the_stations_own_login_lost_lets_nobody_new_in(socket_site: SocketSite) -> None:
    ticket = socket_site.issue(socket_site.site.add(Role.ADMIN))
    socket_site.run("UPDATE app.stations SET is_enabled = false")
    refused = await socket_site.refusal(ticket.token)
    assert not refused.is_final


async def test_a_crowd_of_garbage_stops_no_window(socket_site: SocketSite) -> None:
    (device,) = socket_site.add_devices([None])
    window = await socket_site.let_in(socket_site.issue(socket_site.site.add(Role.ADMIN)))
    later = socket_site.issue(socket_site.site.add(Role.OPERATOR))
    batches = asyncio.create_task(_batches(window))

    async def shout(number: int) -> None:
        stranger = await socket_site.connect()
        garbage = struct.pack(">I", 40) + number.to_bytes(40)
        stranger.writer.write(garbage)
        await stranger.writer.drain()
        stranger.greet(f"made up {number}")

    for start in range(0, 2_000, 50):
        socket_site.publish([device])
        await asyncio.gather(*(shout(number) for number in range(start, start + 50)))
        await asyncio.sleep(0)
    await socket_site.let_in(later)
    await socket_site.stop()
    assert await batches == 40


async def test_a_crowd_of_made_up_tickets_keeps_nobody_out(socket_site: SocketSite) -> None:
    ticket = socket_site.issue(socket_site.site.add(Role.ADMIN))

    async def pretend(number: int) -> None:
        (await socket_site.connect()).greet(f"made up {number}")

    await asyncio.gather(*(pretend(number) for number in range(200)))
    await socket_site.let_in(ticket)
    assert socket_site.station.health.tickets.passes < 20


async def test_while_the_database_is_away_known_tickets_go_on_and_others_wait(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "database")
    owner = Database(server.ensure_running(), "tests")
    try:
        upgrade_schema(owner)
        known, unknown = [_issued_to_owner(owner) for _ in range(2)]
        socket_site = SocketSite(Site(owner), tmp_path, Database(owner.address, "station"))
        (device,) = socket_site.add_devices([None])
        await socket_site.start()
        await socket_site.until(lambda: socket_site.station.figures().configured == 1)
        window = await socket_site.let_in(known)
        await asyncio.to_thread(server.stop)
        await socket_site.until(lambda: socket_site.station.figures().database != "live")
        refused = await socket_site.refusal(unknown.token)
        assert not refused.is_final
        assert "while the database is away" in refused.sentence
        await socket_site.let_in(known)
        batches = asyncio.create_task(_batches(window))
        socket_site.publish([device])
        await asyncio.to_thread(server.ensure_running)
        await socket_site.until(lambda: socket_site.station.figures().database == "live")
        await socket_site.let_in(unknown)
        await socket_site.stop()
        assert await batches == 1
    finally:
        owner.close()
        server.stop()


def _issued_to_owner(owner: Database) -> Ticket:
    with owner.transaction() as connection:
        return issue_ticket(connection)


async def _batches(window: FakeWindow) -> int:
    return sum(isinstance(message, LiveBatch) for message in await window.until_closed())


async def _seen(window: FakeWindow) -> set[int]:
    """Return every device that anything said to this window names, until it is closed."""
    seen: set[int] = set()
    for message in await window.until_closed():
        match message:
            case LiveBatch():
                seen |= set(np.frombuffer(message.devices, "<i8").tolist())
            case States():
                seen |= {change.device for change in message.changes}
            case _:
                pass
    return seen
