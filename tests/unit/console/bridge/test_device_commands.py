"""Saving a device seals what was typed, and leaves alone what was not."""

from dataclasses import replace

import pytest

from console.bridge.device_commands import SaveDevice
from console.bridge.notification_commands import Sealing
from console.catalogue.binding import bind
from models.credentials import MemoryStore
from models.errors import KeyMissing
from models.queries.catalogue import load_devices, load_thresholds
from models.records.device import Device, DeviceId, Tag
from models.records.person import Person, Role
from models.records.threshold import RuleKind
from models.workstation import WorkstationKeys

EVA = Person(1, "Eva Lind", "eva@example.org", Role.ADMIN)
NEW = Device(
    DeviceId(0),
    "LINE-1",
    "Line 1",
    "line",
    "Hall A",
    "opcua",
    {"endpoint": "opc.tcp://10.0.0.7:4840/", "sign_in": "user", "username": "eva", "password": "Zange-7-Huf"},
    1.0,
    (Tag("temperature", "ns=2;s=T"),),
)


def computer(name):
    store = MemoryStore()
    return Sealing(lambda: WorkstationKeys(lambda: store, "here"), name)


@pytest.fixture
def connection(shared_database):
    with shared_database.transaction() as opened:
        yield opened
        opened.get_transaction().rollback()


def stored(connection):
    (found,) = [one for one in load_devices(connection) if one.name.startswith("Line")]
    return found


def password(connection, sealing):
    device = stored(connection)
    settings = bind(device, sealing.keys().open_box(connection).open).settings
    return settings.password.get_secret_value()


@pytest.fixture
def sealing(connection):
    made = computer("office")
    SaveDevice(None, NEW, sealing=made).apply(connection, EVA)
    return made


def test_the_first_secret_makes_the_key_and_tells_where_it_is(connection):
    saved = SaveDevice(None, NEW, sealing=computer("office")).apply(connection, EVA)
    assert "key for encrypted fields was made" in saved.note
    assert "$sealed" in stored(connection).connection["password"]


def test_a_secret_left_alone_stays_the_very_same(connection, sealing):
    before = stored(connection)
    # Nobody need hold the key for that.
    SaveDevice(before, replace(before, name="Line one")).apply(connection, EVA)
    assert stored(connection).connection == before.connection
    assert password(connection, sealing) == "Zange-7-Huf"


def test_switching_events_on_brings_their_threshold_once(connection, sealing):
    before = stored(connection)
    with_events = replace(before, connection={**before.connection, "events": True})
    SaveDevice(before, with_events, sealing=sealing).apply(connection, EVA)
    SaveDevice(stored(connection), replace(stored(connection), name="Line 2")).apply(connection, EVA)
    rules = [one.rule for one in load_thresholds(connection) if one.device == before.id]
    assert sorted(rules) == [RuleKind.DEVICE_EVENT, RuleKind.OFFLINE]


def test_a_secret_typed_anew_takes_its_place(connection, sealing):
    before = stored(connection)
    after = replace(before, connection={**before.connection, "password": "other"})
    SaveDevice(before, after, sealing=sealing).apply(connection, EVA)
    assert password(connection, sealing) == "other"


@pytest.mark.parametrize(
    "change",
    [{"device_id": "LINE-9"}, {"connection": {"endpoint": "opc.tcp://10.0.0.8:4840/"}}],
    ids=["another hardware id", "another server"],
)
def test_a_secret_goes_along_only_with_somebody_who_holds_the_key(connection, sealing, change):
    before = stored(connection)
    facts = {**change, "connection": {**before.connection, **change.get("connection", {})}}
    after = replace(before, **facts)
    with pytest.raises(KeyMissing):
        SaveDevice(before, after, sealing=computer("desk 4")).apply(connection, EVA)
    SaveDevice(before, after, sealing=sealing).apply(connection, EVA)
    assert password(connection, sealing) == "Zange-7-Huf"


def test_a_copy_takes_the_secret_of_its_origin_along(connection, sealing):
    origin = stored(connection)
    copy = replace(origin, id=DeviceId(0), device_id="COPY", name="Copy")
    SaveDevice(None, copy, origin, sealing).apply(connection, EVA)
    (made,) = [one for one in load_devices(connection) if one.name == "Copy"]
    settings = bind(made, sealing.keys().open_box(connection).open).settings
    assert settings.password.get_secret_value() == "Zange-7-Huf"


def test_a_secret_shows_in_no_representation():
    assert "Zange" not in repr(SaveDevice(None, NEW))


def test_an_engineer_enters_a_secret_under_a_login_of_their_own(newest_site):
    eva, anna = newest_site.add(Role.ADMIN), newest_site.add(Role.USER)
    made = computer("office")
    no_key_yet = replace(NEW, device_id="LINE-2", name="Line 2")
    with pytest.raises(KeyMissing, match="administrator"), newest_site.signed_in(anna).transaction() as own:
        SaveDevice(None, no_key_yet, sealing=made).apply(own, anna)
    with newest_site.signed_in(eva).transaction() as own:
        SaveDevice(None, replace(NEW, device_id="LINE-3", name="Other"), sealing=made).apply(own, eva)
    with newest_site.signed_in(anna).transaction() as own:
        SaveDevice(None, NEW, sealing=made).apply(own, anna)
        assert password(own, made) == "Zange-7-Huf"
        assert stored(own).user_id == anna.id
