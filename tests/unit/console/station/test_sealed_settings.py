"""A station and its devices' sealed settings: with the key, without it, and when it comes."""

from dataclasses import replace

import pytest

from console.station.assignment import assignment_from_plan
from console.station.catalogue_cache import _is_changed
from console.station.store import DatabaseStore, Plan
from models.credentials import MemoryStore
from models.queries.catalogue import import_devices, load_devices
from models.queries.keys import load_workstations
from models.records.device_entry import DeviceEntry
from models.secrets import NO_KEYS, SecretBox, field_context, key_id, new_key, target_of
from models.workstation import WorkstationKeys

KEY = new_key()
BOX = SecretBox({key_id(KEY): KEY}, key_id(KEY))
WAITING = SecretBox({}, key_id(KEY), absence="This workstation waits for the key.")
ENDPOINT = "opc.tcp://127.0.0.1:4841/plant"


def with_password(device, box):
    target = target_of("opcua", {"endpoint": ENDPOINT})
    password = box.seal("in clear", field_context(device.device_id, ("connection", "password"), target))
    tag = replace(device.tags[0], address="ns=1;s=Heat")
    connection = {"endpoint": ENDPOINT, "username": "reader", "password": password}
    return replace(device, driver="opcua", connection=connection, tags=(tag,))


@pytest.fixture
def device(make_device):
    return with_password(make_device(), BOX)


def test_with_the_key_the_device_is_bound(device):
    assignment = assignment_from_plan(Plan((device,), (), (), BOX))
    (_, binding) = assignment.bindings[device.id]
    assert binding.settings.password.get_secret_value() == "in clear"


def test_without_the_key_only_that_device_fails_and_says_why(device, make_device):
    other = make_device(2, connection={"host": "127.0.0.1", "port": 502, "unit": 1})
    assignment = assignment_from_plan(Plan((device, other), (), (), WAITING))
    assert list(assignment.bindings) == [other.id]
    assert assignment.faults == {
        device.id: "Drive 1: connection.password of DRIVE-01 is encrypted and cannot be opened here. "
        "This workstation waits for the key."
    }


def test_a_key_that_came_is_a_change_of_plan(device):
    assert _is_changed(Plan((device,), (), (), WAITING), Plan((device,), (), (), BOX))
    assert not _is_changed(Plan((device,), (), (), BOX), Plan((device,), (), (), BOX))


def test_no_text_of_a_plan_or_binding_shows_a_secret(device):
    plan = Plan((device,), (), (), BOX)
    assert "in clear" not in repr(plan) + repr(assignment_from_plan(plan))


def refuse():
    raise AssertionError("the credential store was opened")


def test_a_plan_without_secrets_does_not_open_the_credential_store(database, make_device):
    with database.transaction() as connection:
        WorkstationKeys(MemoryStore, "elsewhere").create(connection, "desk")
        import_devices(connection, [DeviceEntry(make_device(), ())])
    plan = DatabaseStore(database, WorkstationKeys(refuse, "here")).load_plan()
    assert plan.secrets == NO_KEYS


def test_a_station_hears_at_once_that_it_was_given_the_key(database, make_device):
    office_store, hall_store = MemoryStore(), MemoryStore()
    office = WorkstationKeys(lambda: office_store, "here")
    hall = WorkstationKeys(lambda: hall_store, "here")
    with database.transaction() as connection:
        office.create(connection, "office")
        device = with_password(make_device(), office.open_box(connection))
        import_devices(connection, [DeviceEntry(device, ())])
        hall.request(connection, "hall")
    store = DatabaseStore(database, hall)
    before = store.load_plan()
    with database.transaction() as connection:
        (waiting,) = [one for one in load_workstations(connection) if one.name == "hall"]
        office.approve(connection, waiting)
    after = store.load_plan()
    assert len(assignment_from_plan(before).faults) == 1
    assert _is_changed(before, after)
    assert assignment_from_plan(after).faults == {}


def test_a_change_of_key_does_not_disturb_a_device(database, make_device):
    kept = MemoryStore()
    keys = WorkstationKeys(lambda: kept, "here")
    with database.transaction() as connection:
        keys.create(connection, "office")
        device = with_password(make_device(), keys.open_box(connection))
        import_devices(connection, [DeviceEntry(device, ())])
    store = DatabaseStore(database, keys)
    before = assignment_from_plan(store.load_plan())
    with database.transaction() as connection:
        keys.rotate(connection)
        (stored,) = load_devices(connection)
    after = assignment_from_plan(store.load_plan())
    assert stored.connection["password"] != device.connection["password"]
    # The poller keeps a driver whose settings and addresses are equal.
    (old,), (new,) = before.bindings.values(), after.bindings.values()
    assert (new[1].settings, new[1].addresses) == (old[1].settings, old[1].addresses)
