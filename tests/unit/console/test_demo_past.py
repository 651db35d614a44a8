import json
import time

import msgspec
import pytest
from sqlalchemy import text

from console.catalogue.document import entries_from_document
from console.demo_past import STEP_S, fill_past
from drivers.plant.document import plant_document
from drivers.plant.gauges import GAUGES
from drivers.plant.plan import PlantPlan
from models.quantities import Quantities
from models.queries.alerts import alert_history, open_alerts
from models.queries.catalogue import current_person, import_devices
from models.queries.signals import add_signals
from models.records.alert import AlertStatus
from models.records.signal import Signal

HOURS_S = 3 * 3600.0
PLAN = PlantPlan(devices=6, modbus_ports=(1502, 1503), has_gauges=True)


@pytest.fixture(scope="module")
def past(database_server):
    """A database with three hours of past behind six devices, and how many alerts it was told to hold."""
    from models.database import Database

    name = database_server.create()
    database = Database(database_server.url_of(name), "tests")
    document = json.loads(msgspec.json.encode(plant_document(PLAN)))
    with database.transaction() as connection:
        gauges = [Signal(g.key, g.label, g.unit, g.decimals, g.plausible, g.span) for g in GAUGES]
        quantities = Quantities(add_signals(connection, gauges))
        import_devices(connection, entries_from_document(document, quantities=quantities))
        person = current_person(connection).id
    alerts = fill_past(database, PLAN, [person], time.time(), HOURS_S)
    yield database, alerts, person
    database.close()
    database_server.drop(name)


def test_it_holds_a_reading_of_every_device_for_every_step(past):
    database, _, _ = past
    with database.transaction() as connection:
        count = connection.execute(text("SELECT count(*) FROM app.sensor_readings")).scalar_one()
    assert count == PLAN.devices * int(HOURS_S / STEP_S)


def test_it_holds_a_third_of_the_signals_and_condenses_them(past):
    database, _, _ = past
    with database.transaction() as connection:
        stored, rolled = connection.execute(
            text("SELECT (SELECT count(*) FROM app.signal_readings), (SELECT count(*) FROM app.signal_1h)")
        ).one()
    assert stored == PLAN.devices * int(HOURS_S / STEP_S) // 3
    assert rolled >= 2 * PLAN.devices


def test_its_alerts_are_all_over(past):
    database, alerts, _ = past
    with database.transaction() as connection:
        history = alert_history(connection, 1000)
        assert not open_alerts(connection)
    assert len(history) == alerts > 0
    assert {alert.status for alert in history} == {AlertStatus.RESOLVED}
    assert all(alert.triggered_at < alert.cleared_at <= alert.resolved_at for alert in history)


def test_every_journal_begins_with_the_raising_and_ends_with_the_resolving(past):
    database, alerts, _ = past
    with database.transaction() as connection:
        journals = connection.execute(
            text(
                "SELECT array_agg(kind ORDER BY id), array_agg(at ORDER BY id) "
                "FROM app.alert_events GROUP BY alert_id"
            )
        ).all()
    assert len(journals) == alerts
    assert {(kinds[0], kinds[-1]) for kinds, _ in journals} == {("raised", "resolved")}
    assert all(moments == sorted(moments) for _, moments in journals)


def test_long_trends_find_it_condensed(past):
    database, _, _ = past
    with database.transaction() as connection:
        hours = connection.execute(text("SELECT count(*) FROM app.readings_1h")).scalar_one()
    assert hours >= PLAN.devices * 2


def test_a_plant_with_a_past_gets_no_second_one(past):
    database, _, person = past
    assert fill_past(database, PLAN, [person], time.time(), HOURS_S) == 0
