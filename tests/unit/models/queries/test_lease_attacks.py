"""Leases under attack: forged times, clocks that step, sessions that freeze, programs that race."""

import threading
import time
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from models.errors import Rejected, StorageError
from models.queries.alerts import open_alerts
from models.queries.catalogue import load_thresholds
from models.queries.leases import enter_station, order_station, orders, renew, stations_now
from models.records.station import OrderKind
from tests.unit.models.queries.test_leases import Hands, devices

__all__ = ["devices"]
_NAMED = "p_device => %(d)s, p_recorded_at => %(at)s, p_quality => '{0}', p_epoch => %(e)s"
_VALUES = ", ".join(
    f"p_{metric} => '{{1}}'"
    for metric in ("temperature", "humidity", "pressure", "vibration", "power_consumption", "rpm")
)
_RECORD = (
    f"SELECT app.record_readings({_NAMED}, {_VALUES}, p_oldest => (%(at)s::timestamptz[])[1],"
    " p_newest_of => '{1}')"
)


@pytest.fixture
def station(database, devices):
    with closing(Hands(database, "Hall A")) as hands:
        hands.enter()
        yield hands


@pytest.fixture
def other(database, devices):
    with closing(Hands(database, "Hall B")) as hands:
        yield hands


@pytest.fixture
def change(database):
    def change(statement, **named):
        with database.transaction() as connection:
            return connection.execute(text(statement), named)

    return change


def waiting(database, count):
    """Wait until so many sessions wait for a lock."""
    deadline = time.monotonic() + 10
    while True:
        with database.transaction() as connection:
            found = connection.exec_driver_sql(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND datname = current_database()"
            ).scalar_one()
        if found >= count:
            return
        assert time.monotonic() < deadline, f"only {found} of {count} wait"


def in_threads(*works):
    """Start each on a thread; returns what gives their results, exceptions included."""
    results = [None] * len(works)

    def run(place, work):
        try:
            results[place] = work()
        except StorageError as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    return threads, results


# -- who is dead ----------------------------------------------------------------------------------------


def test_a_small_step_back_of_the_server_s_clock_kills_nobody(station, other, change):
    station.renew()
    other.enter()
    change(
        "UPDATE app.station_leases SET lease_until = clock_timestamp() + interval '7 s'"
        " WHERE station_id = :id",
        id=station.id,
    )
    change(
        "UPDATE app.lease_watch SET renewed_at = clock_timestamp() + interval '2 s',"
        " watching_since = '-infinity'"
    )
    assert other.held() == []


def test_after_an_outage_nobody_loses_anything_though_a_frozen_session_holds_the_watch(
    station, other, database, change
):
    station.renew()
    other.enter()
    station.die(3600)
    change("UPDATE app.lease_watch SET renewed_at = now() - interval '1 hour', watching_since = '-infinity'")
    with database.transaction() as frozen:
        frozen.exec_driver_sql("SELECT FROM app.lease_watch FOR NO KEY UPDATE")
        assert other.held() == []


def test_a_session_that_freezes_within_a_renewal_is_ended_before_its_lease_is(station):
    with station.database.transaction() as frozen:
        renew(frozen, station.incarnation, (), None, "")
        assert frozen.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar_one() == "3s"


# -- two programs of one station ------------------------------------------------------------------------


def test_two_programs_of_one_station_do_not_lock_each_other_up(station, database):
    old = station.incarnation
    threads, results = in_threads(
        lambda: station.do(lambda c: renew(c, old, (), None, "")),
        lambda: station.do(lambda c: enter_station(c, "9.9")),
    )
    with database.transaction() as held:
        held.execute(
            text("SELECT FROM app.station_leases WHERE station_id = :id FOR UPDATE"), {"id": station.id}
        )
        for number, thread in enumerate(threads, 1):
            thread.start()
            waiting(database, number)
    for thread in threads:
        thread.join()
    assert [type(result).__name__ for result in results] == ["Tenure", "StationIdentity"]


def test_a_renewal_that_had_to_wait_is_dated_when_it_was_its_turn(station, other, database, devices):
    station.renew()
    other.enter()
    threads, results = in_threads(other.renew)
    with database.transaction() as held:
        held.execute(
            text("SELECT FROM app.station_leases WHERE station_id = :id FOR UPDATE"), {"id": other.id}
        )
        threads[0].start()
        waiting(database, 1)
        station.renew(devices)
    threads[0].join()
    assert len(results[0].leases) == 5
    assert overlaps(database) == []


def overlaps(database):
    """Return leases of a device that began before the one before had ended, or ended before they began."""
    with database.transaction() as connection:
        return connection.exec_driver_sql(
            "SELECT device_id, epoch, began_at, ended_at, before FROM (SELECT *,"
            " lag(coalesce(ended_at, 'infinity')) OVER (PARTITION BY device_id ORDER BY epoch) AS before"
            " FROM app.lease_history) AS h WHERE began_at < before OR ended_at < began_at"
        ).all()


# -- what a hostile or broken station tells --------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "epoch", "ahead_s", "told"),
    [(0, 1, 0, 1), (0, 1, 100, -1), (0, 2, 0, -1), (0, None, 0, -1), (None, 1, 0, -1)],
    ids=["within", "late", "another's lease", "no lease", "no device"],
)
def test_readings_are_held_to_their_leases_whatever_the_program_says(
    station, other, devices, of, epoch, ahead_s, told
):
    tenure = station.renew()
    station.die()
    other.enter()
    assert other.held() == devices
    at = datetime.fromtimestamp(tenure.database_unix + ahead_s, UTC).isoformat()
    named = {"d": [of if of is None else devices[of]], "e": [epoch], "at": [at]}
    assert station.do(lambda c: c.exec_driver_sql(_RECORD, named).scalar_one()) == told


@pytest.mark.parametrize("at", ["infinity", "-infinity", "0044-03-15 BC", "1999-01-01"])
def test_no_alert_begins_at_a_time_that_no_window_can_show(station, database, at):
    lease = station.renew().leases[0]
    with database.transaction() as connection:
        threshold = next(one.id for one in load_thresholds(connection) if one.device == lease.device)
    found = station.do(
        lambda c: c.execute(
            text(
                "SELECT app.apply_finding('raised', :d, :t, 'warning', CAST(:at AS timestamptz), 1, 1, '',"
                " :e)"
            ),
            {"d": lease.device, "t": threshold, "at": at, "e": lease.epoch},
        ).scalar_one()
    )
    assert not found
    with database.transaction() as connection:
        assert open_alerts(connection) == []


@pytest.mark.parametrize("at", ["infinity", "-infinity", "0044-03-15 BC", "20000-01-01"])
def test_no_device_was_seen_at_a_time_that_no_window_can_show(station, at):
    lease = station.renew().leases[0]
    station.do(
        lambda c: c.execute(
            text(
                "SELECT app.record_device_states(ARRAY[:d], '{online}', ARRAY[''],"
                " ARRAY[CAST(:at AS timestamptz)], ARRAY[:e])"
            ),
            {"d": lease.device, "at": at, "e": lease.epoch},
        )
    )
    seen = text("SELECT status, last_seen FROM app.devices WHERE id = :d")
    assert station.do(lambda c: tuple(c.execute(seen, {"d": lease.device}).one())) == ("online", None)


def test_a_report_of_any_size_costs_windows_nothing(station):
    station.do(
        lambda c: c.execute(
            text(
                "SELECT app.renew_lease(:i, '{}', jsonb_build_object('x',"
                " (SELECT string_agg(md5(n::text), '') FROM generate_series(1, 100000) AS n)), '')"
            ),
            {"i": station.incarnation},
        )
    )
    assert station.do(stations_now)[0].report is None
    assert (
        station.do(lambda c: c.exec_driver_sql("SELECT report FROM app.station_leases").scalar_one()) is None
    )


def test_a_report_that_is_nested_deeper_than_anybody_reads_is_no_report(station):
    deep = '{"x":' + "[" * 3000 + "]" * 3000 + "}"
    station.do(
        lambda c: c.execute(
            text("SELECT app.renew_lease(:i, '{}', CAST(:deep AS jsonb), '')"),
            {"i": station.incarnation, "deep": deep},
        )
    )
    assert station.do(stations_now)[0].report is None


# -- what administrators ask ------------------------------------------------------------------------------


def test_an_order_that_nobody_took_is_over_when_the_station_is_started_anew(station, database):
    station.renew()
    with database.transaction() as connection:
        order_station(connection, station.id, OrderKind.DRILL, 60.0)
    station.enter()
    assert not station.renew().has_order
    assert "started anew" in station.do(lambda connection: orders(connection, 1))[0].outcome


@pytest.mark.parametrize("amount", ["NaN", "Infinity", None, -1])
def test_a_drill_of_no_length_is_refused(station, database, amount):
    station.renew()
    with pytest.raises(Rejected), database.transaction() as connection:
        order_station(connection, station.id, OrderKind.DRILL, amount if amount is None else float(amount))
