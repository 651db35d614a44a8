"""What back-tests read: bounds of minutes that are surely true, and readings of chosen spans."""

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy import text

from models.metrics import METRIC_COUNT
from models.queries.alerts import acknowledge, apply_transitions, open_alerts
from models.queries.back_test_samples import (
    Column,
    acted_on_alerts,
    minute_bounds,
    recorded_count,
    samples,
    spans_of_minutes,
)
from models.queries.catalogue import current_person
from models.queries.readings import insert_readings
from models.records.alert import Transition, TransitionKind
from models.records.reading import Reading
from models.records.threshold import Severity
from models.upkeep.rollups import refresh_rollups

MINUTE = 60.0


@pytest.fixture
def long_ago() -> float:
    """A full minute, two hours ago."""
    return (datetime.now(UTC).timestamp() // MINUTE - 120) * MINUTE


def temperatures(of: int, *pairs: tuple[float, float | None]) -> list[Reading]:
    rest = (None,) * (METRIC_COUNT - 1)
    return [Reading(of, at, (value, *rest), int(value is None)) for at, value in pairs]  # type: ignore[arg-type]


def test_bounds_tell_values_from_silence_and_from_what_is_not_known(connection, stored_device, long_ago):
    first = temperatures(
        stored_device.id,
        (long_ago + 1, 20.0),
        (long_ago + 2, 30.0),
        (long_ago + 61, None),
        (long_ago + 181, 5.0),
    )
    insert_readings(connection, first)
    refresh_rollups(connection)
    insert_readings(connection, temperatures(stored_device.id, (long_ago + 182, 6.0)))  # late: marked
    bounds = minute_bounds(connection, stored_device.id, "temperature", long_ago, long_ago + 240)
    assert bounds.first == long_ago / MINUTE
    np.testing.assert_array_equal(bounds.low, [20.0, math.inf, math.inf, math.nan])
    np.testing.assert_array_equal(bounds.high, [30.0, -math.inf, -math.inf, math.nan])
    assert bounds.is_blank.tolist() == [False, False, True, False]


def test_minutes_that_are_not_condensed_yet_are_not_known(connection, stored_device, long_ago):
    connection.execute(
        text("UPDATE app.rollup_progress SET rolled_before = to_timestamp(:at)"), {"at": long_ago + 60}
    )
    bounds = minute_bounds(connection, stored_device.id, "temperature", long_ago, long_ago + 180)
    assert np.isnan(bounds.low).tolist() == [False, True, True]
    assert bounds.is_blank.tolist() == [True, False, False]


def test_a_period_that_begins_within_a_minute_includes_that_minute(connection, stored_device, long_ago):
    bounds = minute_bounds(connection, stored_device.id, "temperature", long_ago + 59.5, long_ago + 60.5)
    assert (bounds.first, len(bounds.low)) == (long_ago / MINUTE, 2)


def test_samples_come_of_the_chosen_spans_only_in_order_and_without_bad_values(
    connection, stored_device, long_ago
):
    pairs = [(long_ago + second, float(second)) for second in range(300)]
    insert_readings(connection, temperatures(stored_device.id, *pairs, (long_ago + 300, None)))
    since, until = np.array([long_ago + 10, long_ago + 298]), np.array([long_ago + 12, long_ago + 301])
    times, values = samples(connection, stored_device.id, "temperature", Column.VALUE, since, until)
    assert (times - long_ago).tolist() == [10.0, 11.0, 298.0, 299.0, 300.0]
    np.testing.assert_array_equal(values, [10.0, 11.0, 298.0, 299.0, math.nan])
    quality = samples(connection, stored_device.id, "temperature", Column.QUALITY, since, until)[1]
    assert quality.tolist() == [0.0, 0.0, 0.0, 0.0, 1.0]
    presence = samples(connection, stored_device.id, "", Column.PRESENCE, since, until)[1]
    assert presence.tolist() == [0.0] * 5
    of_humidity = samples(connection, stored_device.id, "humidity", Column.QUALITY, since, until)[1]
    assert np.isnan(of_humidity).all()


def test_spans_join_minutes_side_by_side_and_end_with_the_period():
    begins, ends = spans_of_minutes([10, 11, 13], 605.0, 830.0)
    assert (begins.tolist(), ends.tolist()) == ([605.0, 780.0], [720.0, 830.0])


def test_alerts_that_a_person_handled_are_told_from_those_that_came_and_went(
    connection, stored_threshold, long_ago
):
    known = stored_threshold

    def found(kind: TransitionKind, at: float) -> Transition:
        return Transition(kind, known.device, known.id, Severity.WARNING, at, 80.0, 70.0, "hot")

    raised, cleared = TransitionKind.RAISED, TransitionKind.CLEARED
    apply_transitions(connection, [found(raised, long_ago), found(cleared, long_ago + 60)])
    acknowledge(connection, [open_alerts(connection)[0].id], current_person(connection))
    apply_transitions(
        connection,
        [found(raised, long_ago + 120), found(cleared, long_ago + 180), found(raised, long_ago + 240)],
    )
    period = long_ago - 1.0, long_ago + 600.0
    assert recorded_count(connection, known.id, *period) == 3
    assert [alert.triggered_at.timestamp() for alert in acted_on_alerts(connection, known.id, *period)] == [
        long_ago
    ]
    assert recorded_count(connection, known.id, long_ago + 100.0, long_ago + 200.0) == 1
