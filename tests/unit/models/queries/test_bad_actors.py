"""The coach over real rows: readings between alerts, twins, and limits that lie above."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from models.queries.bad_actors import load_alarm_report
from models.queries.catalogue import import_devices, load_devices, load_thresholds
from models.queries.signals import add_signals
from models.records.alarm_load import Diagnosis
from models.records.device_entry import DeviceEntry
from models.records.signal import Signal
from models.records.threshold import Severity
from tests.unit.models.queries.journal_rows import add_alert

NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)


@pytest.fixture
def plant(connection, make):
    """A device with a warning and a critical limit on its temperature, and one on its speed."""
    limits = (
        make.threshold(max_value=70.0, deadband=0.1, on_delay_s=0.0),
        make.threshold(severity=Severity.CRITICAL, max_value=85.0),
        make.threshold("rpm", max_value=900.0),
    )
    import_devices(connection, [DeviceEntry(make.device("A"), limits)])
    connection.execute(text("UPDATE app.devices SET created_at = :at"), {"at": NOW - timedelta(days=2)})
    return connection


def report(plant):
    return load_alarm_report(plant, NOW - timedelta(days=1), NOW + timedelta(hours=1))[1]


def of(plant, metric, severity="warning"):
    return next(t for t in load_thresholds(plant) if (t.metric, t.severity.value) == (metric, severity))


def test_the_noise_between_alerts_becomes_a_deadband(plant):
    warning, device = of(plant, "temperature"), load_devices(plant)[0]
    plant.execute(text("SELECT app.make_room_for(ARRAY[:at]::timestamptz[])"), {"at": NOW})
    for n in range(12):
        at = NOW + timedelta(seconds=20 * n)
        add_alert(plant, warning.id, at, stood_s=8, acknowledged_s=7, person=1)
        plant.execute(
            text(
                "INSERT INTO app.sensor_readings (device_id, recorded_at, temperature) "
                "VALUES (:device, :over, 71), (:device, :inside, 69.4)"
            ),
            {"device": device.id, "over": at, "inside": at + timedelta(seconds=14)},
        )
    (found,) = report(plant)
    # Back by 0.6 °C each time; a tenth more, up to the next step.
    assert (found.diagnosis, found.proposal.deadband) == (Diagnosis.CHATTERING, 0.7)
    assert found.proposal.id == warning.id


def test_the_noise_of_a_signal_becomes_a_deadband_in_its_unit(plant):
    flow = Signal("flow", "Flow", "m³/h", 2, (0.0, 500.0), (0.0, 50.0))
    [flow] = add_signals(plant, [flow])
    device = load_devices(plant)[0]
    limit = of(plant, "rpm")
    plant.execute(text("UPDATE app.alert_thresholds SET metric_type = 'flow', max_value = 40"))
    plant.execute(text("SELECT app.make_room_for(ARRAY[:at]::timestamptz[])"), {"at": NOW})
    for n in range(12):
        at = NOW + timedelta(seconds=20 * n)
        add_alert(plant, limit.id, at, stood_s=8, acknowledged_s=7, person=1)
        plant.execute(
            text(
                "INSERT INTO app.signal_readings (device_id, signal_id, recorded_at, value) "
                "VALUES (:device, :signal, :over, 41), (:device, :signal, :inside, 39.4)"
            ),
            {"device": device.id, "signal": flow.id, "over": at, "inside": at + timedelta(seconds=14)},
        )
    (found,) = report(plant)
    assert (found.diagnosis, found.proposal.deadband) == (Diagnosis.CHATTERING, 0.66)
    assert "deadband 0.5 → 0.66\N{NO-BREAK SPACE}m³/h" in found.change


def test_two_that_always_come_together_are_one_too_many(plant):
    warning, critical = of(plant, "temperature"), of(plant, "temperature", "critical")
    for n in range(8):
        at = NOW - timedelta(hours=n + 1)
        add_alert(plant, warning.id, at, stood_s=600, acknowledged_s=60, person=1)
        add_alert(plant, critical.id, at + timedelta(seconds=2), stood_s=500, acknowledged_s=60, person=1)
    found = {actor.source.threshold: actor for actor in report(plant)}
    assert found[warning.id].diagnosis is Diagnosis.DUPLICATE
    assert found[critical.id].diagnosis is Diagnosis.FREQUENT


def test_a_stale_alert_that_annunciated_before_the_period_is_among_the_worst(plant):
    speed = of(plant, "rpm")
    add_alert(plant, speed.id, NOW - timedelta(days=2))
    (found,) = report(plant)
    assert (found.diagnosis, found.source.count) == (Diagnosis.STALE, 0)


def test_a_quiet_period_has_no_worst(plant):
    assert report(plant) == ()
