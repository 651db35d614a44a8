"""One device saved by compare-and-set, renamed, removed without losing its past; by people's own logins."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from models.errors import AlreadyDone, NotAllowed, Rejected
from models.queries.catalogue import import_devices, load_devices
from models.queries.device_edits import add_device, change_device, device_uses, last_change, remove_device
from models.records.device import DeviceId
from models.records.device_edit import configuration
from models.records.device_entry import DeviceEntry
from models.records.person import Role
from tests.unit.console.catalogue.threshold_parts import device, threshold


@pytest.fixture
def people(newest_site):
    """Eva administers; Anna and Jan are engineers; the press is Anna's."""
    eva = newest_site.add(Role.ADMIN, name="Eva Lind")
    anna = newest_site.add(Role.USER, name="Anna Berg")
    jan = newest_site.add(Role.USER, name="Jan Vos")
    with newest_site.owner.transaction() as connection:
        press = replace(device(1), id=DeviceId(0), user_id=anna.id)
        import_devices(connection, [DeviceEntry(press, (threshold(0, user_id=None),))])
    return eva, anna, jan


def stored(connection):
    return {one.device_id: one for one in load_devices(connection)}


def test_an_engineer_changes_an_own_device_and_nobody_elses(newest_site, people):
    _, anna, jan = people
    with newest_site.signed_in(anna).transaction() as connection:
        (before,) = load_devices(connection)
        change_device(connection, before, replace(before, name="Press one"), anna)
    with newest_site.signed_in(jan).transaction() as connection, pytest.raises(NotAllowed):
        change_device(connection, before, replace(before, name="Mine"), jan)
    with newest_site.signed_in(jan).transaction() as connection, pytest.raises(NotAllowed):
        remove_device(connection, before)
    with newest_site.owner.transaction() as connection:
        (after,) = load_devices(connection)
        assert after.name == "Press one"
        assert last_change(connection, after.id).startswith("Anna Berg at ")


def test_whoever_was_faster_is_named_and_nothing_is_overwritten(newest_site, people):
    eva, anna, _ = people
    with newest_site.owner.transaction() as connection:
        (before,) = load_devices(connection)
    with newest_site.signed_in(eva).transaction() as connection:
        change_device(connection, before, replace(before, name="Eva's"), eva)
    with newest_site.signed_in(anna).transaction() as connection:
        with pytest.raises(AlreadyDone, match=r"Eva's was changed by Eva Lind at .*nothing of yours"):
            change_device(connection, before, replace(before, location="Hall Z"), anna)
        connection.get_transaction().rollback()
    with newest_site.owner.transaction() as connection:
        (after,) = load_devices(connection)
    assert (after.name, after.location) == ("Eva's", before.location)


def test_a_value_sealed_anew_is_no_change_of_the_device():
    def with_secret(data):
        sealed = {"$sealed": {"key": data, "nonce": data, "data": data}}
        return replace(device(1), connection={**device(1).connection, "password": sealed})

    assert configuration(with_secret("a")) == configuration(with_secret("b"))
    assert configuration(with_secret("a")) != configuration(device(1))


def test_a_removed_device_is_kept_and_comes_back_under_its_hardware_id(newest_site, people):
    eva, _, _ = people
    with newest_site.signed_in(eva).transaction() as connection:
        (before,) = load_devices(connection)
        assert device_uses(connection, before).limits == 1
        remove_device(connection, before)
        assert load_devices(connection) == []
    with newest_site.signed_in(eva).transaction() as connection:
        with pytest.raises(AlreadyDone, match="was removed at"):
            change_device(connection, before, replace(before, name="x"), eva)
        saved = add_device(connection, replace(before, id=DeviceId(0), name="Back"))
        assert (saved.id, saved.was_removed) == (before.id, True)
        assert device_uses(connection, before).limits == 1


def test_a_hardware_id_in_use_is_refused_with_whose_it_is(newest_site, people):
    eva, _, _ = people
    with newest_site.signed_in(eva).transaction() as connection:
        (before,) = load_devices(connection)
        with pytest.raises(Rejected, match=rf"{before.device_id} is used by {before.name}"):
            add_device(connection, replace(before, id=DeviceId(0)))


def test_a_new_hardware_id_goes_to_the_devices_behind_it(newest_site, people):
    eva, _, _ = people
    with newest_site.signed_in(eva).transaction() as connection:
        (gateway,) = load_devices(connection)
        child = replace(gateway, id=DeviceId(0), device_id="CHILD", extra={"parent": gateway.device_id})
        add_device(connection, child)
        assert device_uses(connection, gateway).children == (child.name,)
        change_device(connection, gateway, replace(gateway, device_id="GATE"), eva)
        assert stored(connection)["CHILD"].extra["parent"] == "GATE"
        behind = replace(stored(connection)["GATE"], extra={"parent": "CHILD"})
        with pytest.raises(Rejected, match="would be reached through itself"):
            change_device(connection, stored(connection)["GATE"], behind, eva)


def test_what_is_already_so_is_not_written(newest_site, people):
    eva, _, _ = people
    with newest_site.signed_in(eva).transaction() as connection:
        (before,) = load_devices(connection)
        change_device(connection, before, before, eva)
        count = text("SELECT count(*) FROM app.device_revisions WHERE device_id = :id")
        assert connection.execute(count, {"id": before.id}).scalar_one() == 1


def test_an_operator_is_told_that_it_is_not_theirs_to_change(newest_site, people):
    olga = newest_site.add(Role.OPERATOR)
    with newest_site.owner.transaction() as connection:
        (before,) = load_devices(connection)

    def try_it():
        with newest_site.signed_in(olga).transaction() as connection:
            change_device(connection, before, replace(before, name="x"), olga)

    with pytest.raises(NotAllowed):
        try_it()
