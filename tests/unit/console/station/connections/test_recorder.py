"""Records of connections on their way to the database: the newest of each device, once a quarter minute."""

from console.station.connections.recorder import ConnectionRecorder
from console.station.health import LoopHealth
from console.station.tuning import Tuning
from models.errors import DatabaseAway, NotAllowed
from models.records.device import DeviceId
from models.records.device_health import DeviceHealth

ONE, TWO = DeviceId(1), DeviceId(2)


def recorder(store) -> ConnectionRecorder:
    return ConnectionRecorder(store, Tuning(), LoopHealth())


def test_newest_of_each_device_is_written_once(store) -> None:
    kept = recorder(store)
    kept.keep([DeviceHealth(ONE, polls_due=1), DeviceHealth(TWO, polls_due=5)])
    kept.keep([DeviceHealth(ONE, polls_due=2)])
    assert kept.write() == Tuning().record_health_s
    assert {device: record.polls_due for device, record in store.health.items()} == {ONE: 2, TWO: 5}
    store.health.clear()
    kept.write()
    assert store.health == {}


def test_what_the_database_did_not_take_is_replaced_by_what_came_since(store) -> None:
    kept = recorder(store)
    kept.keep([DeviceHealth(ONE, polls_due=1), DeviceHealth(TWO, polls_due=5)])
    store.is_away = True
    kept.write()
    kept.keep([DeviceHealth(ONE, polls_due=9)])
    store.is_away = False
    kept.write()
    assert {device: record.polls_due for device, record in store.health.items()} == {ONE: 9, TWO: 5}


def test_news_that_came_during_a_failed_write_is_what_is_written_next(store) -> None:
    kept = recorder(store)
    take = store.record_health

    def fail(records) -> int:
        kept.keep([DeviceHealth(ONE, polls_due=9)])
        raise DatabaseAway("The database does not answer.")

    store.record_health = fail
    kept.keep([DeviceHealth(ONE, polls_due=1)])
    kept.write()
    store.record_health = take
    kept.write()
    assert store.health[ONE].polls_due == 9


def test_refusals_are_not_repeated_every_quarter_minute(store) -> None:
    def refuse(records) -> int:
        raise NotAllowed("The station is disabled.")

    store.record_health = refuse
    kept = recorder(store)
    kept.keep([DeviceHealth(ONE)])
    assert kept.write() == Tuning().refused_s
