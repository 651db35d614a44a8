from datetime import UTC, datetime

from sqlalchemy import text

from models.queries.catalogue import import_devices, load_devices
from models.queries.device_states import write_states
from models.queries.overview import device_overview
from models.queries.readings import insert_readings
from models.records.device import DeviceState, DeviceStatus
from models.records.device_entry import DeviceEntry

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_device_that_never_answered_is_shown_without_values(connection, stored_device):
    (row,) = device_overview(connection)
    assert (row.device, row.status, row.last_reading_at, row.values) == (
        stored_device.id,
        DeviceStatus.OFFLINE,
        None,
        (None,) * 6,
    )


def test_alerts_are_counted_once_however_many_readings_there_are(connection, stored_device, make):
    insert_readings(connection, [make.reading(stored_device.id, NOON.timestamp() + i) for i in range(20)])
    for status in ("active", "active", "acknowledged", "resolved"):
        connection.execute(
            text(
                "INSERT INTO app.alerts (device_id, severity, message, status, triggered_at) "
                "VALUES (:device, 'info', 'x', :status, now())"
            ),
            {"device": stored_device.id, "status": status},
        )
    (row,) = device_overview(connection)
    assert (row.active_alerts, row.open_alerts) == (2, 3)


def test_the_newest_reading_and_the_state_are_shown(connection, stored_device, make):
    write_states(connection, [DeviceState(stored_device.id, DeviceStatus.ERROR, "unit unknown", NOON)])
    insert_readings(connection, [make.reading(stored_device.id, NOON.timestamp() + i, i, 5) for i in (1, 2)])
    (row,) = device_overview(connection)
    assert (row.status, row.status_detail, row.last_seen_at) == (DeviceStatus.ERROR, "unit unknown", NOON)
    assert (row.values, row.quality, row.last_reading_at.timestamp()) == ((2,) * 6, 5, NOON.timestamp() + 2)


def test_devices_stand_in_the_order_of_the_catalogue(connection, make):
    places = (("A", "Hall B"), ("B", "Hall A"), ("C", "Hall A"))
    import_devices(connection, [DeviceEntry(make.device(name, location=place), ()) for name, place in places])
    assert [row.device for row in device_overview(connection)] == [d.id for d in load_devices(connection)]
