"""A signal that is used stays, one that is gone is not used: also where both happen at once."""

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import text

from models.database import Database
from models.errors import Rejected
from models.queries.catalogue import import_devices, load_devices
from models.queries.device_edits import change_device
from models.queries.signals import add_signals, remove_signal
from models.records.device import Tag
from models.records.device_entry import DeviceEntry
from models.records.person import Role
from models.records.signal import Signal
from models.records.threshold import Severity, Threshold, ThresholdId
from tests.account_parts import Site
from tests.conftest import DatabaseServer
from tests.unit.models.conftest import device as any_device

GONE = "The database declined: the signal {} was taken out of use; add it again, or choose another."


@pytest.fixture(scope="module")
def site(database_server: DatabaseServer) -> Iterator[Site]:
    name = database_server.create()
    with closing(Site(Database(database_server.url_of(name), "tests"))) as made:
        yield made
    database_server.drop(name)


@pytest.fixture(scope="module")
def eva(site):
    return site.add(Role.ADMIN)


@pytest.fixture(scope="module")
def admin(site, eva):
    return site.signed_in(eva)


@pytest.fixture(scope="module")
def emil(site):
    return site.signed_in(site.add(Role.USER))


@pytest.fixture(scope="module")
def erna(site):
    return site.signed_in(site.add(Role.USER))


def add(database, key):
    with database.transaction() as connection:
        add_signals(connection, [Signal(key, key, "m³/h", 1, (0.0, 500.0), (0.0, 50.0))])


def use(connection, name, *keys, limits=()):
    tags = tuple(Tag(key, f"holding:{number}:uint16") for number, key in enumerate(keys))
    import_devices(connection, [DeviceEntry(replace(any_device(name), tags=tags), limits)])


def retire(database, key):
    with database.transaction() as connection:
        remove_signal(connection, key)


def limit(key):
    return Threshold(ThresholdId(0), 0, key, None, 5.0, Severity.WARNING)


def test_an_engineer_is_not_told_what_others_devices_are_called(emil, erna, admin):
    add(emil, "flow_a")
    with erna.transaction() as connection:
        use(connection, "ERNAS-1", "flow_a")
    with pytest.raises(
        Rejected, match=r"flow_a is in use by a device of somebody else; they or an adm"
    ) as of_others:
        retire(emil, "flow_a")
    assert "ERNAS" not in str(of_others.value)
    with erna.transaction() as connection:
        use(connection, "ERNAS-2", "flow_a")
    with pytest.raises(Rejected, match="in use by 2 devices of somebody else"):
        retire(emil, "flow_a")
    with pytest.raises(Rejected, match="in use by 2 devices, as by ERNAS-1; take it out"):
        retire(admin, "flow_a")
    with emil.transaction() as connection:
        use(connection, "EMILS", "flow_a")
    with pytest.raises(Rejected, match="in use by 3 devices, as by EMILS; take it out"):
        retire(emil, "flow_a")


def test_a_signal_that_is_gone_is_bound_to_no_tag_and_no_limit(admin, eva):
    add(admin, "flow_b")
    with admin.transaction() as connection:
        use(connection, "B", "rpm")
        device = next(one for one in load_devices(connection) if one.device_id == "B")
    retire(admin, "flow_b")
    with pytest.raises(Rejected, match=GONE.format("flow_b")), admin.transaction() as connection:
        use(connection, "B-2", "rpm", "flow_b")
    with pytest.raises(Rejected, match=GONE.format("flow_b")), admin.transaction() as connection:
        change_device(connection, device, replace(device, tags=(Tag("flow_b", "holding:1"),)), eva)
    with pytest.raises(Rejected, match=GONE.format("flow_b")), admin.transaction() as connection:
        use(connection, "B-3", "rpm", limits=(limit("flow_b"),))


def test_a_device_that_already_had_such_a_tag_can_still_be_changed(site, admin, eva):
    add(admin, "flow_c")
    with admin.transaction() as connection:
        use(connection, "C", "flow_c")
    with site.owner.transaction() as connection:
        # As before this was guarded.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE app.signals SET retired_at = now() WHERE key = 'flow_c'"))
    with admin.transaction() as connection:
        device = next(one for one in load_devices(connection) if one.device_id == "C")
        change_device(connection, device, replace(device, name="Another"), eva)


@pytest.mark.parametrize("limits", [(), (limit("flow_d"),)], ids=["tag", "limit"])
def test_of_a_use_and_a_removal_at_once_one_sees_the_other(site, admin, limits):
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
        "AND datname = current_database()"
    )

    def both_at_once(first, second):
        """Run the second while the first is not committed, and return what became of it."""
        ends: list[object] = []

        def run() -> None:
            try:
                with admin.transaction() as connection:
                    second(connection)
            except Rejected as error:
                ends.append(error)
            else:
                ends.append(None)

        thread = threading.Thread(target=run)
        with admin.transaction() as connection:
            first(connection)
            thread.start()
            with site.owner.autocommit() as watching:
                while not watching.execute(waiting).scalar():
                    pass
        thread.join()
        return ends[0]

    def bind(connection):
        use(connection, "D", *(() if limits else ("flow_d",)), limits=limits)

    def remove(connection):
        remove_signal(connection, "flow_d")

    add(admin, "flow_d")
    assert str(both_at_once(remove, bind)) == GONE.format("flow_d")
    add(admin, "flow_d")
    assert "in use by the device D" in str(both_at_once(bind, remove))
    with site.owner.transaction() as connection:
        connection.execute(text("DELETE FROM app.alert_thresholds WHERE metric_type = 'flow_d'"))
        connection.execute(text("UPDATE app.devices SET deleted_at = now() WHERE device_id = 'D'"))
    retire(admin, "flow_d")
