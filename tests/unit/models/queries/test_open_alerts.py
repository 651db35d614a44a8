"""Which open alerts changed: as an operator sees them, against the plain question."""

import pytest

from models.queries.alerts import acknowledge, comment, open_alerts
from models.queries.open_alerts import open_alerts_of, versions_of_open_alerts
from models.records.alert import AlertId


def versions(plant) -> dict[AlertId, tuple[int, int]]:
    with plant.operators.transaction() as connection:
        return dict(versions_of_open_alerts(connection))


@pytest.fixture
def alarm(plant):
    made = plant.alarm()
    made.tell("raised")
    yield made
    made.tell("cleared")
    with plant.operators.transaction() as connection:
        acknowledge(connection, [alert.id for alert in open_alerts(connection)], plant.operator)


def only_id(plant, alarm) -> AlertId:
    with plant.operators.transaction() as connection:
        (id,) = (alert.id for alert in open_alerts(connection) if alert.device == alarm.device)
    return id


def test_every_open_alert_has_a_version(plant, alarm):
    with plant.operators.transaction() as connection:
        assert versions(plant).keys() == {alert.id for alert in open_alerts(connection)}


def test_nothing_happened_is_the_same_version(plant, alarm):
    assert versions(plant) == versions(plant)


def test_what_a_station_or_a_person_does_is_another_version(plant, alarm):
    id = only_id(plant, alarm)
    seen = [versions(plant)[id]]
    for change in (
        lambda connection: comment(connection, [id], "Looked at it"),
        lambda connection: acknowledge(connection, [id], plant.operator),
    ):
        with plant.operators.transaction() as connection:
            change(connection)
        seen.append(versions(plant)[id])
    assert len(set(seen)) == 3


def test_a_change_that_no_journal_tells_of_is_another_version(plant, alarm):
    id = only_id(plant, alarm)
    before = versions(plant)[id]
    alarm.value("UPDATE app.alerts SET message = 'Another word' WHERE device_id = :device RETURNING id")
    assert versions(plant)[id] != before


def test_an_alert_that_is_over_is_not_among_them(plant, alarm):
    id = only_id(plant, alarm)
    alarm.tell("cleared")
    with plant.operators.transaction() as connection:
        acknowledge(connection, [id], plant.operator)
        assert open_alerts_of(connection, [id]) == []
    assert id not in versions(plant)


def test_alerts_by_their_number_are_as_the_plain_question_tells_them(plant, alarm):
    with plant.operators.transaction() as connection:
        plain = {alert.id: alert for alert in open_alerts(connection)}
        assert {alert.id: alert for alert in open_alerts_of(connection, list(plain))} == plain
