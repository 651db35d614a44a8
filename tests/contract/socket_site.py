"""A station at work under its own login on a real database, and windows at its socket."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import text

from console.link.messages import Hello, Refused, States, Welcome
from console.link.server import LinkServer
from console.settings import Settings
from console.station.pipeline import Station
from models.database import Database
from models.logins import person_login
from models.passwords import scram_verifier
from models.queries.catalogue import import_devices, load_devices
from models.queries.people import create_station
from models.queries.tickets import issue_ticket
from models.records.device import Device, DeviceId, DeviceState, DeviceStatus
from models.records.device_entry import DeviceEntry
from models.records.person import Person
from models.records.reading import Reading
from models.records.threshold import Severity, Threshold, ThresholdId
from models.records.ticket import Ticket
from tests.account_parts import PASSWORD, Site
from tests.unit.console.link.link_parts import FakeWindow

DEADLINE_S = 15.0


class SocketSite:
    """`start` and `stop` on the event loop of the test; everything that asks the database blocks."""

    def __init__(self, site: Site, folder: Path, station_database: Database | None = None) -> None:
        self.site = site
        self.database = station_database or self._enrolled()
        self.server = LinkServer(str(folder / "s.sock"), "hall", "1", coalesce_s=0.0)
        self.station = Station(Settings(folder), self.database, self.server)
        self._address = str(folder / "s.sock")
        self._windows: list[FakeWindow] = []

    async def start(self) -> None:
        await self.station.start()

    async def stop(self) -> None:
        for window in self._windows:
            await window.close()
        await self.station.stop()
        self.database.close()

    def add_devices(self, owners: Sequence[Person | None]) -> list[DeviceId]:
        """Store one device an owner, each with one limit; nothing answers where they are said to be."""
        entries = [socket_entry(number, owner) for number, owner in enumerate(owners, start=1)]
        with self.site.owner.transaction() as connection:
            import_devices(connection, entries)
            by_name = {device.name: device.id for device in load_devices(connection)}
        return [by_name[entry.device.name] for entry in entries]

    def issue(self, person: Person) -> Ticket:
        with self.site.signed_in(person).transaction() as connection:
            return issue_ticket(connection)

    def run(self, statement: str, **values: object) -> None:
        with self.site.owner.transaction() as connection:
            connection.execute(text(statement), values)

    def login_of(self, person: Person) -> str:
        return person_login(self.site.owner.address.database, person.email)

    async def connect(self) -> FakeWindow:
        self._windows.append(FakeWindow(*await asyncio.open_unix_connection(self._address)))
        return self._windows[-1]

    async def let_in(self, ticket: Ticket) -> FakeWindow:
        """Connect a window with a ticket that is good; it has been welcomed and told the states."""
        window = await self.connect()
        window.greet(ticket.token)
        assert [type(await window.next()) for _ in range(3)] == [Hello, Welcome, States]
        return window

    async def refusal(self, token: str) -> Refused:
        """Connect a window with a ticket that is not; return what it was told, which must be nothing else."""
        window = await self.connect()
        window.greet(token)
        said = await window.until_closed()
        hello, refused = said
        assert isinstance(hello, Hello)
        assert isinstance(refused, Refused)
        return refused

    def publish(self, devices: Sequence[DeviceId]) -> None:
        """Let the station have news of devices, as its poller would bring it."""
        self.server.publish_readings([Reading(id, time.time(), (1.0,) * 6, 0) for id in devices])
        self.server.publish_states([DeviceState(id, DeviceStatus.ONLINE, "here", None) for id in devices])
        self.server.publish_figures(self.station.figures())

    async def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < deadline, "the condition never came true"
            await asyncio.sleep(0.002)

    def _enrolled(self) -> Database:
        with self.site.owner.transaction() as connection:
            login = create_station(connection, "Hall", scram_verifier(PASSWORD)).login
        return self.site.owner.with_login(login, PASSWORD, "station")


def socket_entry(number: int, owner: Person | None) -> DeviceEntry:
    """Return a device of a number, with one limit; nothing is said of where it is."""
    device = Device(
        id=DeviceId(0),
        device_id=f"SOCKET-{number:02}",
        name=f"Drive {number}",
        type="drive",
        location="Hall",
        driver="modbus-tcp",
        connection={},
        period_s=1.0,
        tags=(),
        user_id=owner.id if owner else None,
    )
    limit = Threshold(ThresholdId(0), DeviceId(0), "temperature", None, 70.0, Severity.WARNING)
    return DeviceEntry(device, (limit,))
