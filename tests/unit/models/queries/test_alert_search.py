"""Looking for alerts: filters, sorting and pages, all in the database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from models.queries.alert_search import alert_page, count_alerts
from models.queries.catalogue import import_devices, load_devices
from models.records.alert import AlertStatus
from models.records.alert_filter import AlertFilter, AlertSort
from models.records.device_entry import DeviceEntry
from models.records.threshold import Severity
from tests.unit.models.conftest import device, threshold

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
ALL = AlertFilter()


@pytest.fixture
def alerts(connection):
    """Thirty alerts of three devices, one a minute, many alike; returns nothing."""
    places = ("Hall A", "Hall B", "Yard 100%")
    entries = [
        DeviceEntry(
            replace(device(f"DRIVE-{place}"), name=f"Drive {place}", location=location), (threshold(),)
        )
        for place, location in enumerate(places)
    ]
    import_devices(connection, entries)
    connection.execute(
        text(
            """
            INSERT INTO app.alerts (device_id, threshold_id, severity, message, status, triggered_at, metric,
                                    value_at_trigger, cleared_at, resolved_at)
            SELECT t.device_id, t.id, (ARRAY['critical', 'warning', 'info'])[1 + i % 3],
                   'Speed ' || i % 4 || '_rpm is high', CASE WHEN i >= 27 THEN 'active' ELSE 'resolved' END,
                   CAST(:begin AS timestamptz) + make_interval(mins => i),
                   CASE WHEN i % 5 > 0 THEN (ARRAY['rpm', 'temperature'])[1 + i % 2] END,
                   CASE WHEN i % 7 > 0 THEN i % 6 END,
                   CASE WHEN i < 27 THEN CAST(:begin AS timestamptz) + make_interval(mins => i / 2) END,
                   CASE WHEN i < 27 THEN CAST(:begin AS timestamptz) + make_interval(mins => i / 3) END
            FROM generate_series(0, 29) AS i
            JOIN (SELECT id, device_id, row_number() OVER (ORDER BY id) - 1 AS place
                  FROM app.alert_thresholds) AS t ON t.place = i % 3
            """
        ),
        {"begin": BEGIN},
    )


def minutes(found):
    return [round((alert.triggered_at - BEGIN).total_seconds() / 60) for alert in found]


def find(connection, chosen=ALL, sort=AlertSort.TRIGGERED, *, descending=False):
    return alert_page(connection, chosen, sort, descending=descending, limit=100)


@pytest.mark.parametrize(
    ("chosen", "wanted"),
    [
        (AlertFilter(severities=frozenset({Severity.CRITICAL})), range(0, 30, 3)),
        (AlertFilter(statuses=frozenset({AlertStatus.ACTIVE, AlertStatus.ACKNOWLEDGED})), range(27, 30)),
        (AlertFilter(location="Hall B"), range(1, 30, 3)),
        (AlertFilter(metric="rpm"), [i for i in range(0, 30, 2) if i % 5]),
        (AlertFilter(since=BEGIN + timedelta(minutes=10)), range(10, 30)),
        (AlertFilter(until=BEGIN + timedelta(minutes=10)), range(10)),
        (AlertFilter(text="  drive 2 "), range(2, 30, 3)),
        (AlertFilter(text="drive-2"), range(2, 30, 3)),
        (AlertFilter(text="HALL b"), range(1, 30, 3)),
        (AlertFilter(text="speed 3"), range(3, 30, 4)),
        (AlertFilter(text="0%"), range(2, 30, 3)),
        (AlertFilter(text="3_rpm"), range(3, 30, 4)),
        (AlertFilter(text="3%rpm"), []),
        (AlertFilter(text="Dr_ve"), []),
        (AlertFilter(text="\\"), []),
        (AlertFilter(text="'; DROP TABLE app.alerts; --"), []),
        (AlertFilter(text="\0\ud800"), range(30)),
        (AlertFilter(text="drive 2", severities=frozenset({Severity.WARNING})), []),
    ],
)
def test_every_part_of_a_filter_that_is_set_must_hold(connection, alerts, chosen, wanted):
    assert minutes(find(connection, chosen)) == list(wanted)
    assert count_alerts(connection, chosen) == len(list(wanted))


def test_a_devices_alerts_are_found_by_the_device(connection, alerts):
    known = load_devices(connection)[0]
    found = find(connection, AlertFilter(device=known.id))
    assert {alert.device_name for alert in found} == {known.name}


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", AlertSort)
def test_pages_follow_one_another_without_a_gap_whatever_is_sorted_by(connection, alerts, sort, descending):
    whole = find(connection, sort=sort, descending=descending)
    paged, after = [], None
    for _page in range(5):
        paged += alert_page(connection, ALL, sort, descending=descending, limit=7, after=after)
        after = paged[-1]
    assert [alert.id for alert in paged] == [alert.id for alert in whole]
    assert len(whole) == 30
    assert alert_page(connection, ALL, sort, descending=descending, limit=7, after=after) == []


KEYS = {
    AlertSort.TRIGGERED: lambda alert: alert.triggered_at,
    AlertSort.SEVERITY: lambda alert: alert.severity.rank,
    AlertSort.STATUS: lambda alert: list(AlertStatus).index(alert.status),
    AlertSort.DEVICE: lambda alert: alert.device_name,
    AlertSort.LOCATION: lambda alert: alert.location,
    AlertSort.METRIC: lambda alert: alert.metric or "",
    AlertSort.MESSAGE: lambda alert: alert.message,
    AlertSort.VALUE: lambda alert: -1.0 if alert.value_at_trigger is None else alert.value_at_trigger,
    AlertSort.ACKNOWLEDGED: lambda _alert: 0,
    AlertSort.CLEARED: lambda alert: alert.cleared_at or datetime.min.replace(tzinfo=UTC),
    AlertSort.RESOLVED: lambda alert: alert.resolved_at or datetime.min.replace(tzinfo=UTC),
}


@pytest.mark.parametrize("sort", AlertSort)
def test_alerts_come_in_the_order_asked_for_and_equal_ones_by_number(connection, alerts, sort):
    def key(alert):
        return (KEYS[sort](alert), alert.id)

    rising = find(connection, sort=sort)
    assert rising == sorted(rising, key=key)
    assert find(connection, sort=sort, descending=True) == rising[::-1]


def test_an_engineer_finds_alerts_of_own_devices_only(plant):
    from models.records.person import Role

    engineer = plant.site.add(Role.USER)
    own, foreign = plant.alarm(owner=engineer.id), plant.alarm()
    own.tell("raised")
    foreign.tell("raised")
    with plant.site.signed_in(engineer).transaction() as connection:
        assert [alert.threshold for alert in find(connection)] == [own.threshold]
        assert count_alerts(connection, ALL) == 1


def test_the_longest_text_that_somebody_pastes_is_looked_for_in_part(connection, alerts):
    assert count_alerts(connection, AlertFilter(text="x" * 1_000_000)) == 0
