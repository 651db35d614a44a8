import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from models.clock_words import moment_in_words
from models.errors import AlreadyDone, NotAllowed, Rejected
from models.queries.alerts import apply_transitions, open_alerts
from models.queries.catalogue import current_person, import_devices
from models.queries.thresholds import (
    change_thresholds,
    possible_owners,
    recorded_episodes,
    threshold_entries,
)
from models.records.alert import Transition, TransitionKind
from models.records.device_entry import DeviceEntry
from models.records.person import Role
from models.records.threshold import DEVICE_METRIC, Guidance, RuleKind, Severity
from models.records.threshold_entry import RecordedEpisode, ThresholdEdit

NOW = datetime.now(UTC)


@pytest.fixture
def person(connection):
    return current_person(connection)


@pytest.fixture
def entry(connection, stored_threshold):
    (found,) = threshold_entries(connection, NOW)
    return found


@pytest.fixture
def finding(stored_threshold):
    """Makes what a station finds: `finding("raised", days_ago)`."""

    def make(kind, days_ago):
        known = stored_threshold
        at = (NOW - timedelta(days=days_ago)).timestamp()
        return Transition(TransitionKind(kind), known.device, known.id, known.severity, at, 71, 70, "hot")

    return make


def stamped(connection):
    """Make the next statement a later transaction's: all of one share its moment."""
    connection.execute(text("ALTER TABLE app.alert_thresholds DISABLE TRIGGER touch_updated_at"))
    connection.execute(text("UPDATE app.alert_thresholds SET updated_at = '2026-01-02 03:04:05+00'"))


def add_and_change(database, make, changes):
    with database.transaction() as connection:
        import_devices(connection, [DeviceEntry(make.device(), (make.threshold(),))])
        (entry,) = threshold_entries(connection, NOW)
        wanted = replace(entry.threshold, **changes)
        change_thresholds(connection, [ThresholdEdit(entry, wanted)], current_person(connection))


def test_an_entry_says_who_keeps_the_threshold_and_how_often_it_called(connection, person, finding):
    findings = [finding(kind, ago) for ago in (40, 20, 3, 1) for kind in ("raised", "cleared")]
    apply_transitions(connection, findings[:-1])
    (found,) = threshold_entries(connection, NOW)
    assert (found.owner, found.changed_by, found.disabled_by) == (person.name, person.name, "")
    assert (found.alerts_7d, found.alerts_30d, found.open_alerts) == (2, 3, 1)


def test_what_was_hidden_when_it_came_is_not_counted(connection, finding, stored_threshold):
    connection.execute(
        text(
            "INSERT INTO app.device_maintenance (device_id, user_id, reason, until) "
            "SELECT :device, app.person_id(), 'belt', now() + interval '1 day'"
        ),
        {"device": stored_threshold.device},
    )
    apply_transitions(connection, [finding("raised", 0)])
    (found,) = threshold_entries(connection, NOW)
    assert (found.alerts_30d, found.open_alerts) == (0, 1)


def test_every_setting_of_a_threshold_is_stored(connection, person, entry):
    wanted = replace(
        entry.threshold,
        metric="rpm",
        rule=RuleKind.RATE_OF_CHANGE,
        max_value=None,
        amount=12.5,
        severity=Severity.CRITICAL,
        deadband=0.0,
        on_delay_s=3.0,
        off_delay_s=4.0,
        is_latching=True,
        requires_comment=True,
        realarm_s=900.0,
        guidance=Guidance("belt", "stop", "call", 600.0),
    )
    outcome = change_thresholds(connection, [ThresholdEdit(entry, wanted)], person)
    (after,) = threshold_entries(connection, NOW)
    assert (outcome.changed, after.threshold) == ((wanted.id,), wanted)


def test_who_disables_one_and_why_is_kept(connection, person, entry):
    off = replace(entry.threshold, enabled=False, disabled_reason="permit 12")
    change_thresholds(connection, [ThresholdEdit(entry, off)], person)
    (after,) = threshold_entries(connection, NOW)
    assert (after.disabled_by, after.threshold.disabled_reason) == (person.name, "permit 12")


def test_what_is_as_wanted_is_not_written(connection, person, entry):
    stamped(connection)
    (seen,) = threshold_entries(connection, NOW)
    outcome = change_thresholds(connection, [ThresholdEdit(seen, seen.threshold)], person)
    assert (outcome.unchanged, outcome.changed) == ((entry.threshold.id,), ())


def test_a_new_one_belongs_to_whoever_adds_it(connection, person, stored_device, make):
    new = make.threshold("rpm", device=stored_device.id, user_id=None)
    (added,) = change_thresholds(connection, [ThresholdEdit(None, new)], person).added
    (found,) = [e for e in threshold_entries(connection, NOW) if e.threshold.id == added]
    assert (found.owner, found.threshold.metric) == (person.name, "rpm")


def test_removing_one_ends_its_alert(connection, person, entry, finding):
    apply_transitions(connection, [finding("raised", 0)])
    outcome = change_thresholds(connection, [ThresholdEdit(entry, None)], person)
    assert (outcome.removed, threshold_entries(connection, NOW), open_alerts(connection)) == (
        (entry.threshold.id,),
        [],
        [],
    )


def test_the_second_of_two_engineers_is_told_who_was_first_and_when(connection, person, entry):
    stamped(connection)
    wanted = replace(entry.threshold, max_value=99.0)
    when = re.escape(moment_in_words(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)))
    with pytest.raises(AlreadyDone, match=f"changed by {person.name} at {when}"):
        change_thresholds(connection, [ThresholdEdit(entry, wanted)], person)


def test_changing_one_that_was_removed_says_so(connection, person, entry):
    connection.execute(text("DELETE FROM app.alert_thresholds"))
    with pytest.raises(AlreadyDone, match="was removed after you had read it"):
        change_thresholds(connection, [ThresholdEdit(entry, entry.threshold)], person)


def test_a_second_threshold_for_the_same_condition_is_refused(connection, person, entry):
    double = replace(entry.threshold, max_value=90.0)
    with pytest.raises(Rejected, match="would have two warning thresholds on temperature"):
        change_thresholds(connection, [ThresholdEdit(None, double)], person)


def test_of_many_edits_none_is_kept_where_one_cannot_be(database, make):
    with database.transaction() as connection:
        import_devices(connection, [DeviceEntry(make.device(), (make.threshold(), make.threshold("rpm")))])
        known = threshold_entries(connection, NOW)
        person = current_person(connection)
    good = replace(known[0].threshold, deadband=9.0)
    bad = replace(known[1].threshold, min_value=80.0)
    with (
        pytest.raises(Rejected, match="minimum must lie below its maximum"),
        database.transaction() as connection,
    ):
        change_thresholds(connection, [ThresholdEdit(known[0], good), ThresholdEdit(known[1], bad)], person)
    with database.transaction() as connection:
        assert [e.threshold.deadband for e in threshold_entries(connection, NOW)] == [0.5, 0.5]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"rule": RuleKind.OFFLINE, "max_value": None}, "offline and clock judge a device"),
        ({"rule": RuleKind.NO_DATA, "max_value": None}, "needs an amount"),
        ({"realarm_s": 0.1}, "asks again after one second at least"),
        ({"max_value": float("inf")}, "finite numbers"),
    ],
)
def test_what_the_database_forbids_is_said_in_words(shared_database, make, changes, sentence):
    with pytest.raises(Rejected, match=sentence):
        add_and_change(shared_database, make, changes)


def test_a_rule_about_the_device_is_stored(connection, person, entry):
    wanted = replace(entry.threshold, rule=RuleKind.OFFLINE, metric=DEVICE_METRIC, max_value=None)
    change_thresholds(connection, [ThresholdEdit(entry, wanted)], person)
    (after,) = threshold_entries(connection, NOW)
    assert after.threshold.rule is RuleKind.OFFLINE


def test_recorded_episodes_are_paired_and_the_last_may_stand(connection, stored_threshold, finding):
    findings = [finding(*what) for what in (("raised", 5), ("cleared", 4), ("raised", 3))]
    apply_transitions(connection, findings)
    known = stored_threshold
    since, until = NOW.timestamp() - 10 * 86400, NOW.timestamp() + 1
    found = recorded_episodes(connection, known.device, known.id, since, until)
    (raised, cleared, again) = (f.at_unix for f in findings)
    assert found == [
        RecordedEpisode(pytest.approx(raised), pytest.approx(cleared)),
        RecordedEpisode(pytest.approx(again), None),
    ]


class TestRights:
    """As logins of their own."""

    @pytest.fixture
    def people(self, newest_site):
        return [newest_site.add(Role.USER, name=name) for name in ("Anna", "Bert")]

    @pytest.fixture
    def known(self, newest_site, people, make):
        with newest_site.owner.transaction() as connection:
            entries = [
                DeviceEntry(make.device(name, user_id=who.id), (make.threshold(),))
                for name, who in zip(("A", "B"), people, strict=True)
            ]
            import_devices(connection, entries)
            return threshold_entries(connection, NOW)

    def test_engineers_see_and_change_thresholds_of_their_own_devices(self, newest_site, people, known):
        with newest_site.signed_in(people[0]).transaction() as connection:
            (mine,) = threshold_entries(connection, NOW)
            wanted = replace(mine.threshold, max_value=55.0, user_id=people[1].id)
            change_thresholds(connection, [ThresholdEdit(mine, wanted)], people[0])
            (after,) = threshold_entries(connection, NOW)
        assert (mine.threshold.id, after.changed_by, after.owner) == (known[0].threshold.id, "Anna", "Bert")

    def test_an_engineer_cannot_change_or_add_one_at_somebody_elses_device(self, newest_site, people, known):
        database = newest_site.signed_in(people[0])
        others = known[1]
        with pytest.raises(AlreadyDone), database.transaction() as connection:
            change_thresholds(connection, [ThresholdEdit(others, others.threshold)], people[0])
        new = replace(others.threshold, metric="rpm")
        with pytest.raises(NotAllowed, match="somebody else"), database.transaction() as connection:
            change_thresholds(connection, [ThresholdEdit(None, new)], people[0])

    def test_an_operator_sees_all_and_changes_none(self, newest_site, known):
        operator = newest_site.add(Role.OPERATOR)
        database = newest_site.signed_in(operator)
        with database.transaction() as connection:
            assert len(threshold_entries(connection, NOW)) == 2
        wanted = replace(known[0].threshold, max_value=1.0)
        with pytest.raises(NotAllowed), database.transaction() as connection:
            change_thresholds(connection, [ThresholdEdit(known[0], wanted)], operator)

    def test_everybody_can_be_named_as_owner(self, newest_site, people, known):
        with newest_site.signed_in(people[0]).transaction() as connection:
            assert {"Anna", "Bert"} <= set(possible_owners(connection).values())
