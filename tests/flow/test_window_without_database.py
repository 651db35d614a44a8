"""A window opened while the database is away, beside a station that works on: names, values, alerts."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel
from PySide6.QtCore import QObject
from sqlalchemy import text

from console.bridge.bridge import Bridge
from console.bridge.commands import AcknowledgeAlerts
from console.bridge.live_feed import LiveFeed
from console.bridge.questions import load_statements
from console.bridge.session_keeper import Entrant, SessionKeeper
from console.catalogue.binding import Binding
from console.link.messages import PROTOCOL, Hello
from console.settings import Settings
from console.sign_in import SignIn
from console.station import assignment
from drivers.driver import DriverSpec
from drivers.values import Quality, RawValue
from models.credentials import MemoryStore
from models.passwords import scram_verifier
from models.queries.catalogue import import_devices
from models.queries.people import create_station
from models.records.alert import AlertOutcome, AlertStatus
from models.records.device import Device, DeviceId, Tag
from models.records.device_entry import DeviceEntry
from models.records.person import Person, Role
from models.records.threshold import Severity, Threshold, ThresholdId
from tests.account_parts import PASSWORD, Site
from tests.station_parts import working_station

LIMIT = 70.0
TAG = Tag("temperature", "holding:0:uint16")
OVEN = Device(
    DeviceId(0), "OVEN-1", "Oven 1", "oven", "Hall A", "modbus-tcp", {"unit": 1}, 0.1, (TAG,)
)  # fmt: skip
WAIT_MS = 20_000


class Wire(BaseModel):
    """Settings of the fake protocol."""

    unit: int


class Oven:
    """Driver and hub in one: as hot as the test makes it."""

    def __init__(self) -> None:
        self.temperature = 20.0

    def driver(self, _settings: Wire, _addresses: object) -> "Oven":
        return self

    async def open(self) -> None:
        pass

    async def read(self) -> list[RawValue]:
        return [RawValue(self.temperature, Quality.GOOD, time.time())]

    async def close(self) -> None:
        pass


@pytest.fixture
def oven(monkeypatch: pytest.MonkeyPatch) -> Oven:
    made = Oven()

    def bind(device: Device, _open_secret: object) -> Binding:
        spec = DriverSpec("fake", "Fake", Wire, str, "", lambda: made, lambda *_: None)  # type: ignore[arg-type]
        return Binding(spec, Wire(**device.connection), ("a",))  # type: ignore[arg-type]

    monkeypatch.setattr(assignment, "bind", bind)
    return made


@pytest.fixture
def operator(newest_site: Site) -> Person:
    newest_site.add(Role.ADMIN)
    return newest_site.add(Role.OPERATOR)


@pytest.fixture
def station(newest_site: Site, oven: Oven, tmp_path: Path) -> Iterator[Path]:
    """A station at work on a thread of its own; returns the address of its socket."""
    limit = Threshold(ThresholdId(0), DeviceId(0), "temperature", None, LIMIT, Severity.CRITICAL)
    with newest_site.owner.transaction() as connection:
        import_devices(connection, [DeviceEntry(OVEN, (limit,))])
        login = create_station(connection, "Hall", scram_verifier(PASSWORD)).login
    database = newest_site.owner.with_login(login, PASSWORD, "station")
    with working_station(tmp_path, database, "hall") as address:
        yield address


@pytest.fixture
def open_window(qtbot, station: Path, database_url: str, tmp_path: Path, operator: Person) -> Iterator:
    made: list[Bridge] = []
    settings, kept = Settings(tmp_path, database_url=database_url), MemoryStore()

    def build() -> Bridge:
        entrant = Entrant(operator.email, PASSWORD)
        session = SessionKeeper(
            lambda: SignIn(settings, kept), "tests window", entrant, load=(load_statements,)
        )
        feed = LiveFeed(str(station), Hello(PROTOCOL, "w", "0", 1), time.monotonic)
        made.append(Bridge(feed, session, None, catalogues=tmp_path / "catalogues"))
        made[-1].start()
        return made[-1]

    yield build
    for bridge in made:
        bridge.stop()


@pytest.fixture
def let_in(database_server, database_url: str) -> Callable[..., None]:
    """Have the database let everybody in, or nobody."""
    name = database_url.split("?")[0].rpartition("/")[2]

    def decide(*, everybody: bool) -> None:
        database_server.run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {everybody}')
        end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        database_server.run(f"{end} AND NOT {everybody}")

    return decide


def test_a_window_opened_without_the_database_sees_acknowledges_and_it_counts_afterwards(
    qtbot, open_window, let_in, oven, operator, newest_site
):
    before = open_window()
    qtbot.waitUntil(lambda: bool(before.polled_here) and bool(before.catalogue.devices), timeout=WAIT_MS)
    let_in(everybody=False)
    qtbot.waitUntil(lambda: not before.link.is_database_live, timeout=WAIT_MS)
    # It ends without the database: what it showed the station stays good.
    before.stop()

    window = open_window()
    qtbot.waitUntil(lambda: window.link.is_offline and window.link.is_station_connected, timeout=WAIT_MS)
    assert [device.name for device in window.catalogue.devices] == ["Oven 1"]
    id = window.catalogue.devices[0].id
    qtbot.waitUntil(lambda: not window.live.is_stale(id, time.time()), timeout=WAIT_MS)

    oven.temperature = 90.0
    qtbot.waitUntil(lambda: len(window.alerts) == 1, timeout=WAIT_MS)
    alert = window.alerts[0]
    assert (alert.device_name, alert.severity, alert.id < 0) == ("Oven 1", Severity.CRITICAL, True)

    outcomes: list[list[AlertOutcome]] = []
    owner, asked_unix = QObject(), time.time()
    window.command(AcknowledgeAlerts((alert.id,)), outcomes.append, pytest.fail, owner)
    qtbot.waitUntil(lambda: bool(outcomes), timeout=WAIT_MS)
    done_unix = time.time()
    assert [outcome.is_changed for outcome in outcomes[0]] == [True]
    qtbot.waitUntil(lambda: window.alerts[0].status is AlertStatus.ACKNOWLEDGED, timeout=WAIT_MS)

    shown: list[int] = []
    window.alerts_changed.connect(lambda: shown.append(len(window.alerts)))
    let_in(everybody=True)
    qtbot.waitUntil(lambda: window.alerts[0].id > 0, timeout=WAIT_MS)
    assert set(shown) == {1}
    assert window.alerts[0].status is AlertStatus.ACKNOWLEDGED
    with newest_site.owner.transaction() as connection:
        row = connection.execute(text("SELECT acknowledged_by, acknowledged_at FROM app.alerts")).one()
    assert row.acknowledged_by == operator.id
    assert asked_unix - 1 <= row.acknowledged_at.timestamp() <= done_unix + 1
