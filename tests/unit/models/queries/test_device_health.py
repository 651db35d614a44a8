"""How connections do, as the database keeps it: one row a device, told by whoever holds its lease."""

from contextlib import closing

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from models.queries.catalogue import import_devices, load_devices
from models.queries.device_health import health_now, record_health, stored_at
from models.records.device import DeviceId
from models.records.device_entry import DeviceEntry
from models.records.device_health import DeviceHealth, Exchange, TagRead
from tests.unit.models.queries.test_leases import Hands

FULL = DeviceHealth(
    DeviceId(0),
    polls_due=60,
    polls_missed=1,
    polls_answered=57,
    polls_failed=2,
    round_trip_p50_ms=4.5,
    round_trip_p99_ms=31.0,
    is_line_measured=True,
    errors={"timeout": 2},
    sent_bytes=720,
    received_bytes=900,
    bytes_per_s=27.0,
    good_read_unix=1.7e9,
    last=Exchange(1.7e9, 4.5, "read holding 0", "", b"\x00\x01", b"\xff" * 300, 2, 300),
    last_failed=Exchange(1.7e9, 1000.0, "read holding 0", "no answer", b"\x00\x02", b"", 2, 0),
    failure="No answer.",
    tags=(TagRead("temperature", 215, "good", "", 1.7e9), TagRead("rpm", None, "bad", "refused")),
    recent=b"\x00\x00\xc0\x7f\x00\x00\x90\x40",
    recent_errors=b"\x02\x00",
)


@pytest.fixture
def devices(database, make):
    with database.transaction() as connection:
        import_devices(connection, [DeviceEntry(make.device(f"D{number}"), ()) for number in range(3)])
        return [device.id for device in load_devices(connection)]


@pytest.fixture
def station(database, devices):
    with closing(Hands(database, "Hall A")) as hands:
        hands.enter()
        yield hands


def of(device, epoch=0, **changes):
    return replace(FULL, device=device, epoch=epoch, **changes)


def told(database):
    with database.transaction() as connection:
        return {record.device: record for record in health_now(connection)}


def test_record_comes_back_as_it_was_told_with_station_and_time_of_the_row(database, station):
    [lease, *_] = station.renew().leases
    assert station.do(lambda c: record_health(c, [of(lease.device, lease.epoch, station=99)])) == 1
    record = told(database)[lease.device]
    assert record == of(lease.device, lease.epoch, station=station.id, as_of_unix=record.as_of_unix)
    assert record.as_of_unix > 1.7e9


def test_words_of_a_device_may_hold_anything(database, devices):
    odd = of(devices[0], failure='No\0 "C:\\\\u0000" {answer}, \\', last=None)
    with database.transaction() as connection:
        assert record_health(connection, [odd, of(devices[1])]) == 2
    assert told(database)[devices[0]].failure == 'No "C:\\\\u0000" {answer}, \\'
    assert told(database)[devices[1]].failure == FULL.failure


def test_newest_replaces_what_was_known(database, station):
    [lease, *_] = station.renew().leases
    for due in (1, 2):
        station.do(lambda c, due=due: record_health(c, [of(lease.device, lease.epoch, polls_due=due)]))
    assert told(database)[lease.device].polls_due == 2


def test_nothing_is_taken_of_a_lease_that_is_another_s_or_over(database, station, devices):
    [lease, *_] = station.renew().leases
    reports = [of(lease.device, lease.epoch + 1), of(DeviceId(987654), 1)]
    assert station.do(lambda c: record_health(c, reports)) == 0
    station.renew(released=[lease.device])
    assert told(database) == {}


def test_whoever_set_the_server_up_polls_without_leases(database, devices):
    with database.transaction() as connection:
        assert record_health(connection, [of(device) for device in devices]) == len(devices)
    assert {record.station for record in told(database).values()} == {0}


def test_report_of_another_release_is_passed_over_and_unknown_fields_are_ignored(database, devices):
    with database.transaction() as connection:
        record_health(connection, [of(device) for device in devices[:2]])
        connection.execute(
            text('UPDATE app.device_health SET report = \'{"device": "x"}\' WHERE device_id = :id'),
            {"id": devices[0]},
        )
        connection.execute(
            text("UPDATE app.device_health SET report = report || '{\"later\": 1}' WHERE device_id = :id"),
            {"id": devices[1]},
        )
    assert list(told(database)) == [devices[1]]


def test_deleted_devices_are_not_told_of(database, devices):
    with database.transaction() as connection:
        record_health(connection, [of(devices[0])])
        connection.execute(
            text("UPDATE app.devices SET deleted_at = now() WHERE id = :id"), {"id": devices[0]}
        )
    assert told(database) == {}


def test_device_without_a_reading_has_stored_none(database, devices):
    with database.transaction() as connection:
        assert stored_at(connection, devices[0]) is None


def test_rows_are_changed_in_place(database, devices):
    pages = []
    for _ in range(4):
        with database.transaction() as connection:
            record_health(connection, [of(device) for device in devices])
            size = connection.execute(text("SELECT pg_relation_size('app.device_health')"))
            pages.append(size.scalar_one() // 8192)
    assert len(set(pages)) == 1
