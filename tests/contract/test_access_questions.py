"""The program's own questions and commands under each login: all work, and answer what that login may see."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from models.errors import NotAllowed
from models.queries.alerts import (
    acknowledge,
    active_alerts,
    alert_history,
    apply_transitions,
    open_alerts,
    open_episodes,
    resolve,
)
from models.queries.catalogue import import_devices, load_devices, load_thresholds
from models.queries.device_states import write_states
from models.queries.history import history
from models.queries.leases import enter_station, renew
from models.queries.overview import device_overview
from models.queries.people import current_person
from models.queries.readings import insert_readings, iter_readings, latest_hour, raw_series, recent_window
from models.queries.server_facts import server_facts
from models.queries.stations import beat
from models.queries.storage_facts import storage_facts
from models.records.alert import AlertId, Transition, TransitionKind
from models.records.device import Device, DeviceId, DeviceState, DeviceStatus, Tag
from models.records.device_entry import DeviceEntry
from models.records.reading import Reading
from models.records.threshold import Severity, Threshold, ThresholdId
from models.upkeep.partitions import ensure_partitions
from models.upkeep.rollups import refresh_rollups
from tests.contract.access_decisions import Login

PERSONS = [Login.ADMIN, Login.OPERATOR, Login.ENGINEER, Login.STRANGER]
DEVICES = {
    Login.ADMIN: {201, 202, 203},
    Login.OPERATOR: {201, 202, 203},
    Login.STATION: {201, 202, 203},
    Login.ENGINEER: {201},
    Login.STRANGER: {202},
}
ALL = [DeviceId(number) for number in (201, 202, 203)]


def entry(name="NEW", thresholds=1, **changes):
    facts = {
        "id": DeviceId(0),
        "device_id": name,
        "name": f"Device {name}",
        "type": "drive",
        "location": "Hall B",
        "driver": "modbus-tcp",
        "connection": {"host": "127.0.0.1"},
        "period_s": 1.0,
        "tags": (Tag("rpm", "holding:1:int16"),),
    }
    limit = Threshold(ThresholdId(0), DeviceId(0), "rpm", None, 70.0, Severity.WARNING)
    return DeviceEntry(Device(**(facts | changes)), (limit,) * thresholds)


@pytest.fixture(params=DEVICES)
def login(request):
    return request.param


@pytest.fixture
def asked(plant, login):
    """A transaction under the login; taken back."""
    with plant.transaction(login) as connection:
        yield connection


def test_devices_thresholds_and_overview_show_the_devices_the_login_may_see(asked, login):
    shown = [
        {device.id for device in load_devices(asked)},
        {threshold.device for threshold in load_thresholds(asked)},
        {row.device for row in device_overview(asked)},
    ]
    assert shown == [DEVICES[login]] * 3


def test_the_overview_counts_the_alerts_of_the_devices_it_shows(asked):
    assert {(row.active_alerts, row.open_alerts) for row in device_overview(asked)} == {(1, 1)}


def test_readings_come_of_the_devices_the_login_may_see_and_no_others(asked, login):
    now, today = time.time(), datetime.now(UTC)
    span = (today - timedelta(hours=1), today + timedelta(hours=1))
    seen = [
        {device for device in ALL if latest_hour(asked, device)},
        {device for device in ALL if len(raw_series(asked, device, "rpm", now - 3600, now + 60).times)},
        {device for device in ALL if len(history(asked, device, ["rpm"], now - 9e4, now + 60, 500)[0].times)},
        {reading.device for reading in recent_window(asked, ALL, now - 3600)},
        {row.device for row in iter_readings(asked, ALL, *span)},
    ]
    assert seen == [DEVICES[login]] * 5


def test_alerts_come_of_the_devices_the_login_may_see(plant):
    for login in PERSONS:
        with plant.transaction(login) as asked:
            seen = [{alert.device for alert in listed} for listed in lists_of_alerts(asked)]
        assert seen == [DEVICES[login]] * 3


def lists_of_alerts(asked):
    return active_alerts(asked), open_alerts(asked), alert_history(asked, 10)


def test_an_operator_sees_whom_an_alert_belongs_to(plant):
    with plant.transaction(Login.OPERATOR) as asked:
        emails = {alert.device: alert.user_email for alert in active_alerts(asked)}
    assert emails == {201: "engineer@plant.example", 202: "stranger@plant.example", 203: None}


def test_the_facts_of_server_and_storage_are_told_to_everybody(asked):
    assert (bool(server_facts(asked).revision), storage_facts(asked).partitions > 5) == (True, True)


@pytest.mark.parametrize("person", PERSONS)
def test_a_person_knows_who_they_are(plant, person):
    with plant.transaction(person) as asked:
        assert current_person(asked).email == f"{person}@plant.example"


def test_an_engineer_learns_the_name_of_whoever_acknowledged(plant):
    plant.owner.execute(
        "UPDATE app.alerts SET status = 'acknowledged', acknowledged_at = now(), acknowledged_by = 102 "
        "WHERE id = 601"
    )
    try:
        with plant.transaction(Login.ENGINEER) as asked:
            (alert,) = open_alerts(asked)
            (outcome,) = acknowledge(asked, [alert.id], current_person(asked))
    finally:
        plant.owner.execute(
            "UPDATE app.alerts SET status = 'active', acknowledged_at = NULL, acknowledged_by = NULL "
            "WHERE id = 601"
        )
    assert (alert.acknowledged_by, outcome.text[:32]) == ("Operator", "Already acknowledged by Operator")


@pytest.mark.parametrize(
    ("person", "alerts"),
    [(Login.ADMIN, (601, 602, 603)), (Login.OPERATOR, (601, 602, 603)), (Login.ENGINEER, (601,))],
)
def test_a_person_acknowledges_alerts_in_their_own_name_and_the_journal_says_so(plant, person, alerts):
    with plant.transaction(person) as asked:
        outcomes = acknowledge(asked, [AlertId(alert) for alert in alerts], current_person(asked), "seen")
        written = asked.exec_driver_sql(
            "SELECT e.alert_id, p.name, e.comment FROM app.alert_events AS e "
            "JOIN app.persons AS p ON p.id = e.user_id WHERE e.kind = 'acknowledged' ORDER BY e.id"
        ).all()
    assert [outcome.is_changed for outcome in outcomes] == [True] * len(alerts)
    assert [tuple(row) for row in written] == [(alert, person.title(), "seen") for alert in alerts]


@pytest.mark.parametrize("handle", [acknowledge, resolve])
def test_an_engineer_who_names_somebody_elses_alert_changes_none(plant, handle):
    with pytest.raises(NotAllowed, match="Alert 602 belongs to the device of somebody else"):
        with plant.transaction(Login.ENGINEER) as asked:
            handle(asked, [AlertId(601), AlertId(602)], current_person(asked))


def test_a_name_given_by_the_program_is_not_the_name_written(plant):
    with plant.transaction(Login.ADMIN) as asked:
        admin = current_person(asked)
    with plant.transaction(Login.OPERATOR) as asked:
        acknowledge(asked, [AlertId(601)], admin)
        (alert,) = (alert for alert in open_alerts(asked) if alert.id == 601)
    assert alert.acknowledged_by == "Operator"


def test_what_an_engineer_imports_is_theirs_and_signed_by_them(plant):
    with plant.transaction(Login.ENGINEER) as asked:
        outcome = import_devices(asked, [entry()])
        (device,) = (device for device in load_devices(asked) if device.device_id == "NEW")
        (threshold,) = (limit for limit in load_thresholds(asked) if limit.device == device.id)
    assert (outcome.created, device.user_id, threshold.user_id) == (1, 103, 103)


def test_an_engineer_changes_their_device_and_a_limit_somebody_else_set_on_it(plant):
    with plant.transaction(Login.ENGINEER) as asked:
        outcome = import_devices(asked, [entry("MINE")])
        (device,) = load_devices(asked)
        (threshold,) = load_thresholds(asked)
    assert (outcome.updated, device.location, threshold.max_value, threshold.id) == (1, "Hall B", 70.0, 501)


def test_an_engineer_removes_a_limit_and_its_alert_ends(plant):
    with plant.transaction(Login.ENGINEER) as asked:
        import_devices(asked, [entry("MINE", thresholds=0)])
        assert (load_thresholds(asked), open_alerts(asked)) == ([], [])


@pytest.mark.parametrize("name", ["OTHER", "NOBODYS"])
def test_an_engineer_cannot_import_over_somebody_elses_device(plant, name):
    with pytest.raises(NotAllowed, match=f"^The device {name} belongs to somebody else; its owner or an"):
        with plant.transaction(Login.ENGINEER) as asked:
            import_devices(asked, [entry(), entry(name)])


@pytest.mark.parametrize("name", ["NEW", "MINE"])
def test_an_engineer_cannot_give_a_device_away(plant, name):
    with pytest.raises(NotAllowed, match=f"^The device {name} would belong to somebody else; only an admin"):
        with plant.transaction(Login.ENGINEER) as asked:
            import_devices(asked, [entry(name, user_id=104)])


def test_an_administrator_gives_devices_to_whom_they_like(plant):
    with plant.transaction(Login.ADMIN) as asked:
        import_devices(asked, [entry("MINE", user_id=104), entry("NEW", user_id=103)])
        owners = {device.device_id: device.user_id for device in load_devices(asked)}
    assert owners == {"MINE": 104, "NEW": 103, "OTHER": 104, "NOBODYS": None}


def test_an_operator_imports_nothing(plant):
    with pytest.raises(NotAllowed):
        with plant.transaction(Login.OPERATOR) as asked:
            import_devices(asked, [entry()])


def test_a_station_does_its_work_and_signs_what_it_writes(plant):
    at = time.time()
    with plant.transaction(Login.STATION) as asked:
        identity = enter_station(asked, "9.9")
        again = enter_station(asked, "9.9")
        beat(asked)
        tenure = renew(asked, again.incarnation, (), None, "")
        epochs = {lease.device: lease.epoch for lease in tenure.leases}
        insert_readings(asked, [Reading(DeviceId(203), at, (1.0,) * 6, 0, epochs[203])])
        finding = Transition(
            *(TransitionKind.RAISED, DeviceId(201), ThresholdId(501), Severity.WARNING, at, 1.0, 1.0, "x"),
            epochs[201],
        )
        apply_transitions(asked, [finding])
        write_states(asked, [DeviceState(DeviceId(203), DeviceStatus.ONLINE, "", datetime.now(UTC))], epochs)
        ensure_partitions(asked)
        refresh_rollups(asked)
        signed = asked.exec_driver_sql(
            "SELECT station_id, epoch FROM app.sensor_readings WHERE device_id = 203 AND epoch IS NOT NULL"
        ).all()
        states = {device.id: device.status for device in load_devices(asked)}
        episodes = open_episodes(asked)
    assert (identity.id, identity.name, again.incarnation - identity.incarnation) == (401, "Hall A", 1)
    assert [tuple(row) for row in signed] == [(401, epochs[203])]
    assert (states[203], len(episodes)) == (DeviceStatus.ONLINE, 3)


def test_an_alert_names_the_station_that_raised_it(plant):
    plant.owner.execute(
        "INSERT INTO app.alert_thresholds (id, device_id, user_id, metric_type, max_value, severity) "
        "VALUES (599, 203, 101, 'rpm', 9, 'critical')"
    )
    try:
        with plant.transaction(Login.STATION) as asked:
            identity = enter_station(asked, "9.9")
            tenure = renew(asked, identity.incarnation, (), None, "")
            epochs = {lease.device: lease.epoch for lease in tenure.leases}
            finding = Transition(
                *(TransitionKind.RAISED, DeviceId(203), ThresholdId(599), Severity.WARNING, time.time()),
                *(1.0, 1.0, "x", epochs[203]),
            )
            apply_transitions(asked, [finding])
            stations = asked.exec_driver_sql("SELECT station_id FROM app.alerts WHERE threshold_id = 599")
            assert stations.scalars().all() == [401]
    finally:
        plant.owner.execute("DELETE FROM app.alert_thresholds WHERE id = 599")


def test_whoever_set_the_server_up_may_work_as_a_station_without_being_one(connection_of_owner):
    assert enter_station(connection_of_owner, "9.9") is None


@pytest.fixture
def connection_of_owner(shared_database):
    with shared_database.transaction() as opened:
        yield opened
        opened.get_transaction().rollback()
