"""The database against the machine on paper: the same events to both, the same facts after each."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from models.alarm_states import AlarmEvent, AlarmFacts, Step, state_of, step
from models.queries.alerts import open_alerts
from tests.unit.models.queries.alarm_parts import Alarm, Plant

E = AlarmEvent
HOW_OFTEN = 15
HOW_OFTEN_AT_LENGTH = 1_500


def _set_enabled(alarm: Alarm, *, is_enabled: bool) -> None:
    with alarm.owner() as connection:
        connection.execute(
            text("UPDATE app.alert_thresholds SET enabled = :enabled WHERE id = :threshold"),
            {"enabled": is_enabled, "threshold": alarm.threshold},
        )


def _remind(alarm: Alarm) -> None:
    with alarm.owner() as connection:
        connection.execute(
            text(
                "UPDATE app.alerts SET acknowledged_at = acknowledged_at - interval '1 day' "
                "WHERE threshold_id = :threshold AND status = 'acknowledged'"
            ),
            {"threshold": alarm.threshold},
        )
    alarm.pass_time()


# Some events come about in two ways: by a person, or by time.
ACTS = {
    (E.RAISED, False): lambda alarm: alarm.tell("raised"),
    (E.CLEARED, False): lambda alarm: alarm.tell("cleared"),
    (E.ACKNOWLEDGED, False): Alarm.acknowledge,
    (E.RESET, False): Alarm.resolve,
    (E.REALARM_DUE, True): _remind,
    (E.SHELVED, False): Alarm.shelve,
    (E.SHELVED_ONCE, False): lambda alarm: alarm.shelve(once=True),
    (E.UNSHELVED, False): Alarm.unshelve,
    (E.UNSHELVED, True): lambda alarm: alarm.turn_clock("alert_shelves"),
    (E.SUPPRESSED, False): Alarm.begin_maintenance,
    (E.UNSUPPRESSED, False): Alarm.end_maintenance,
    (E.UNSUPPRESSED, True): lambda alarm: alarm.turn_clock("device_maintenance"),
    (E.DISABLED, False): lambda alarm: _set_enabled(alarm, is_enabled=False),
    (E.ENABLED, False): lambda alarm: _set_enabled(alarm, is_enabled=True),
}
KNOWN = """
SELECT t.latching, a.id IS NOT NULL, a.id IS NOT NULL AND a.cleared_at IS NULL,
       coalesce(a.status = 'acknowledged', false), s.id IS NOT NULL, coalesce(s.is_one_shot, false),
       m.id IS NOT NULL, t.enabled
FROM app.alert_thresholds AS t
LEFT JOIN app.alerts AS a ON a.threshold_id = t.id AND a.status <> 'resolved'
LEFT JOIN app.alert_shelves AS s ON s.threshold_id = t.id AND s.ended_at IS NULL AND s.until > now()
LEFT JOIN app.device_maintenance AS m
    ON m.device_id = t.device_id AND m.ended_at IS NULL AND m.until > now()
WHERE t.id = :threshold
"""
COUNTED = """
SELECT count(*) FILTER (WHERE e.is_annunciated), count(DISTINCT e.alert_id),
       count(*) FILTER (WHERE e.kind = 'resolved')
FROM app.alert_events AS e WHERE e.threshold_id = :threshold
"""


@dataclass(frozen=True)
class Counts:
    """What has happened so far."""

    annunciations: int = 0
    episodes: int = 0
    ends: int = 0

    def after(self, done: Step) -> "Counts":
        return Counts(
            self.annunciations + done.annunciates, self.episodes + done.opens, self.ends + done.closes
        )


def known(alarm: Alarm) -> AlarmFacts:
    """What the database knows of an alarm."""
    ((latching, is_open, stands, acknowledged, shelved, once, suppressed, enabled),) = alarm.rows(KNOWN)
    return AlarmFacts(
        is_latching=bool(latching),
        is_open=bool(is_open),
        is_standing=bool(stands),
        is_acknowledged=bool(acknowledged),
        is_shelved=bool(shelved),
        is_one_shot=bool(once),
        is_suppressed=bool(suppressed),
        is_in_service=bool(enabled),
    )


def shown(alarm: Alarm) -> list[str]:
    """The states in which an operator sees the alarm's open episodes."""
    with alarm.plant.operators.transaction() as connection:
        return [alert.state for alert in open_alerts(connection) if alert.threshold == alarm.threshold]


def run(plant: Plant, acts: list[tuple[AlarmEvent, bool]], *, is_latching: bool) -> None:
    """Do everything to a new alarm and to the machine; compare after each act."""
    alarm = plant.alarm(latching=is_latching)
    facts, counts = AlarmFacts(is_latching=is_latching), Counts()
    told: list[str] = []
    for act in acts:
        told.append(str(act[0]))
        done = step(facts, act[0])
        ACTS[act](alarm)
        facts, counts = done.facts, counts.after(done)
        # What nobody sees in the row of an episode that is over.
        assert known(alarm) == replace(facts), told
        assert Counts(*alarm.rows(COUNTED)[0]) == counts, told
        in_service = replace(facts, is_in_service=True)
        assert shown(alarm) == [state_of(in_service)] * facts.is_open, told


LIVES = st.lists(st.sampled_from(sorted(ACTS)), min_size=3, max_size=20)


@settings(max_examples=HOW_OFTEN, deadline=None, derandomize=True)
@given(acts=LIVES, is_latching=st.booleans())
def test_the_database_is_the_machine(plant, acts, is_latching):
    run(plant, acts, is_latching=is_latching)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(max_examples=HOW_OFTEN_AT_LENGTH, deadline=None)
@given(acts=LIVES, is_latching=st.booleans())
def test_the_database_is_the_machine_at_length(plant, acts, is_latching):
    run(plant, acts, is_latching=is_latching)


@pytest.mark.parametrize("is_latching", [False, True])
def test_the_database_is_the_machine_on_the_way_through_every_state(plant, is_latching):
    """Whatever chance finds: through the corners that matter."""
    way = [
        *("raised", "acknowledged", "shelved", "cleared", "raised", "unshelved", "acknowledged"),
        *("suppressed", "shelved_once", "cleared", "unsuppressed", "raised", "cleared", "raised"),
        *("shelved_once", "suppressed", "cleared", "raised", "acknowledged", "unsuppressed"),
        *("disabled", "raised", "enabled", "raised", "cleared", "shelved", "raised", "unshelved"),
        *("acknowledged", "cleared", "reset", "reset", "raised", "acknowledged", "disabled", "reset"),
    ]
    run(plant, [(AlarmEvent(event), False) for event in way], is_latching=is_latching)
