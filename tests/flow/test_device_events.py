"""An alarm that an OPC UA server reports, from its condition to an alert of a real station, and back."""

import asyncio
import time
from collections.abc import Callable

import pytest
from sqlalchemy import text

from console.catalogue.document import entries_from_document
from console.settings import Settings
from console.station import event_judge
from console.station.pipeline import Station
from drivers.plant.document import plant_document
from drivers.plant.factory import Factory
from drivers.plant.plan import PlantPlan
from models.database import Database
from models.queries.alert_journal import events_of
from models.queries.alerts import open_alerts
from models.queries.catalogue import import_devices, load_devices, load_thresholds
from models.records.alert import Alert, EventKind
from models.records.device import DeviceStatus
from models.records.threshold import RuleKind, Severity

DEADLINE_S = 30.0


async def until(condition: Callable[[], bool]) -> None:
    began_s = time.monotonic()
    while not condition():
        assert time.monotonic() - began_s < DEADLINE_S, "the condition never came true"
        await asyncio.sleep(0.02)


@pytest.fixture
async def factory():
    """A small plant whose OPC UA server reports conditions."""
    factory = Factory(PlantPlan(devices=6, modbus_port=0, opcua_port=0))
    await factory.start()
    yield factory
    await factory.stop()


@pytest.fixture
def hand_in(database: Database) -> Callable[..., None]:
    """Import one device, as a document does, with alarms and events as asked for."""

    def import_one(plan: PlantPlan, device_id: str, **settings: object) -> None:
        document = plant_document(plan)
        (row,) = (row for row in document["devices"] if row["device_id"] == device_id)
        row = {**row, "connection": row["connection"] | settings, "thresholds": [], "period_s": 0.2}
        with database.transaction() as connection:
            import_devices(connection, entries_from_document({"devices": [row]}))

    return import_one


def reported(database: Database) -> list[Alert]:
    with database.transaction() as connection:
        return [alert for alert in open_alerts(connection) if alert.rule is RuleKind.DEVICE_EVENT]


async def test_an_alarm_of_a_server_is_an_info_alert_until_the_server_ends_it(
    factory, hand_in, database, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(event_judge, "SELDOM_S", 0.2)
    hand_in(factory.plan, "PRESS-01", events=True)
    station = Station(Settings(tmp_path), database)
    await station.start()
    await factory.switch_on("PRESS-01", "service")
    await until(lambda: bool(reported(database)))
    (alert,) = reported(database)
    assert alert.message == "Press 1: Service is due (severity 200) reported by the device"
    assert (alert.severity, alert.device_name) == (Severity.INFO, "Press 1")

    # Another machine of the same server: told of by the same device, in the same episode.
    await factory.switch_on("PRESS-02", "alarm")
    await until(lambda: reported(database)[0].message != alert.message)
    (worse,) = reported(database)
    words = "Press 2: Drive overtemperature (severity 700) and 1 more reported by the device"
    assert (worse.id, worse.message) == (alert.id, words)
    with database.transaction() as connection:
        lines = events_of(connection, alert.id)
    told = [(line.kind, line.comment, line.is_annunciated) for line in lines]
    assert (EventKind.REPORTED, words, False) in told
    assert [kind for kind, _, asks in told if asks] == [EventKind.RAISED]

    # What ends while no station hears it ends with the next one's first look.
    await station.stop()
    await factory.switch_off("PRESS-02", "alarm")
    await factory.switch_off("PRESS-01", "service")
    assert reported(database)[0].cleared_at is None
    other = Station(Settings(tmp_path), database)
    await other.start()
    await until(lambda: reported(database)[0].cleared_at is not None)
    await other.stop()


async def test_a_server_without_events_says_so_at_its_device_and_its_values_go_on(
    factory, hand_in, database, tmp_path, caplog
) -> None:
    hand_in(factory.plan, "PRESS-01", events=True, event_notifier="i=85")
    station = Station(Settings(tmp_path), database)
    await station.start()

    def detail() -> str:
        with database.transaction() as connection:
            (device,) = load_devices(connection)
        return device.status_detail if device.status is DeviceStatus.ONLINE else ""

    await until(lambda: "offers no events of i=85" in detail())
    stored = station.figures().readings_stored
    await until(lambda: station.figures().readings_stored > stored)
    await station.stop()
    said = [record.message for record in caplog.records if "offers no events" in record.message]
    assert len(said) == 1


async def test_only_a_device_with_events_has_their_threshold_and_shuts_out_older_programs(
    hand_in, database
) -> None:
    plan = PlantPlan(devices=6, modbus_ports=tuple(range(1502, 1512)))

    def support() -> tuple[str, str]:
        with database.transaction() as connection:
            row = connection.execute(text("SELECT oldest_program, oldest_reader FROM app.schema_support"))
            return tuple(row.one())

    before = support()
    hand_in(plan, "PRESS-01")
    assert support() == before
    hand_in(plan, "PRESS-02", events=True)
    with database.transaction() as connection:
        names = {device.id: device.device_id for device in load_devices(connection)}
        found = [(names[one.device], one.rule) for one in load_thresholds(connection)]
    assert sorted(found) == [
        ("PRESS-01", RuleKind.OFFLINE),
        ("PRESS-02", RuleKind.DEVICE_EVENT),
        ("PRESS-02", RuleKind.OFFLINE),
    ]
    assert min(support()) >= "0018"
