"""A new engineer: an energy meter and a drive of another maker's stack, from nothing to trusted tags.

Everything is done by mouse and keyboard on the Devices screen, on a real window, station and database. Each
click is counted, and each field that is typed into counts as one more, for the click that leads to it.
"""

import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyModbusTCP.server import DataBank, ModbusServer
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QWidget

from console.bridge.bridge import Bridge
from console.bridge.live_feed import LiveFeed
from console.bridge.questions import load_statements
from console.bridge.session_keeper import Entrant, SessionKeeper
from console.link.messages import PROTOCOL, Hello
from console.panels.devices.devices_panel import DevicesPanel
from console.settings import Settings
from console.sign_in import SignIn
from console.widgets.theme import LIGHT, ThemeSource
from models.credentials import MemoryStore
from models.metrics import metric_of
from models.passwords import scram_verifier
from models.queries.people import create_station
from models.records.device import DeviceId
from models.records.person import Person, Role
from tests.account_parts import PASSWORD, Site
from tests.station_parts import working_station

MOST_CLICKS = 40
MOST_SECONDS = 300.0
WAIT_MS = 30_000

METER_POWER_W = 2310.5
DRIVE_SPEED_RPM = 1480
DRIVE_TEMPERATURE_C = -12.5


class Shop:
    """Two devices that pyModbusTCP serves: a meter with float32, a drive with scaled int16."""

    def __init__(self) -> None:
        meter, drive = DataBank(), DataBank()
        # The maker counts power in kilowatt, the low word first.
        high, low = struct.unpack(">HH", struct.pack(">f", METER_POWER_W / 1000))
        meter.set_holding_registers(0, [4711, 17, 0, 3, 0, 0, low, high, 230, 50])
        drive.set_holding_registers(
            0, [1, 0, DRIVE_SPEED_RPM, 0x10000 + round(DRIVE_TEMPERATURE_C * 10), 7, 0]
        )
        self._servers = [
            ModbusServer("127.0.0.1", 0, no_block=True, data_bank=bank) for bank in (meter, drive)
        ]

    def open(self) -> None:
        for server in self._servers:
            server.start()

    def close(self) -> None:
        for server in self._servers:
            server.stop()

    @property
    def ports(self) -> list[int]:
        return [server._service.socket.getsockname()[1] for server in self._servers]


class Engineer:
    """Somebody at the mouse; counts what they do."""

    def __init__(self, qtbot, panel: DevicesPanel) -> None:
        self.qtbot = qtbot
        self.panel = panel
        self.clicks = 0

    def find(self, kind: type[QWidget], name: str) -> QWidget:
        def seen() -> list[QWidget]:
            return [each for each in self.panel.window().findChildren(kind, name) if each.isVisible()]

        self.qtbot.waitUntil(lambda: bool(seen()), timeout=WAIT_MS)
        return seen()[0]

    def press(self, name: str) -> None:
        button = self.find(QPushButton, name)
        self.qtbot.waitUntil(button.isEnabled, timeout=WAIT_MS)
        self.clicks += 1
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def type(self, name: str, text: str) -> None:
        field = self.find(QLineEdit, name)
        self.clicks += 1
        field.selectAll()
        QTest.keyClicks(field, text)

    def choose(self, name: str, words: str) -> None:
        box = self.find(QComboBox, name)
        self.clicks += 2  # one opens the list
        place = box.findText(words)
        assert place >= 0, f"{name} offers no {words!r}"
        box.setCurrentIndex(place)

    def words(self, name: str) -> str:
        return self.find(QLabel, name).text()


@pytest.fixture
def shop() -> Iterator[Shop]:
    made = Shop()
    made.open()
    yield made
    made.close()


@pytest.fixture
def owner(newest_site: Site) -> Person:
    newest_site.add(Role.ADMIN)
    return newest_site.add(Role.USER)


@pytest.fixture
def station(newest_site: Site, tmp_path: Path) -> Iterator[Path]:
    """A station at work on a thread of its own; returns the address of its socket."""
    with newest_site.owner.transaction() as connection:
        login = create_station(connection, "Shop floor", scram_verifier(PASSWORD)).login
    database = newest_site.owner.with_login(login, PASSWORD, "station")
    with working_station(tmp_path, database, "shop floor") as address:
        yield address


@pytest.fixture
def bridge(qtbot, station: Path, database_url: str, tmp_path: Path, owner: Person) -> Iterator[Bridge]:
    settings = Settings(tmp_path, database_url=database_url)
    session = SessionKeeper(
        lambda: SignIn(settings, MemoryStore()),
        "tests window",
        Entrant(owner.email, PASSWORD),
        load=(load_statements,),
    )
    feed = LiveFeed(str(station), Hello(PROTOCOL, "w", "0", 1), time.monotonic)
    made = Bridge(feed, session, None)
    made.start()
    qtbot.waitUntil(lambda: made.person is not None and made.link.is_database_live, timeout=WAIT_MS)
    yield made
    made.stop()


@pytest.fixture
def engineer(qtbot, bridge: Bridge) -> Engineer:
    panel = DevicesPanel(bridge, ThemeSource(LIGHT), lambda *_, **__: None)
    qtbot.addWidget(panel)
    panel.resize(1280, 740)
    panel.show()
    qtbot.waitExposed(panel)
    return Engineer(qtbot, panel)


def _begin(engineer: Engineer, button: str, name: str, kind: str, port: int) -> None:
    engineer.press(button)
    engineer.type("device-name", name)
    engineer.type("device-type-text", kind)
    engineer.type("device-location-text", "Hall A")
    engineer.type("spec-host", "127.0.0.1")
    engineer.type("spec-port", str(port))


def _make_tag(engineer: Engineer, shown: str, quantity: str, unit: str = "") -> None:
    """At the bench: what the device's own display shows becomes a tag."""
    engineer.choose("bench-quantity", quantity)
    if unit:
        engineer.choose("bench-unit", unit)
    engineer.type("bench-shown", shown)
    engineer.press("bench-make")


def _value(engineer: Engineer, name: str, metric: str) -> float | None:
    bridge = engineer.panel.bridge
    device = next((each for each in bridge.catalogue.devices if each.name == name), None)
    latest = bridge.live.latest(DeviceId(device.id)) if device is not None else None
    return latest.value_of(metric_of(metric)) if latest is not None else None


def test_a_meter_and_a_drive_are_configured_in_minutes_and_few_clicks(
    qtbot, engineer, shop, record_property
) -> None:
    began_s = time.monotonic()
    meter, drive = shop.ports

    _begin(engineer, "empty-state-action", "Meter 1", "meter", meter)
    engineer.press("device-do-bench")
    qtbot.waitUntil(lambda: "answered in" in engineer.words("bench-state"), timeout=WAIT_MS)
    _make_tag(engineer, "2.310", "Power, W", "kW")
    engineer.press("bench-close")
    engineer.press("device-save")
    qtbot.waitUntil(lambda: _value(engineer, "Meter 1", "power_consumption") is not None, timeout=WAIT_MS)

    _begin(engineer, "devices-add", "Drive 1", "drive", drive)
    engineer.press("device-do-bench")
    qtbot.waitUntil(lambda: "answered in" in engineer.words("bench-state"), timeout=WAIT_MS)
    _make_tag(engineer, "1480", "Speed, rpm")
    _make_tag(engineer, "-12.5", "Temperature, °C")
    engineer.press("bench-close")
    engineer.press("device-save")
    qtbot.waitUntil(lambda: _value(engineer, "Drive 1", "temperature") is not None, timeout=WAIT_MS)

    took_s = time.monotonic() - began_s
    record_property("clicks and fields", engineer.clicks)
    record_property("seconds at a machine's pace", round(took_s, 1))
    assert _value(engineer, "Meter 1", "power_consumption") == pytest.approx(METER_POWER_W, rel=1e-6)
    assert _value(engineer, "Drive 1", "rpm") == DRIVE_SPEED_RPM
    assert _value(engineer, "Drive 1", "temperature") == DRIVE_TEMPERATURE_C
    assert engineer.clicks <= MOST_CLICKS
    assert took_s < MOST_SECONDS
