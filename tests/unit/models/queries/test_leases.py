"""Each device in the hands of one station: shared out, kept, given back, taken over, and held to."""

import itertools
import time
from contextlib import closing
from datetime import UTC, datetime

import pytest
from msgspec import structs
from sqlalchemy import text

from models.errors import LeaseLost, NotAllowed, Rejected
from models.queries.alerts import apply_transitions, open_alerts
from models.queries.catalogue import import_devices, load_devices, load_thresholds
from models.queries.device_states import write_states
from models.queries.leases import (
    assign_devices,
    chosen_stations,
    drain_station,
    end_order,
    enter_station,
    lease_history,
    lease_holders,
    leases_now,
    leave_station,
    order_station,
    orders,
    renew,
    stations_now,
    take_order,
    withdraw_order,
)
from models.queries.readings import Stored, record_readings
from models.queries.signals import add_signals
from models.records.alert import Transition, TransitionKind
from models.records.device import DeviceState, DeviceStatus
from models.records.device_entry import DeviceEntry
from models.records.lease import Peer
from models.records.signal import Signal, SignalSample
from models.records.station import OrderKind, StationReport
from models.records.threshold import Severity

_NUMBERS = itertools.count(1)
REPORT = StationReport(1, 2, 3, 3, 0, 0, 0, 3, "live", 1.7e9, spooled=7)


class Hands:
    """One station at work, on a login of its own."""

    def __init__(self, owner, name):
        login = f"st_leases_{next(_NUMBERS)}"
        with owner.transaction() as connection:
            connection.exec_driver_sql(f"CREATE ROLE {login} LOGIN PASSWORD 'hands' IN ROLE console_station")
            self.id = connection.execute(
                text("INSERT INTO app.stations (name, db_role) VALUES (:name, :login) RETURNING id"),
                {"name": name, "login": login},
            ).scalar_one()
        self.owner, self.login = owner, login
        self.database = owner.with_login(login, "hands", name)
        self.incarnation = 0

    def enter(self):
        self.incarnation = self.do(lambda connection: enter_station(connection, "9.9")).incarnation

    def do(self, ask):
        with self.database.transaction() as connection:
            return ask(connection)

    def renew(self, released=(), known=()):
        return self.do(lambda c: renew(c, self.incarnation, released, REPORT, "127.0.0.1:9", known))

    def held(self):
        return [lease.device for lease in self.renew().leases]

    def die(self, seconds=6):
        """Be silent for so long, while others went on."""
        with self.owner.transaction() as connection:
            connection.execute(
                text(
                    "UPDATE app.station_leases SET lease_until = clock_timestamp() + interval '5 s'"
                    " - make_interval(secs => :s) WHERE station_id = :id"
                ),
                {"s": seconds, "id": self.id},
            )
            connection.exec_driver_sql(
                "UPDATE app.lease_watch SET renewed_at = clock_timestamp(),"
                " watching_since = clock_timestamp() - interval '1 hour'"
            )

    def close(self):
        self.database.close()
        with self.owner.transaction() as connection:
            connection.exec_driver_sql(f"DROP OWNED BY {self.login}; DROP ROLE {self.login}")


@pytest.fixture
def devices(database, make):
    with database.transaction() as connection:
        entries = [DeviceEntry(make.device(f"D{number}"), (make.threshold(),)) for number in range(10)]
        import_devices(connection, entries)
        return [device.id for device in load_devices(connection)]


@pytest.fixture
def station(database, devices):
    with closing(Hands(database, "Hall A")) as hands:
        hands.enter()
        yield hands


@pytest.fixture
def other(database, devices):
    with closing(Hands(database, "Hall B")) as hands:
        yield hands


def balance(*stations):
    """Renew until nobody has more than its share; what is surplus is released as a station would."""
    surplus = {each: [] for each in stations}
    for _ in range(3):
        for each in stations:
            tenure = each.renew(surplus[each])
            surplus[each] = [lease.device for lease in tenure.leases if lease.is_surplus]
    return [each.held() for each in stations]


def test_the_only_station_takes_everything(station, devices):
    assert station.held() == devices
    assert station.renew().peers == ()


def test_a_second_station_gets_its_half_only_once_the_first_has_let_go(station, other, devices):
    station.renew()
    other.enter()
    assert other.held() == []
    assert len([lease for lease in station.renew().leases if lease.is_surplus]) == 5
    ours, theirs = balance(station, other)
    assert (len(ours), len(theirs), sorted([*ours, *theirs])) == (5, 5, devices)


def test_devices_of_a_dead_station_are_taken_over_under_new_epochs(station, other, devices):
    before = {lease.device: lease.epoch for lease in station.renew().leases}
    other.enter()
    station.die()
    after = {lease.device: lease.epoch for lease in other.renew().leases}
    assert after == {device: epoch + 1 for device, epoch in before.items()}
    assert station.held() == []
    assert other.do(lease_holders) == dict.fromkeys(devices, other.id)


def test_a_station_that_is_late_but_within_its_lease_keeps_everything(station, other, devices):
    station.renew()
    other.enter()
    station.die(4)
    assert other.held() == []
    assert station.held() == devices


def test_after_an_outage_of_the_database_nobody_loses_anything(station, other, database, devices):
    station.renew()
    other.enter()
    station.die(3600)
    with database.transaction() as connection:
        connection.exec_driver_sql("UPDATE app.lease_watch SET renewed_at = now() - interval '1 hour'")
    assert other.held() == []
    assert station.held() == devices


def test_a_clock_of_the_server_that_was_put_back_neither_kills_nor_saves_anybody(
    station, other, database, devices
):
    station.renew()
    other.enter()
    with database.transaction() as connection:
        connection.exec_driver_sql(
            "UPDATE app.station_leases SET lease_until = now() + interval '1 hour';"
            "UPDATE app.lease_watch SET renewed_at = now() + interval '1 hour', watching_since = '-infinity'"
        )
    assert other.held() == []
    assert [(one.name, one.is_alive) for one in other.do(stations_now)] == [
        ("Hall A", False),
        ("Hall B", True),
    ]
    with database.transaction() as connection:
        connection.exec_driver_sql("UPDATE app.lease_watch SET watching_since = now() - interval '6 s'")
    assert other.held() == devices


def test_a_new_start_keeps_its_devices_and_shuts_the_old_one_out(station, database, devices):
    old, epochs = station.incarnation, {lease.device: lease.epoch for lease in station.renew().leases}
    station.enter()
    assert {lease.device: lease.epoch for lease in station.renew().leases} == {
        device: epoch + 1 for device, epoch in epochs.items()
    }
    with pytest.raises(LeaseLost):
        station.do(lambda connection: renew(connection, old, (), None, ""))


def test_a_station_that_leaves_gives_everything_back_at_once(station, other, devices):
    station.renew()
    other.enter()
    station.do(lambda connection: leave_station(connection, station.incarnation - 1))
    assert other.held() == []
    station.do(lambda connection: leave_station(connection, station.incarnation))
    assert other.held() == devices
    assert [span.ended_at is None for span in other.do(lambda c: lease_history(c, devices[0]))] == [
        True,
        False,
    ]


def test_a_disabled_station_is_refused(station, database):
    with database.transaction() as connection:
        connection.exec_driver_sql("UPDATE app.stations SET is_enabled = false")
    with pytest.raises(NotAllowed):
        station.renew()


def test_chosen_devices_go_to_their_station_while_it_lives(station, other, database, devices):
    other.enter()
    with database.transaction() as connection:
        assert assign_devices(connection, devices[:8], other.id) == 8
        assert chosen_stations(connection) == dict.fromkeys(devices[:8], other.id)
    ours, theirs = balance(station, other)
    assert (len(ours), len(theirs)) == (1, 9)
    assert set(devices[:8]) <= set(theirs)
    other.die()
    assert station.held() == devices
    with database.transaction() as connection:
        assign_devices(connection, devices, None)
    other.renew()
    assert [len(some) for some in balance(station, other)] == [5, 5]


def test_a_draining_station_gives_everything_away_unless_nobody_else_can_take_it(
    station, other, database, devices
):
    station.renew()
    with database.transaction() as connection:
        drain_station(connection, station.id, is_draining=True)
    assert station.held() == devices
    other.enter()
    assert balance(station, other) == [[], devices]
    with database.transaction() as connection:
        drain_station(connection, station.id, is_draining=False)
    assert [len(some) for some in balance(station, other)] == [5, 5]


def test_two_stations_that_renew_at_once_never_hold_the_same_device(station, other, devices):
    station.renew()
    other.enter()
    station.die()
    with station.database.transaction() as one:
        renew(one, station.incarnation, devices[:5], None, "")
        assert [len(other.held()) for _ in range(2)] == [0, 0]
    held = [*station.held(), *other.held()]
    assert sorted(held) == sorted(set(held))


def test_a_frozen_renewal_keeps_nobody_else_from_renewing(station, other):
    other.enter()
    with station.database.transaction() as frozen:
        renew(frozen, station.incarnation, (), None, "")
        began = time.monotonic()
        other.renew()
        assert time.monotonic() - began < 2


def test_peers_are_the_others_that_live(station, other):
    other.enter()
    other.renew()
    assert station.renew().peers == (Peer(other.id, "Hall B", "127.0.0.1:9"),)
    other.die()
    assert station.renew().peers == ()


def test_the_key_of_witnesses_is_the_site_s(station, other):
    other.enter()
    key = station.renew().witness_key
    assert (len(key), other.renew().witness_key) == (32, key)


# -- what a station tells -------------------------------------------------------------------------------


def readings(make, tenure, *ages_s):
    now = tenure.database_unix
    return [
        make.reading(lease.device, now - age, epoch=lease.epoch) for lease in tenure.leases for age in ages_s
    ]


def test_readings_of_a_lease_are_stored_once_and_name_it(station, make, database):
    tenure = station.renew()
    batch = readings(make, tenure, 2.0, 1.0)
    assert station.do(lambda connection: record_readings(connection, batch)) == Stored(20)
    assert station.do(lambda connection: record_readings(connection, batch)) == Stored(0)
    with database.transaction() as connection:
        named = connection.exec_driver_sql("SELECT DISTINCT station_id, epoch FROM app.sensor_readings").all()
    assert [tuple(row) for row in named] == [(station.id, 1)]


def test_late_readings_are_welcome_if_they_were_taken_within_their_lease(station, other, make, devices):
    tenure = station.renew()
    other.enter()
    station.die()
    other.renew()
    before = readings(make, tenure, 1.0, 0.5)
    after = readings(make, tenure, -1.5, -2.0)
    told = station.do(lambda connection: record_readings(connection, [*before, *after]))
    assert told == Stored(20, fenced=20)


def test_signals_are_held_to_the_lease_of_their_reading(station, other, make, database):
    tenure = station.renew()
    with database.transaction() as connection:
        signal = Signal("flow", "Flow", "m³/h", 1, (0.0, 500.0), (0.0, 50.0))
        [flow] = add_signals(connection, [signal])
    other.enter()
    station.die()
    other.renew()
    batch = [
        structs.replace(one, signals=(SignalSample(flow.id, 5.0),))
        for one in readings(make, tenure, 1.0, -2.0)
    ]
    told = station.do(lambda connection: record_readings(connection, batch))
    assert told == Stored(10, fenced=10)
    with database.transaction() as connection:
        stored = connection.exec_driver_sql(
            "SELECT count(*), count(*) FILTER (WHERE recorded_at > now() + interval '1 second') "
            "FROM app.signal_readings"
        ).one()
    assert tuple(stored) == (10, 0)


def test_readings_without_a_lease_are_not_stored(station, make, devices):
    station.renew()
    batch = [make.reading(devices[0], time.time()), make.reading(devices[1], time.time(), epoch=9)]
    assert station.do(lambda connection: record_readings(connection, batch)) == Stored(0, fenced=2)


def test_a_stale_station_s_alerts_and_status_are_refused(station, other, database, devices):
    stale = station.renew().leases[0]
    other.enter()
    station.die()
    fresh = {lease.device: lease.epoch for lease in other.renew().leases}
    with database.transaction() as connection:
        threshold = next(one.id for one in load_thresholds(connection) if one.device == stale.device)

    late = Transition(
        *(TransitionKind.RAISED, stale.device, threshold, Severity.WARNING, time.time() + 2, 1.0, 1.0, "hot"),
        stale.epoch,
    )
    state = DeviceState(stale.device, DeviceStatus.ERROR, "stale", datetime.now(UTC))
    station.do(lambda connection: apply_transitions(connection, [late]))
    station.do(lambda connection: write_states(connection, [state], {stale.device: stale.epoch}))
    with database.transaction() as connection:
        assert open_alerts(connection) == []
    assert {device.status for device in station.do(load_devices)} == {DeviceStatus.OFFLINE}
    other.do(lambda connection: write_states(connection, [state], fresh))
    assert other.do(load_devices)[0].status is DeviceStatus.ERROR


def test_episodes_of_devices_it_did_not_know_come_with_the_renewal(station, database, devices):
    station.renew()
    with database.transaction() as connection:
        one = load_thresholds(connection)[0]
        apply_transitions(
            connection,
            [
                Transition(
                    TransitionKind.RAISED, one.device, one.id, one.severity, time.time(), 1.0, 1.0, "hot"
                )
            ],
        )
    assert [episode.device for episode in station.renew().episodes] == [one.device]
    assert station.renew(known=devices).episodes == ()


# -- what people see and ask ----------------------------------------------------------------------------


def test_everybody_sees_which_station_does_what(station, other, devices):
    station.renew()
    other.enter()
    other.die()
    one, two = station.do(stations_now)
    assert (one.name, one.is_alive, one.devices, one.report, one.version) == (
        "Hall A",
        True,
        10,
        REPORT,
        "9.9",
    )
    assert (two.name, two.is_alive, two.devices, two.report) == ("Hall B", False, 0, None)
    assert [span.device for span in station.do(leases_now)] == devices


def test_history_says_who_had_a_device_and_when(station, other, devices, make):
    station.renew()
    batch = readings(make, station.renew(), 0.0)
    station.do(lambda connection: record_readings(connection, batch))
    other.enter()
    station.die()
    other.renew()
    now, before = other.do(lambda connection: lease_history(connection, devices[0]))
    assert (now.station_name, now.ended_at, before.station_name) == ("Hall B", None, "Hall A")
    assert before.ended_at == now.began_at
    assert before.last_reading_at.timestamp() == pytest.approx(batch[0].recorded_unix, abs=1e-5)
    assert {span.last_reading_at for span in other.do(lease_history)} == {None}


def test_an_order_is_taken_once_and_its_outcome_kept(station, database):
    station.renew()
    with database.transaction() as connection:
        number = order_station(connection, station.id, OrderKind.DRILL, 60.0)
    assert station.renew().has_order
    assert not station.do(stations_now)[0].is_in_drill
    taken = station.do(take_order)
    assert (taken.id, taken.kind, taken.amount_s) == (number, OrderKind.DRILL, 60.0)
    assert station.do(take_order) is None
    told = station.do(stations_now)[0]
    assert (told.order, told.is_in_drill) == ("drill", True)
    with pytest.raises(Rejected, match="still busy"), database.transaction() as connection:
        order_station(connection, station.id, OrderKind.DRILL, 60.0)
    station.do(lambda connection: end_order(connection, number, "All went well."))
    (done,) = station.do(lambda connection: orders(connection, 5))
    assert (done.outcome, done.ended_at is None, station.renew().has_order) == (
        "All went well.",
        False,
        False,
    )


def test_an_order_can_be_withdrawn_until_the_station_begins(station, database):
    station.renew()
    with database.transaction() as connection:
        withdraw_order(connection, order_station(connection, station.id, OrderKind.DRILL, 60.0))
    assert station.do(take_order) is None
    assert not station.renew().has_order
    with database.transaction() as connection:
        begun = order_station(connection, station.id, OrderKind.DRILL, 60.0)
    assert station.do(take_order).id == begun
    with pytest.raises(Rejected, match="has begun"), database.transaction() as connection:
        withdraw_order(connection, begun)
    _, withdrawn = station.do(lambda connection: orders(connection, 5))
    assert withdrawn.outcome == "Withdrawn before the station began."


def test_an_order_that_a_crash_cut_short_says_so(station, database):
    station.renew()
    with database.transaction() as connection:
        order_station(connection, station.id, OrderKind.DRILL, 60.0)
    station.do(take_order)
    station.enter()
    assert "started anew" in station.do(lambda connection: orders(connection, 1))[0].outcome


def test_nothing_is_asked_of_a_station_that_is_dead(station, database):
    station.renew()
    station.die()
    with pytest.raises(Rejected, match="no sign of life"), database.transaction() as connection:
        order_station(connection, station.id, OrderKind.DRILL, 60.0)


def test_what_was_found_of_a_removed_device_is_over(station, database, devices):
    with database.transaction() as connection:
        one = load_thresholds(connection)[0]
        at = time.time()
        found = Transition(TransitionKind.RAISED, one.device, one.id, one.severity, at, 1.0, 1.0, "hot")
        apply_transitions(connection, [found])
        connection.execute(
            text("UPDATE app.devices SET deleted_at = now() WHERE id = :id"), {"id": one.device}
        )
        standing = "SELECT count(*) FROM app.alerts WHERE status <> 'resolved' AND cleared_at IS NULL"
        assert connection.exec_driver_sql(standing).scalar_one() == 0
        last = connection.exec_driver_sql(
            "SELECT kind, comment FROM app.alert_events ORDER BY id DESC LIMIT 1"
        )
        assert tuple(last.one()) == ("cleared", "the device was removed")


def test_a_removed_device_is_nobody_s_and_a_new_one_soon_somebody_s(station, database, devices, make):
    station.renew()
    with database.transaction() as connection:
        connection.execute(
            text("UPDATE app.devices SET deleted_at = now() WHERE id = :id"), {"id": devices[0]}
        )
        import_devices(connection, [DeviceEntry(make.device("NEW"), ())])
        new = load_devices(connection)[-1].id
    assert station.held() == [*devices[1:], new]
