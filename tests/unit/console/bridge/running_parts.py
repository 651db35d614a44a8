"""What a whole bridge needs in its tests: faked queries, a person let in, a station's report."""

import sys
import time
import types

from console.bridge.bridge import Bridge
from models.quantities import Quantities
from models.records.alert import AlertOutcome
from models.records.device import DeviceOverview
from models.records.reading import Reading
from models.records.shelf import AlarmSettings
from models.records.station import StationReport
from tests.unit.console.bridge.bridge_parts import GREETING, WELCOME, FakeStation, device
from tests.unit.console.bridge.session_parts import EVA


class Book:
    """What the faked queries answer."""

    def __init__(self) -> None:
        self.devices = [device(1), device(2)]
        self.overview: list[DeviceOverview] = []
        self.recent: list[Reading] = []
        self.acknowledged: list = []
        self.alerts: list = []
        self.shelves: list = []
        self.maintenance: list = []
        self.signed: list = []
        self.settings = AlarmSettings()
        self.stations: list = []
        self.person = EVA


def fake_queries(made: Book, monkeypatch) -> None:
    """Put fakes in place of the query modules, so that no SQL and no database is needed here."""

    def acknowledge(_connection, ids, person, comment):
        made.acknowledged.append((ids, person, comment))
        return [AlertOutcome(id, True, "Acknowledged.") for id in ids]

    modules = {
        "models.queries.catalogue": {
            "load_devices": lambda _connection: made.devices,
            "load_thresholds": lambda _connection: [],
            "current_person": lambda _connection: made.person,
        },
        "models.queries.open_alerts": {
            "versions_of_open_alerts": lambda _connection: [(each.id, (id(each), 0)) for each in made.alerts],
            "open_alerts_of": lambda _connection, _ids: made.alerts,
        },
        "models.queries.alerts": {
            "acknowledge": acknowledge,
            "resolve": acknowledge,
        },
        "models.queries.alarm_settings": {"load_alarm_settings": lambda _connection: made.settings},
        "models.queries.shelves": {
            "open_shelves": lambda _connection: made.shelves,
            "open_maintenance": lambda _connection: made.maintenance,
            "sign": lambda _connection: made.signed.append(True),
        },
        "models.queries.signals": {
            "load_quantities": lambda _connection: Quantities(),
            "latest_signals": lambda _connection: [],
        },
        "models.queries.leases": {"stations_now": lambda _connection: made.stations},
        "models.queries.overview": {"device_overview": lambda _connection: made.overview},
        "models.queries.readings": {"recent_window": lambda _connection, _devices, _since: made.recent},
    }
    for name, functions in modules.items():
        module = types.ModuleType(name)
        vars(module).update(functions)
        monkeypatch.setitem(sys.modules, name, module)


def let_in(qtbot, bridge: Bridge, station: FakeStation) -> None:
    """Wait for somebody's ticket at the station, and welcome them."""
    qtbot.waitUntil(lambda: bool(station.heard))
    station.send(GREETING, WELCOME)
    qtbot.waitUntil(lambda: bridge.link.is_station_connected)


def report(**changes) -> StationReport:
    base = {
        "collecting": 2,
        "configured": 2,
        "readings_taken": 10,
        "readings_stored": 10,
        "waiting": 0,
        "dropped": 0,
        "missed_periods": 0,
        "due_periods": 10,
        "database": "live",
        "sent_unix": time.time(),
    }
    return StationReport(**{**base, **changes})
