from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from models.clock_words import moment_in_words
from models.queries.alerts import (
    acknowledge,
    active_alerts,
    alert_history,
    apply_transitions,
    open_alerts,
    open_episodes,
    resolve,
)
from models.queries.catalogue import current_person, import_devices, load_devices, load_thresholds
from models.records.alert import AlertId, AlertStatus, OpenEpisode, Transition, TransitionKind
from models.records.device_entry import DeviceEntry
from models.records.threshold import Severity

T0 = 1_800_000_000.0 - 10 * 365 * 86400  # a fixed moment in the past


@pytest.fixture
def find(stored_threshold):
    """Makes a finding about the stored threshold: `find("raised", 3)` is raised three seconds after T0."""

    def make(kind, seconds, **changes):
        facts = {
            "kind": TransitionKind(kind),
            "device": stored_threshold.device,
            "threshold": stored_threshold.id,
            "severity": stored_threshold.severity,
            "at_unix": T0 + seconds,
            "value": 71.5,
            "limit": 70.0,
            "message": f"Temperature 71.5 °C is above 70.0 °C ({seconds})",
        }
        return Transition(**(facts | changes))

    return make


@pytest.fixture
def person(connection):
    return current_person(connection)


def journal(connection):
    return connection.execute(text("SELECT kind FROM app.alert_events ORDER BY id")).scalars().all()


def only(connection):
    (alert,) = alert_history(connection, 10, None)
    return alert


def test_a_raised_finding_becomes_an_active_alert_with_its_facts(connection, find, stored_device):
    assert apply_transitions(connection, [find("raised", 0)]) == 1
    (alert,) = active_alerts(connection)
    assert (alert.device, alert.device_name, alert.metric) == (
        stored_device.id,
        "Device DRIVE-01",
        "temperature",
    )
    assert (alert.value_at_trigger, alert.limit_at_trigger, alert.is_standing) == (71.5, 70.0, True)
    assert alert.triggered_at == datetime.fromtimestamp(T0, UTC)


def test_an_alert_belongs_to_the_owner_of_the_threshold_where_the_device_has_none(connection, find, person):
    apply_transitions(connection, [find("raised", 0)])
    assert (only(connection).user_id, only(connection).user_email) == (person.id, person.email)


def test_the_same_findings_again_change_nothing(connection, find):
    findings = [find("raised", 0), find("cleared", 5), find("raised", 9), find("cleared", 12)]
    assert apply_transitions(connection, findings) == 4
    before = only(connection), journal(connection)
    assert apply_transitions(connection, findings) == 0
    assert (only(connection), journal(connection)) == before


def test_raising_what_stands_changes_nothing(connection, find):
    assert apply_transitions(connection, [find("raised", 0), find("raised", 7)]) == 1
    assert only(connection).triggered_at.timestamp() == T0


def test_a_value_that_returns_unseen_leaves_the_alert_active_and_cleared(connection, find):
    apply_transitions(connection, [find("raised", 0), find("cleared", 5)])
    alert = only(connection)
    assert (alert.status, alert.is_standing, alert.cleared_at.timestamp()) == (
        AlertStatus.ACTIVE,
        False,
        T0 + 5,
    )


def test_a_condition_that_comes_back_makes_the_same_alert_stand_again(connection, find):
    apply_transitions(connection, [find("raised", 0), find("cleared", 5), find("raised", 9, value=80.0)])
    alert = only(connection)
    assert (alert.is_standing, alert.value_at_trigger, alert.triggered_at.timestamp()) == (True, 80.0, T0)
    assert journal(connection) == ["raised", "cleared", "reoccurred"]


def test_a_value_that_returns_after_acknowledgement_resolves_the_alert(connection, find, person):
    apply_transitions(connection, [find("raised", 0)])
    acknowledge(connection, [only(connection).id], person)
    apply_transitions(connection, [find("cleared", 5)])
    alert = only(connection)
    assert (alert.status, alert.resolved_at.timestamp()) == (AlertStatus.RESOLVED, T0 + 5)


def test_after_a_resolved_episode_a_new_one_begins(connection, find, person):
    apply_transitions(connection, [find("raised", 0), find("cleared", 5)])
    acknowledge(connection, [only(connection).id], person)
    assert apply_transitions(connection, [find("raised", 9)]) == 1
    statuses = [alert.status for alert in alert_history(connection, 10, None)]
    assert statuses == [AlertStatus.ACTIVE, AlertStatus.RESOLVED]


def test_a_finding_from_a_clock_that_runs_ahead_is_dated_now(connection, find):
    apply_transitions(connection, [find("raised", 100 * 365 * 86400)])
    assert only(connection).triggered_at <= datetime.now(UTC)


def test_an_alert_comes_up_even_after_the_clock_was_put_back(connection, find, person):
    apply_transitions(connection, [find("raised", 0), find("cleared", 5)])
    acknowledge(connection, [only(connection).id], person)
    assert apply_transitions(connection, [find("raised", -3600)]) == 1


def test_a_finding_about_a_removed_threshold_is_dropped_and_its_neighbours_count(connection, find):
    assert apply_transitions(connection, [find("raised", 0, threshold=4711), find("raised", 1)]) == 1


def test_no_findings_are_no_work(connection):
    assert apply_transitions(connection, []) == 0


def test_acknowledging_names_the_person_and_silences_the_alert(connection, find, person):
    apply_transitions(connection, [find("raised", 0)])
    (outcome,) = acknowledge(connection, [only(connection).id], person, "fan is being changed")
    alert = only(connection)
    assert (outcome.is_changed, outcome.text) == (True, "Acknowledged.")
    assert (alert.status, alert.acknowledged_by, active_alerts(connection)) == (
        AlertStatus.ACKNOWLEDGED,
        person.name,
        [],
    )
    comment = connection.execute(text("SELECT comment FROM app.alert_events WHERE kind = 'acknowledged'"))
    assert comment.scalar_one() == "fan is being changed"


def test_acknowledging_what_has_returned_resolves_it(connection, find, person):
    apply_transitions(connection, [find("raised", 0), find("cleared", 5)])
    (outcome,) = acknowledge(connection, [only(connection).id], person)
    assert (outcome.text, only(connection).status) == ("Resolved.", AlertStatus.RESOLVED)
    assert journal(connection) == ["raised", "cleared", "acknowledged", "resolved"]


def test_the_second_to_acknowledge_is_told_who_was_first_and_when(connection, find, person):
    apply_transitions(connection, [find("raised", 0)])
    alert = only(connection).id
    acknowledge(connection, [alert], person)
    (outcome,) = acknowledge(connection, [alert], person)
    when = moment_in_words(only(connection).acknowledged_at)
    assert (
        outcome.is_changed,
        outcome.text.startswith(f"Already acknowledged by {person.name} at {when};"),
    ) == (
        False,
        True,
    )


def test_an_alert_that_does_not_exist_is_said_to_be_missing(connection, person):
    assert acknowledge(connection, [AlertId(99)], person)[0].text == "Alert 99 does not exist."


def test_resolving_is_refused_while_the_condition_stands(connection, find, person):
    apply_transitions(connection, [find("raised", 0)])
    (outcome,) = resolve(connection, [only(connection).id], person)
    assert (outcome.is_changed, "still stands" in outcome.text) == (False, True)
    assert only(connection).status is AlertStatus.ACTIVE


def test_resolving_what_has_returned_acknowledges_it_too(connection, find, person):
    apply_transitions(connection, [find("raised", 0), find("cleared", 5)])
    (outcome,) = resolve(connection, [only(connection).id], person)
    alert = only(connection)
    assert (outcome.text, alert.status, alert.acknowledged_by) == (
        "Resolved.",
        AlertStatus.RESOLVED,
        person.name,
    )
    (again,) = resolve(connection, [alert.id], person)
    assert again.text.startswith(f"Already resolved by {person.name} at ")


def test_an_alert_whose_threshold_was_switched_off_can_be_resolved_by_hand(connection, find, person):
    apply_transitions(connection, [find("raised", 0)])
    connection.execute(text("UPDATE app.alert_thresholds SET enabled = false"))
    assert resolve(connection, [only(connection).id], person)[0].is_changed


def test_open_alerts_come_worst_first_then_newest(connection, make):
    severities = (Severity.INFO, Severity.CRITICAL, Severity.WARNING)
    entries = [
        DeviceEntry(make.device(name), tuple(make.threshold(severity=s) for s in severities)) for name in "AB"
    ]
    import_devices(connection, entries)
    for seconds, known in enumerate(load_thresholds(connection)):
        found = Transition(
            TransitionKind.RAISED, known.device, known.id, known.severity, T0 + seconds, 1.0, 2.0, "x"
        )
        apply_transitions(connection, [found])
    newest_first = [device.id for device in reversed(load_devices(connection))]
    assert [(alert.severity, alert.device) for alert in open_alerts(connection)] == [
        (severity, device)
        for severity in (Severity.CRITICAL, Severity.WARNING, Severity.INFO)
        for device in newest_first
    ]


def test_a_station_that_starts_learns_what_is_open(connection, find, stored_threshold):
    apply_transitions(connection, [find("raised", 0), find("cleared", 5)])
    known = OpenEpisode(stored_threshold.id, stored_threshold.device, T0, is_cleared=True)
    assert open_episodes(connection) == [known]


def test_the_history_is_read_page_by_page(connection, find, person):
    for start in range(0, 30, 10):
        apply_transitions(connection, [find("raised", start), find("cleared", start + 1)])
        acknowledge(connection, [alert.id for alert in open_alerts(connection)], person)
    first = alert_history(connection, 2, None)
    second = alert_history(connection, 2, first[-1])
    assert [alert.triggered_at.timestamp() - T0 for alert in (*first, *second)] == [20, 10, 0]


def test_alerts_of_one_moment_are_not_lost_between_two_pages(connection, stored_threshold):
    connection.execute(
        text(
            "INSERT INTO app.alerts (device_id, threshold_id, severity, message, status, triggered_at) "
            "SELECT :device, :threshold, 'info', n::text, 'resolved', '2026-01-01T00:00Z' "
            "FROM generate_series(1, 3) AS numbers (n)"
        ),
        {"device": stored_threshold.device, "threshold": stored_threshold.id},
    )
    first = alert_history(connection, 2)
    second = alert_history(connection, 2, first[-1])
    assert [alert.message for alert in (*first, *second)] == ["3", "2", "1"]


def test_the_journal_can_be_neither_changed_nor_emptied(connection, find):
    apply_transitions(connection, [find("raised", 0)])
    for statement in ("UPDATE app.alert_events SET kind = 'cleared'", "DELETE FROM app.alert_events"):
        with pytest.raises(Exception, match="append-only"), connection.begin_nested():
            connection.execute(text(statement))
