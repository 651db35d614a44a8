from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from models.queries.catalogue import load_devices
from models.queries.device_states import write_states
from models.records.device import DeviceState, DeviceStatus

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_latest_state_is_kept(connection, stored_device):
    first = DeviceState(stored_device.id, DeviceStatus.ONLINE, "", NOON)
    second = DeviceState(stored_device.id, DeviceStatus.ERROR, "unit 3 is unknown", NOON)
    write_states(connection, [first, second])
    (device,) = load_devices(connection)
    assert (device.status, device.status_detail, device.last_seen_at) == (
        DeviceStatus.ERROR,
        "unit 3 is unknown",
        NOON,
    )


def test_last_seen_stays_while_a_device_is_silent_and_never_goes_back(connection, stored_device):
    for moment in (NOON, None, NOON - timedelta(hours=1)):
        write_states(connection, [DeviceState(stored_device.id, DeviceStatus.OFFLINE, "silent", moment)])
    assert load_devices(connection)[0].last_seen_at == NOON


def test_a_heartbeat_is_no_change_of_the_configuration(connection, stored_device):
    before = connection.execute(text("SELECT updated_at FROM app.devices")).scalar_one()
    write_states(connection, [DeviceState(stored_device.id, DeviceStatus.ONLINE, "", NOON)])
    assert connection.execute(text("SELECT updated_at FROM app.devices")).scalar_one() == before


def test_no_states_are_no_work(connection):
    write_states(connection, [])
