import threading

import pytest
from sqlalchemy import text

from models.queries.alerts import apply_transitions
from models.queries.catalogue import import_devices, load_thresholds
from models.queries.device_states import write_states
from models.queries.readings import insert_readings
from models.records.alert import Transition, TransitionKind
from models.records.device import DeviceState, DeviceStatus
from models.records.device_entry import DeviceEntry


@pytest.fixture
def heard(database, committed_device):
    """What is announced after a piece of work: `heard(work)` returns channels, one for each announcement."""
    stop = threading.Event()
    channels = ("catalogue", "alerts", "readings")
    notifications = database.listen((*channels, "end"), stop)
    for _ in range(4):
        next(notifications)

    def run(work):
        with database.transaction() as connection:
            work(connection)
        with database.transaction() as connection:
            connection.execute(text("SELECT pg_notify('end', '')"))
        told = []
        while (channel := next(notifications).channel) != "end":
            told.append(channel)
        return told

    yield run
    stop.set()
    notifications.close()


def test_a_batch_of_readings_is_announced_once(heard, make, committed_device):
    batch = [make.reading(committed_device.id, 1.79e9 + i) for i in range(100)]
    assert heard(lambda connection: insert_readings(connection, batch)) == ["readings"]


def test_an_import_is_announced_once(heard, make):
    entries = [DeviceEntry(make.device(name), (make.threshold(),)) for name in "ABC"]
    assert heard(lambda connection: import_devices(connection, entries)) == ["catalogue"]


def test_a_heartbeat_is_not_announced(heard, committed_device):
    state = DeviceState(committed_device.id, DeviceStatus.ONLINE, "", None)
    assert heard(lambda connection: write_states(connection, [state])) == []


def test_a_raised_alert_is_announced_and_a_repeated_one_is_not(heard, database):
    with database.transaction() as connection:
        (known,) = load_thresholds(connection)
    found = Transition(TransitionKind.RAISED, known.device, known.id, known.severity, 1.79e9, 1.0, 2.0, "x")
    told = [heard(lambda connection: apply_transitions(connection, [found])) for _ in range(2)]
    assert told == [["alerts"], []]
