"""Two at once: stations that raise the same alarm, operators who act on the same alert."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from models.clock_words import moment_in_words
from models.queries.alerts import acknowledge, apply_transitions, resolve
from models.queries.shelves import begin_maintenance, shelve
from models.records.person import Role

AT_ONCE = 3


def at_once(*acts):
    """Do several things on threads of their own that start together; return what came of each, in order."""
    together = threading.Barrier(len(acts))

    def begin(act):
        together.wait(10)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(30) for future in [pool.submit(begin, act) for act in acts]]


@pytest.fixture
def rivals(plant):
    """Two operators, each with a way of their own to the database."""
    people = [plant.site.add(Role.OPERATOR) for _ in range(2)]
    return [(person, plant.site.signed_in(person)) for person in people]


def each_does(rivals, query, *arguments, **named):
    """Every rival runs the same query at once."""

    def act(person, database):
        def run():
            with database.transaction() as connection:
                extra = (person,) if query in (acknowledge, resolve) else ()
                return query(connection, *arguments, *extra, **named)[0]

        return run

    return at_once(*(act(*rival) for rival in rivals))


def test_stations_that_race_to_raise_the_same_alarms_make_one_episode_of_each(plant):
    alarms = [plant.alarm() for _ in range(20)]
    stations = [plant.station, *(plant.add_station() for _ in range(AT_ONCE - 1))]

    def raises(station, place):
        # Each finds it a moment later than the other.
        found = [alarm.finding("raised", 100.0 + place / 10) for alarm in alarms]
        findings = plant.leased(station, found)

        def tell():
            with station.transaction() as connection:
                return apply_transitions(connection, findings)

        return tell

    changed = at_once(*(raises(station, place) for place, station in enumerate(stations)))
    assert [len(alarm.alerts()) for alarm in alarms] == [1] * len(alarms)
    assert sum(alarm.value(ANNUNCIATED) for alarm in alarms) == len(alarms)
    assert sum(changed) >= len(alarms)


ANNUNCIATED = "SELECT count(*) FROM app.alert_events WHERE threshold_id = :threshold AND is_annunciated"


def test_of_two_operators_who_acknowledge_at_once_the_second_is_told_who_was_first_and_when(plant, rivals):
    alarm = plant.alarm()
    alarm.tell("raised")
    outcomes = each_does(rivals, acknowledge, alarm.alerts())
    (loser,) = [outcome for outcome in outcomes if not outcome.is_changed]
    name, when = alarm.rows(
        "SELECT p.name, a.acknowledged_at "
        "FROM app.alerts AS a JOIN app.persons AS p ON p.id = a.acknowledged_by "
        "WHERE a.threshold_id = :threshold"
    )[0]
    assert loser.text.startswith(f"Already acknowledged by {name} at {moment_in_words(when)}; ")
    assert alarm.journal() == ["raised", "acknowledged"]


def test_of_two_operators_who_resolve_at_once_the_second_is_told_who_was_first(plant, rivals):
    alarm = plant.alarm()
    alarm.tell("raised")
    alarm.tell("cleared")
    outcomes = each_does(rivals, resolve, alarm.alerts())
    assert sorted(outcome.is_changed for outcome in outcomes) == [False, True]
    (loser,) = [outcome for outcome in outcomes if not outcome.is_changed]
    assert loser.text.startswith("Already resolved by Name")
    assert alarm.journal() == ["raised", "cleared", "acknowledged", "resolved"]


def test_of_two_operators_who_shelve_at_once_the_second_is_told_who_was_first_and_until_when(plant, rivals):
    alarm = plant.alarm()
    alarm.tell("raised")
    outcomes = each_does(rivals, shelve, [alarm.threshold], "valve", 60.0, is_one_shot=False)
    assert sorted(outcome.is_changed for outcome in outcomes) == [False, True]
    (loser,) = [outcome for outcome in outcomes if not outcome.is_changed]
    assert loser.text.startswith("Already shelved by Name")
    assert ", until " in loser.text
    assert alarm.journal() == ["raised", "shelved"]


def test_of_two_operators_who_begin_maintenance_at_once_one_follows_the_other(plant, rivals):
    alarm = plant.alarm()
    assert each_does(rivals, begin_maintenance, [alarm.device], "bearing", 60.0) == [alarm.device] * 2
    began = "SELECT count(*), count(ended_at) FROM app.device_maintenance WHERE device_id = :device"
    assert alarm.rows(began) == [(2, 1)]


def test_an_acknowledgement_of_what_another_operator_resolved_a_moment_ago_says_who_and_when(plant, rivals):
    alarm = plant.alarm()
    alarm.tell("raised")
    alarm.tell("cleared")
    alerts = alarm.alerts()
    (first, by_first), (second, by_second) = rivals
    with by_first.transaction() as connection:
        resolve(connection, alerts, first)
    with by_second.transaction() as connection:
        (outcome,) = acknowledge(connection, alerts, second)
    when = alarm.value("SELECT resolved_at FROM app.alerts WHERE threshold_id = :threshold")
    assert (outcome.is_changed, outcome.text) == (
        False,
        f"Already resolved by {first.name} at {moment_in_words(when)}.",
    )


def test_an_acknowledgement_and_the_end_of_a_condition_at_once_leave_the_alert_resolved(plant):
    alarms = [plant.alarm() for _ in range(10)]
    for alarm in alarms:
        alarm.tell("raised")
        at_once(alarm.acknowledge, lambda alarm=alarm: alarm.tell("cleared"))
    assert [alarm.alerts() for alarm in alarms] == [[]] * len(alarms)
    assert [sorted(alarm.journal()) for alarm in alarms] == [
        ["acknowledged", "cleared", "raised", "resolved"]
    ] * len(alarms)


def test_operators_who_act_on_the_same_alerts_in_different_order_do_not_wait_in_a_circle(plant, rivals):
    alarms = [plant.alarm() for _ in range(30)]
    for alarm in alarms:
        alarm.tell("raised")
    alerts = [alarm.alerts()[0] for alarm in alarms]

    def act(rival, order):
        person, database = rival

        def run():
            with database.transaction() as connection:
                return sum(outcome.is_changed for outcome in acknowledge(connection, order, person))

        return run

    assert sum(at_once(act(rivals[0], alerts), act(rivals[1], alerts[::-1]))) == len(alerts)


def test_a_shelf_that_was_set_up_while_an_alert_was_raised_hides_it_within_the_second(plant):
    """Whoever was faster: after a second's tick the alert is hidden, and was annunciated once at most."""
    alarms = [plant.alarm() for _ in range(10)]
    for alarm in alarms:
        at_once(lambda alarm=alarm: alarm.tell("raised"), alarm.shelve)
        alarm.pass_time()
    hidden = "SELECT hidden_by FROM app.alerts WHERE threshold_id = :threshold"
    assert [alarm.value(hidden) for alarm in alarms] == ["shelf"] * len(alarms)
    assert all(alarm.value(ANNUNCIATED) <= 1 for alarm in alarms)


def test_two_stations_that_notice_the_time_at_once_end_a_shelf_once(plant):
    alarm = plant.alarm()
    alarm.tell("raised")
    alarm.shelve()
    other = plant.add_station()
    with alarm.owner() as connection:
        connection.execute(
            text(
                "UPDATE app.alert_shelves SET shelved_at = shelved_at - interval '1 day', "
                "until = until - interval '1 day' WHERE threshold_id = :threshold"
            ),
            {"threshold": alarm.threshold},
        )

    def notice():
        with other.transaction() as connection:
            connection.execute(text("SELECT app.pass_time()"))

    at_once(alarm.pass_time, notice)
    assert alarm.journal() == ["raised", "shelved", "unshelved"]
