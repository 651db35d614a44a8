"""The history of devices on a real server: who changed what, what one transaction did, and the way back."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import text

from models.database import Database
from models.errors import AlreadyDone, NotAllowed, Rejected
from models.queries.catalogue import import_devices, load_devices
from models.queries.device_history import (
    batch_of_transaction,
    batch_steps,
    change_devices,
    hold_devices,
    newest_revisions,
    recent_batches,
    revision,
    revisions_of,
)
from models.records.device_entry import DeviceEntry
from models.records.device_revision import DeviceChange, RevisionAction
from models.records.person import Role
from models.schema_guard import migrate, upgrade_schema
from tests.account_parts import Site
from tests.conftest import DatabaseServer
from tests.unit.models.conftest import device as any_device


@pytest.fixture(scope="module")
def site(database_server: DatabaseServer) -> Iterator[Site]:
    name = database_server.create()
    with closing(Site(Database(database_server.url_of(name), "tests"))) as made:
        yield made
    database_server.drop(name)


@pytest.fixture(scope="module")
def admin(site):
    return site.signed_in(site.add(Role.ADMIN, "eva@example.com", "Eva"))


def device(hardware_id, **changes):
    return replace(any_device(hardware_id), **changes)


def store(database, *devices):
    with database.transaction() as connection:
        import_devices(connection, [DeviceEntry(one, ()) for one in devices])
        return batch_of_transaction(connection)


def stored(database, name):
    with database.transaction() as connection:
        return next(one for one in load_devices(connection) if one.device_id == name)


def history(database, of):
    with database.transaction() as connection:
        return revisions_of(connection, of.id)


def test_every_change_is_a_revision_that_says_who_and_holds_the_whole_device(admin):
    store(admin, device("A"))
    store(admin, device("A", name="Another name"))

    changed, added = history(admin, stored(admin, "A"))

    assert (added.number, added.action, added.author) == (1, RevisionAction.ADDED, "Eva")
    assert (changed.number, changed.action, changed.author) == (2, RevisionAction.CHANGED, "Eva")
    assert added.configuration.name == "Device A"
    assert replace(changed.configuration, id=0) == device("A", name="Another name")


def test_what_stations_write_makes_no_revision(site, admin):
    store(admin, device("B"))

    with site.owner.transaction() as connection:
        connection.execute(text("UPDATE app.devices SET status = 'online', last_seen = now()"))
        connection.execute(text("UPDATE app.devices SET name = name, metadata = metadata"))

    assert len(history(admin, stored(admin, "B"))) == 1


def test_one_transaction_is_one_batch_and_the_next_another(admin):
    first = store(admin, device("C1"), device("C2"))
    second = store(admin, device("C2", name="Two"), device("C3"))

    with admin.transaction() as connection:
        newest = {batch.id: batch for batch in recent_batches(connection)}
        steps = batch_steps(connection, second)

    assert second != first
    assert (newest[first].added, newest[first].changed, newest[first].author) == (2, 0, "Eva")
    assert (newest[second].added, newest[second].changed) == (1, 1)
    assert [(step.after.configuration.device_id, step.before is None) for step in steps] == [
        ("C2", False),
        ("C3", True),
    ]


def test_a_former_revision_comes_back_as_a_new_one(admin):
    store(admin, device("D"))
    store(admin, device("D", name="Wrong", location="Nowhere", period_s=7.0))
    now = stored(admin, "D")

    with admin.transaction() as connection:
        wanted = revision(connection, now.id, 1).configuration
        change_devices(connection, [DeviceChange(now.id, 2, wanted)])

    assert replace(stored(admin, "D"), id=0) == device("D")
    assert [one.number for one in history(admin, now)] == [3, 2, 1]


def test_whoever_was_faster_is_named_and_nothing_is_written(site, admin):
    store(admin, device("E"))
    of = stored(admin, "E")
    store(site.signed_in(site.add(Role.ADMIN, name="Ole")), device("E", name="By Ole"))

    with pytest.raises(AlreadyDone, match=r"^E was changed by Ole at .*; nothing of yours was stored"):
        with admin.transaction() as connection:
            change_devices(connection, [DeviceChange(of.id, 1, None)])

    assert stored(admin, "E").name == "By Ole"


def test_a_hardware_id_that_somebody_else_added_meanwhile_is_named(admin):
    store(admin, device("F"))

    with pytest.raises(AlreadyDone, match=r"^F was added by Eva at "), admin.transaction() as connection:
        hold_devices(connection, {}, ["F", "NEW"])


def test_an_added_device_is_undone_by_its_removal_and_can_be_brought_back(admin):
    store(admin, device("G"))
    of = stored(admin, "G")
    with admin.transaction() as connection:
        change_devices(connection, [DeviceChange(of.id, 1, None)])
        assert "G" not in {one.device_id for one in load_devices(connection)}
    with admin.transaction() as connection:
        wanted = revision(connection, of.id, 1).configuration
        change_devices(connection, [DeviceChange(of.id, 2, wanted)])

    assert stored(admin, "G").id == of.id
    assert [one.action for one in history(admin, of)] == [
        RevisionAction.BROUGHT_BACK,
        RevisionAction.REMOVED,
        RevisionAction.ADDED,
    ]


def test_where_histories_began_nothing_can_be_undone(site, admin):
    batch = store(admin, device("H"))
    with site.owner.transaction() as connection:
        connection.execute(text("ALTER TABLE app.device_revisions DISABLE TRIGGER append_only"))
        connection.execute(
            text("UPDATE app.device_revisions SET action = 'recorded' WHERE batch = :batch"), {"batch": batch}
        )
        connection.execute(text("ALTER TABLE app.device_revisions ENABLE TRIGGER append_only"))

    with pytest.raises(Rejected, match="where the history of devices began"):
        with admin.transaction() as connection:
            batch_steps(connection, batch)


def test_an_engineer_sees_the_history_of_their_own_devices_only(site, admin):
    person = site.add(Role.USER)
    engineer = site.signed_in(person)
    store(admin, device("I-MINE", user_id=person.id), device("I-OTHER"))
    other = stored(admin, "I-OTHER")

    assert history(engineer, other) == []
    assert len(history(engineer, stored(engineer, "I-MINE"))) == 1
    with engineer.transaction() as connection:
        assert set(newest_revisions(connection)) == {stored(engineer, "I-MINE").id}
    with pytest.raises(NotAllowed), engineer.transaction() as connection:
        change_devices(connection, [DeviceChange(other.id, 1, None)])


def test_an_engineer_who_restores_what_was_somebody_elses_keeps_it(site, admin):
    person = site.add(Role.USER)
    engineer = site.signed_in(person)
    store(admin, device("J", name="Before"))
    store(admin, device("J", name="After", user_id=person.id))
    of = stored(engineer, "J")

    with engineer.transaction() as connection:
        before = revision(connection, of.id, 1).configuration
        change_devices(connection, [DeviceChange(of.id, 2, before)])

    assert (stored(engineer, "J").name, stored(engineer, "J").user_id) == ("Before", person.id)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE app.device_revisions SET user_id = NULL",
        "DELETE FROM app.device_revisions",
        "INSERT INTO app.device_revisions (device_id, number, batch, txid, at, action, document) "
        "SELECT device_id, 99, 1, 1, now(), 'changed', '{}' FROM app.device_revisions LIMIT 1",
    ],
)
def test_nobody_rewrites_history(admin, statement):
    store(admin, device("K"))

    with pytest.raises(NotAllowed), admin.transaction() as connection:
        connection.execute(text(statement))


def test_the_history_of_what_was_there_before_begins_with_the_upgrade(empty_database_url):
    with closing(Database(empty_database_url, "tests")) as database:
        with database.transaction() as connection:
            connection.execute(text("CREATE SCHEMA app"))
            migrate(connection, "0017")
            connection.execute(
                text(
                    "INSERT INTO app.devices (device_id, name, type, location, metadata) "
                    "VALUES ('OLD', 'Old', 'drive', 'Hall', '{\"note\": 1}')"
                )
            )
            # As it may be since before keys existed.
            connection.execute(text("ALTER TABLE app.devices DISABLE TRIGGER guard_secrets"))
            connection.execute(
                text('UPDATE app.devices SET metadata = \'{"connection": {"password": "very secret"}}\'')
            )
            connection.execute(text("ALTER TABLE app.devices ENABLE TRIGGER guard_secrets"))
        upgrade_schema(database)
        with database.transaction() as connection:
            connection.execute(text("UPDATE app.devices SET name = 'Renamed'"))
            renamed, first = revisions_of(connection, load_devices(connection)[0].id)

    assert (first.number, first.action, first.author) == (1, RevisionAction.RECORDED, "")
    assert [one.configuration.name for one in (first, renamed)] == ["Old", "Renamed"]
    assert first.configuration.connection == {"password": "(secret)"}
    assert renamed.configuration.connection == {"password": "(secret)"}
