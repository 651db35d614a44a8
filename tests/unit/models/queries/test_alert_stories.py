"""How often an alert came, what is out of service, and who may occur: as an operator sees it."""

from datetime import UTC, datetime, timedelta

import pytest

from models.queries.alert_stories import alert_frequency, out_of_service, people_names
from models.records.alert_story import AlertFrequency


@pytest.fixture
def alarm(plant):
    return plant.alarm()


def often(plant, alarm, later: timedelta = timedelta()) -> AlertFrequency:
    with plant.operators.transaction() as connection:
        return alert_frequency(connection, alarm.threshold, datetime.now(UTC) + later)


def test_an_alert_that_never_came_came_no_times(plant, alarm):
    assert often(plant, alarm) == AlertFrequency(0, 0)


def test_every_beginning_counts_hidden_ones_and_those_within_one_episode_too(plant, alarm):
    for kind in ("raised", "cleared", "raised", "cleared"):
        alarm.tell(kind)
    alarm.acknowledge()
    alarm.shelve()
    alarm.tell("raised")

    assert often(plant, alarm) == AlertFrequency(3, 3)
    assert often(plant, alarm, timedelta(days=2)) == AlertFrequency(0, 3)
    assert often(plant, alarm, timedelta(days=8)) == AlertFrequency(0, 0)


def test_a_threshold_that_is_switched_off_is_out_of_service_with_its_reason(plant, alarm):
    with alarm.owner() as connection:
        connection.exec_driver_sql(
            "UPDATE app.alert_thresholds SET enabled = false, disabled_reason = 'Sensor broken' "
            f"WHERE id = {alarm.threshold}"
        )
    with plant.operators.transaction() as connection:
        found = [item for item in out_of_service(connection) if item.threshold.id == alarm.threshold]

    assert [(item.threshold.disabled_reason, item.threshold.enabled) for item in found] == [
        ("Sensor broken", False)
    ]
    assert found[0].device_name
    assert found[0].threshold.disabled_at is not None


def test_everybody_is_named_in_order(plant):
    with plant.operators.transaction() as connection:
        names = [name for _number, name in people_names(connection)]

    assert plant.operator.name in names
    assert names == sorted(names, key=str.lower)
