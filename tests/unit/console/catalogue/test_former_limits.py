"""Limits belong to a device's revisions: in one with what changed beside them, back and gone with it."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from console.catalogue.device_restore import restore_revision, undo_batch
from models.database import Database
from models.errors import AlreadyDone
from models.queries.catalogue import import_devices, load_devices, load_thresholds
from models.queries.device_history import batch_of_transaction, revisions_of
from models.queries.thresholds import change_thresholds, threshold_entries
from models.records.device_entry import DeviceEntry
from models.records.device_revision import RevisionAction
from models.records.person import Role
from models.records.threshold import (
    DEVICE_METRIC,
    Guidance,
    RuleKind,
    Severity,
    Threshold,
    ThresholdId,
)
from models.records.threshold_entry import ThresholdEdit
from tests.account_parts import Site
from tests.conftest import DatabaseServer
from tests.unit.models.conftest import device as any_device

HOT = Threshold(
    ThresholdId(0), 0, "temperature", None, 70.0, Severity.WARNING, guidance=Guidance("A fan stopped")
)
OFFLINE = Threshold(ThresholdId(0), 0, DEVICE_METRIC, None, None, Severity.WARNING, rule=RuleKind.OFFLINE)


@pytest.fixture(scope="module")
def site(database_server: DatabaseServer) -> Iterator[Site]:
    name = database_server.create()
    with closing(Site(Database(database_server.url_of(name), "tests"))) as made:
        yield made
    database_server.drop(name)


@pytest.fixture(scope="module")
def admin(site):
    return site.signed_in(site.add(Role.ADMIN, name="Eva"))


@pytest.fixture(scope="module")
def engineer(site):
    person = site.add(Role.USER, name="Emil")
    return person, site.signed_in(person)


def store(database, hardware_id, *limits, name="Pump"):
    with database.transaction() as connection:
        import_devices(connection, [DeviceEntry(replace(any_device(hardware_id), name=name), limits)])
        batch = batch_of_transaction(connection)
        return next(one for one in load_devices(connection) if one.device_id == hardware_id), batch


def history(database, device):
    with database.transaction() as connection:
        return revisions_of(connection, device.id)


def limits(database, device):
    with database.transaction() as connection:
        return [one for one in load_thresholds(connection) if one.device == device.id]


def edit(database, device, **changes):
    """Change the one limit of a device as its editor does; None for all of it removes it."""
    with database.transaction() as connection:
        person = connection.execute(text("SELECT app.person_id()")).scalar()
        entry = next(
            one
            for one in threshold_entries(connection, datetime.now(UTC))
            if one.threshold.device == device.id
        )
        after = replace(entry.threshold, **changes) if changes else None
        change_thresholds(connection, [ThresholdEdit(entry, after)], _Someone(person))


class _Someone:
    """Of whom only the id counts here."""

    role = Role.ADMIN

    def __init__(self, id):
        self.id = id


def test_what_comes_with_a_device_is_in_its_one_revision(admin):
    device, _ = store(admin, "A", HOT, OFFLINE)

    (added,) = history(admin, device)

    assert added.action is RevisionAction.ADDED
    told = [(one.rule, one.metric, one.max_value) for one in added.limits]
    assert told == [(RuleKind.LIMIT, "temperature", 70.0), (RuleKind.OFFLINE, DEVICE_METRIC, None)]


def test_a_limit_edited_alone_makes_a_revision_that_says_who(admin):
    device, _ = store(admin, "B", HOT)
    edit(admin, device, max_value=80.0)

    changed, _ = history(admin, device)

    assert (changed.action, changed.author) == (RevisionAction.CHANGED, "Eva")
    assert [one.max_value for one in changed.limits] == [80.0]


def test_what_is_of_the_day_or_may_name_somebody_makes_none_and_stands_in_none(site, admin):
    device, _ = store(admin, "C", HOT)
    edit(
        admin, device, enabled=False, disabled_reason="Anna waits for the fan", guidance=Guidance("Ask Anna")
    )

    assert len(history(admin, device)) == 1
    with site.owner.transaction() as connection:
        kept = connection.execute(text("SELECT limits::text FROM app.device_revisions")).scalars().all()
    assert "fan stopped" not in " ".join(kept)


def test_a_restored_revision_brings_its_limits_back_and_leaves_their_texts(admin):
    device, _ = store(admin, "D", HOT)
    before = limits(admin, device)
    edit(admin, device, max_value=80.0)
    with admin.transaction() as connection:
        restore_revision(connection, device.id, 1, 2, None)

    assert limits(admin, device) == before
    assert [one.number for one in history(admin, device)] == [3, 2, 1]


def test_a_limit_that_was_removed_comes_back_and_one_that_was_added_goes(admin):
    device, _ = store(admin, "E", HOT)
    store(admin, "E", OFFLINE)
    with admin.transaction() as connection:
        restore_revision(connection, device.id, 1, 2, None)

    (back,) = limits(admin, device)
    assert (back.rule, back.max_value, back.enabled) == (RuleKind.LIMIT, 70.0, True)


def test_an_undone_import_leaves_no_limit_for_the_next_device_of_its_id(admin):
    device, batch = store(admin, "F", HOT)
    with admin.transaction() as connection:
        undone = undo_batch(connection, batch, None)
    store(admin, "F")

    assert limits(admin, device) == []
    with admin.transaction() as connection:
        newest = revisions_of(connection, device.id)[0]
        restore_revision(connection, device.id, 1, newest.number, None)
    assert [one.max_value for one in limits(admin, device)] == [70.0]
    assert undone.batch is not None


def test_undoing_an_undone_import_brings_the_limits_back(admin):
    device, batch = store(admin, "G", HOT)
    with admin.transaction() as connection:
        undone = undo_batch(connection, batch, None)
    with admin.transaction() as connection:
        undo_batch(connection, undone.batch, None)

    assert [one.max_value for one in limits(admin, device)] == [70.0]


def test_an_import_whose_limits_somebody_tuned_since_is_not_undone(admin):
    device, batch = store(admin, "H", HOT)
    edit(admin, device, max_value=80.0)

    with admin.transaction() as connection, pytest.raises(AlreadyDone, match="H was changed by Eva"):
        undo_batch(connection, batch, None)
    assert [one.max_value for one in limits(admin, device)] == [80.0]


def test_an_engineer_restores_limits_of_their_own_device_and_signs_what_comes_back(engineer):
    person, database = engineer
    device, _ = store(database, "I", HOT)
    edit(database, device)
    with database.transaction() as connection:
        restore_revision(connection, device.id, 1, 2, None)

    (back,) = limits(database, device)
    assert (back.max_value, back.user_id) == (70.0, person.id)


def test_two_who_change_limits_of_one_device_at_once_both_stand_in_its_history(admin):
    second = replace(HOT, metric="pressure", max_value=5.0)
    device, _ = store(admin, "J", HOT, second)
    statement = text(
        "UPDATE app.alert_thresholds SET max_value = :to WHERE device_id = :id AND metric_type = :of"
    )
    with admin.transaction() as one:
        one.execute(statement, {"to": 71.0, "id": device.id, "of": "temperature"})
        with admin.transaction() as other:
            other.execute(text("SET LOCAL lock_timeout = '20ms'"))
            with pytest.raises(Exception, match="lock"):
                other.execute(statement, {"to": 6.0, "id": device.id, "of": "pressure"})
    with admin.transaction() as other:
        other.execute(statement, {"to": 6.0, "id": device.id, "of": "pressure"})

    newest = history(admin, device)[0]
    assert sorted(one.max_value for one in newest.limits) == [6.0, 71.0]
