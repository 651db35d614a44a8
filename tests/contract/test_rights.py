"""What `may` says is what the database does: for every role, action and owner, with real logins."""

import itertools
from typing import NamedTuple

import pytest
from sqlalchemy import text

from models.errors import NotAllowed
from models.queries.rollouts import plan_bytes
from models.records.device import DeviceId
from models.records.person import Person, Role
from models.records.rights import Action, may
from models.records.rollout import PlannedDevice, PlanSettings, RolloutPlan

OWNERS = ("own", "somebody else's", "nobody's")

DEVICE = """
INSERT INTO app.devices (device_id, name, type, location, user_id)
VALUES (:hardware, 'Press', 'press', 'Hall', :owner) RETURNING id
"""
ALERT = """
INSERT INTO app.alerts (device_id, severity, message, triggered_at)
VALUES (:device, 'info', 'hot', now()) RETURNING id
"""
PLAN = plan_bytes(RolloutPlan(4711, PlanSettings(), (PlannedDevice(DeviceId(4712), 0, ""),))).replace(
    ":", r"\:"
)
# Each does what the action names, with the device where it is about one, and returns the rows it touched.
PROBES = {
    Action.SEE_PLANT: "SELECT id FROM app.devices WHERE id = :device",
    Action.HANDLE_ALERTS: "SELECT * FROM app.acknowledge_alerts(ARRAY[:alert]::bigint[], '')",
    Action.CONFIGURE_DEVICES: "UPDATE app.devices SET name = 'Saw' WHERE id = :device RETURNING id",
    Action.CONFIGURE_THRESHOLDS: "INSERT INTO app.alert_thresholds "
    "(device_id, user_id, metric_type, max_value, severity, enabled) "
    "VALUES (:device, :person, 'rpm', 5, 'info', true) RETURNING id",
    Action.DEPLOY_FIRMWARE: f"SELECT app.save_rollout_plan(NULL, 'Drives', replace(replace('{PLAN}', '4711', "
    "v.id::text), '4712', CAST(:device AS text))) FROM app.ota_versions AS v",
    Action.MANAGE_PEOPLE: "SELECT app.rename_person(:other, 'Renamed', NULL)",
    Action.MANAGE_STATIONS: "SELECT app.set_station_enabled(:station, true)",
    Action.MANAGE_KEYS: "SELECT app.lock_secrets()",
    Action.MANAGE_NOTIFICATIONS: "INSERT INTO app.notification_channels (name, kind, url) "
    "VALUES ('Hook', 'webhook', 'http://h/') RETURNING id",
    Action.SEE_AUDIT: "SELECT seq FROM app.audit_log LIMIT 1",
    Action.HAND_OVER: "SELECT app.write_handover('Early', now() - interval '1 hour', now(), now(), '[]')",
}
ABOUT_A_DEVICE = {
    Action.SEE_PLANT,
    Action.HANDLE_ALERTS,
    Action.CONFIGURE_DEVICES,
    Action.CONFIGURE_THRESHOLDS,
    Action.DEPLOY_FIRMWARE,
}
CASES = [
    (role, action, owner)
    for role, action in itertools.product(Role, Action)
    for owner in (OWNERS if action in ABOUT_A_DEVICE else ("nobody's",))
]


class Plant(NamedTuple):
    """Somebody of a role, another person, a station, and three devices with an alert each."""

    person: Person
    database: object
    owners: dict
    devices: dict
    alerts: dict
    station: int


@pytest.fixture(scope="module", params=["newest", "oldest"])
def module_site(request):
    from contextlib import closing, contextmanager

    from models.database import Database
    from tests.account_parts import Site

    @contextmanager
    def newest():
        server = request.getfixturevalue("database_server")
        name = server.create()
        yield server.url_of(name)
        server.drop(name)

    server = {
        "newest": newest,
        "oldest": lambda: request.getfixturevalue("oldest_database_server").database(),
    }
    with server[request.param]() as url, closing(Site(Database(url, "tests"))) as site:
        yield site


@pytest.fixture(scope="module")
def plants(module_site):
    """A `Plant` for each role."""
    with module_site.owner.transaction() as connection:
        connection.execute(text("INSERT INTO app.ota_versions (version, firmware_url) VALUES ('1.0.0', 'x')"))
        station = connection.execute(
            text("INSERT INTO app.stations (name, db_role) VALUES ('Hall', 'nobody') RETURNING id")
        ).scalar_one()
    return {role: _plant(module_site, role, station) for role in Role}


def _plant(site, role, station):
    person, other = site.add(role), site.add(Role.USER)
    owners = dict(zip(OWNERS, (person.id, other.id, None), strict=True))
    devices, alerts = {}, {}
    with site.owner.transaction() as connection:
        for owner, user in owners.items():
            values = {"hardware": f"{role} {owner}", "owner": user}
            devices[owner] = connection.execute(text(DEVICE), values).scalar_one()
            alerts[owner] = connection.execute(text(ALERT), {"device": devices[owner]}).scalar_one()
    return Plant(person, site.signed_in(person), owners, devices, alerts, station)


def test_every_action_is_probed():
    assert PROBES.keys() == set(Action)


@pytest.mark.parametrize(("role", "action", "owner"), CASES)
def test_may_equals_what_the_database_does(plants, role, action, owner):
    plant = plants[role]
    values = {
        "device": plant.devices[owner],
        "alert": plant.alerts[owner],
        "person": plant.person.id,
        "other": plant.owners["somebody else's"],
        "station": plant.station,
    }
    assert may(plant.person, action, plant.owners[owner]) is _does(plant.database, PROBES[action], values)


def _does(database, statement, values):
    used = {key: value for key, value in values.items() if f":{key}" in statement}
    try:
        with database.transaction() as connection:
            touched = connection.execute(text(statement), used).all()
            connection.get_transaction().rollback()
    except NotAllowed:
        return False
    return bool(touched)
