import time

import numpy as np
import pytest
from sqlalchemy import text

from models.metrics import METRIC_KEYS
from models.queries.history import condensed, history
from models.queries.readings import insert_readings
from models.upkeep.rollups import refresh_rollups

HOUR, DAY = 3600, 86400


@pytest.fixture
def now():
    return float(int(time.time()))


def put_every(connection, make, device, period, since, until):
    """Readings whose value is the seconds since `since`."""
    moments = np.arange(since, until, period)
    insert_readings(connection, [make.reading(device.id, at, at - since) for at in moments.tolist()])
    return moments


def roll_from(connection, moment):
    connection.execute(
        text(
            "UPDATE app.rollup_progress SET (closed_before, rolled_before, hours_before) = "
            "(SELECT at, at, at FROM to_timestamp(:at) AS at)"
        ),
        {"at": moment // HOUR * HOUR},
    )
    refresh_rollups(connection)


def test_few_readings_come_as_recorded(connection, stored_device, make, now):
    moments = put_every(connection, make, stored_device, 10, now - 600, now)
    (band,) = history(connection, stored_device.id, ["rpm"], now - 600, now, 1000)
    assert (band.step_s, band.times.tolist()) == (0.0, moments.tolist())
    assert band.low.tolist() == band.high.tolist() == band.mean.tolist() == (moments - moments[0]).tolist()


def test_many_readings_come_as_bands_of_at_most_the_points_asked_for(connection, stored_device, make, now):
    put_every(connection, make, stored_device, 1, now - 3000, now)
    (band,) = history(connection, stored_device.id, ["pressure"], now - 3000, now, 100)
    assert 90 <= len(band.times) <= 100
    assert (band.low[0], band.high[-1]) == (0, 2999)
    assert np.all((band.low <= band.mean) & (band.mean <= band.high))


@pytest.mark.parametrize(("span", "step"), [(2 * DAY, 180.0), (90 * DAY, 7200.0)])
def test_a_long_span_has_no_seam_between_rollups_and_readings(
    connection, stored_device, make, now, span, step
):
    moments = put_every(connection, make, stored_device, span // 2000, now - span, now)
    roll_from(connection, now - span)
    (band,) = history(connection, stored_device.id, ["rpm"], now - span, now, 1100)
    # Every reading counts in exactly one interval: what condensing them all here gives is what comes back.
    expected = condensed("rpm", moments, moments - moments[0], step, 1)
    assert band.step_s == step
    np.testing.assert_allclose(band.low, expected.low)
    np.testing.assert_allclose(band.high, expected.high)
    np.testing.assert_allclose(band.mean, expected.mean)
    np.testing.assert_allclose(band.times, expected.times.clip(max=now))


def test_metrics_come_in_the_order_asked_for(connection, stored_device, make, now):
    put_every(connection, make, stored_device, 60, now - DAY, now)
    wanted = list(reversed(METRIC_KEYS))
    assert [
        band.metric for band in history(connection, stored_device.id, wanted, now - DAY, now, 500)
    ] == wanted


def test_missing_values_are_a_gap_and_an_empty_span_is_empty(connection, stored_device, make, now):
    insert_readings(connection, [make.reading(stored_device.id, now - DAY / 2, None)])
    refresh_rollups(connection)
    (band,) = history(connection, stored_device.id, ["rpm"], now - DAY, now, 500)
    assert (len(band.times), bool(np.isnan(band.mean[0]))) == (1, True)
    (empty,) = history(connection, stored_device.id, ["rpm"], now - 9 * DAY, now - 8 * DAY, 500)
    assert len(empty.times) == 0


def test_condensing_ignores_missing_values_within_an_interval():
    times, values = np.array([0.0, 1.0, 2.0, 10.0]), np.array([1.0, np.nan, 3.0, np.nan])
    band = condensed("rpm", times, values, 10.0, 1)
    assert (band.low[0], band.high[0], band.mean[0], band.times[0]) == (1.0, 3.0, 2.0, 5.0)
    assert np.isnan([band.low[1], band.high[1], band.mean[1]]).all()


def test_a_metric_that_does_not_exist_is_refused_by_name(connection):
    with pytest.raises(KeyError, match="colour"):
        history(connection, 1, ["colour"], 0, 1, 10)
