"""What comes late, twice, or by a clock that was put back: nothing lost, nothing raised twice, order kept."""

import time

import pytest

from tests.unit.models.queries.alarm_parts import T0

HOUR = 3600.0
FACTS = """
SELECT status, cleared_at IS NULL, extract(epoch FROM triggered_at)::float8
FROM app.alerts WHERE threshold_id = :threshold ORDER BY id
"""
LINES = """
SELECT kind, extract(epoch FROM at)::float8 FROM app.alert_events WHERE threshold_id = :threshold
ORDER BY at, id
"""


@pytest.fixture
def alarm(plant):
    return plant.alarm()


@pytest.fixture
def other(plant):
    """Another station."""
    return plant.add_station()


def seconds(alarm):
    """The journal, by when things happened: kind and seconds after T0."""
    return [(kind, round(at - T0, 3)) for kind, at in alarm.rows(LINES)]


def test_what_a_station_kept_while_the_database_was_away_arrives_in_order_with_its_own_times(plant, alarm):
    kept = [alarm.finding(kind, at) for kind, at in (("raised", 10), ("cleared", 20), ("raised", 30))]
    assert plant.tell(plant.station, *kept) == 3
    assert seconds(alarm) == [("raised", 10), ("cleared", 20), ("reoccurred", 30)]
    assert alarm.rows(FACTS) == [("active", True, T0 + 10)]


def test_a_queue_that_is_told_again_from_further_up_changes_nothing(plant, alarm):
    queue = [alarm.finding(kind, at) for kind, at in (("raised", 1), ("cleared", 2), ("raised", 3))]
    plant.tell(plant.station, *queue)
    before = alarm.rows(FACTS), alarm.journal()
    assert plant.tell(plant.station, *queue) == 0
    assert (alarm.rows(FACTS), alarm.journal()) == before


def test_what_meant_nothing_the_first_time_means_nothing_the_second(plant, alarm):
    """An end without a beginning, then the beginning: told again, the end must not end it."""
    queue = [alarm.finding("cleared", 1), alarm.finding("raised", 2)]
    assert plant.tell(plant.station, *queue) == 1
    assert plant.tell(plant.station, *queue) == 0
    assert alarm.rows(FACTS) == [("active", True, T0 + 2)]


def test_the_same_again_from_a_clock_that_runs_ahead_changes_nothing(plant, alarm):
    ahead = (time.time() + HOUR - T0, time.time() + HOUR + 1 - T0)
    queue = [alarm.finding("raised", ahead[0]), alarm.finding("cleared", ahead[1])]
    plant.tell(plant.station, *queue)
    assert plant.tell(plant.station, *queue) == 0
    assert alarm.journal() == ["raised", "cleared"]


def test_an_old_end_told_late_by_another_station_leaves_alone_what_stands(plant, alarm, other):
    """One station was cut off and lost its devices to another, which found the condition anew."""
    alarm.tell("raised", 50, other)
    late = [alarm.finding("raised", 10), alarm.finding("cleared", 20)]
    plant.tell(plant.station, *late)
    assert alarm.rows(FACTS) == [("active", True, T0 + 50)]


def test_what_was_before_the_episode_is_noted_in_its_journal_at_its_own_time(plant, alarm, other):
    alarm.tell("raised", 50, other)
    plant.tell(plant.station, alarm.finding("raised", 10), alarm.finding("cleared", 20))
    assert seconds(alarm) == [("raised", 10), ("cleared", 20), ("raised", 50)]
    annunciated = "SELECT count(*) FROM app.alert_events WHERE threshold_id = :threshold AND is_annunciated"
    assert alarm.value(annunciated) == 1


def test_a_late_end_within_what_another_station_told_changes_nothing(plant, alarm, other):
    alarm.tell("raised", 10, other)
    alarm.tell("cleared", 20, other)
    alarm.tell("raised", 30, other)
    assert alarm.tell("cleared", 25, plant.station) == 0
    assert seconds(alarm) == [("raised", 10), ("cleared", 20), ("reoccurred", 30)]


def test_a_station_that_takes_over_ends_what_another_found(plant, alarm, other):
    alarm.tell("raised", 10, other)
    assert alarm.tell("cleared", 20, plant.station) == 1
    assert alarm.rows(FACTS) == [("active", False, T0 + 10)]


def test_a_whole_episode_told_late_is_an_alert_that_has_returned(plant, alarm):
    plant.tell(plant.station, alarm.finding("raised", 10), alarm.finding("cleared", 20))
    assert alarm.rows(FACTS) == [("active", False, T0 + 10)]


def test_after_a_stations_clock_was_put_back_its_findings_still_count_and_keep_their_order(plant, alarm):
    alarm.tell("raised", 2 * HOUR)
    assert alarm.tell("cleared", HOUR) == 1
    assert alarm.tell("raised", HOUR + 1) == 1
    assert [kind for kind, _at in seconds(alarm)] == ["raised", "cleared", "reoccurred"]
    assert alarm.rows(FACTS) == [("active", True, T0 + 2 * HOUR)]


def test_a_new_alert_comes_up_after_the_clock_was_put_back(plant, alarm):
    alarm.tell("raised", 2 * HOUR)
    alarm.tell("cleared", 2 * HOUR + 1)
    alarm.acknowledge()
    assert alarm.tell("raised", HOUR) == 1
    assert len(alarm.alerts()) == 1


def test_what_was_found_before_the_threshold_went_out_of_service_is_kept_and_what_after_is_not(plant, alarm):
    now = time.time() - T0
    with alarm.owner() as connection:
        connection.exec_driver_sql(
            f"UPDATE app.alert_thresholds SET enabled = false WHERE id = {alarm.threshold}"
        )
    assert alarm.tell("raised", now + 60) == 0
    assert alarm.tell("raised", now - 60) == 1
    assert alarm.tell("cleared", now - 30) == 1


def test_an_inbox_forgets_what_nobody_could_tell_again(plant, alarm):
    alarm.tell("raised", 1)
    with alarm.owner() as connection:
        connection.exec_driver_sql("UPDATE app.alert_inbox SET came_at = came_at - interval '31 days'")
    alarm.pass_time()
    assert alarm.value("SELECT count(*) FROM app.alert_inbox WHERE threshold_id = :threshold") == 0
    assert alarm.tell("raised", 1) == 0, "the journal still knows"


def test_a_value_that_oscillates_on_its_limit_makes_one_alert_and_a_line_for_each_turn(plant, alarm):
    turns = [alarm.finding("raised" if place % 2 == 0 else "cleared", 10 + place) for place in range(400)]
    assert plant.tell(plant.station, *turns) == len(turns)
    assert alarm.rows(FACTS) == [("active", False, T0 + 10)]
    assert len(alarm.journal()) == len(turns)
