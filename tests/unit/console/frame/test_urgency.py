from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from console.frame.urgency import UrgencyBook, more_text, urgency_of
from console.widgets.severity_badge import AlertGroup, BadgeState
from models.records.alert import AlertStatus
from models.records.shelf import HiddenBy
from models.records.threshold import Severity
from tests.unit.console.frame.frame_parts import alert


def test_what_nobody_acknowledged_comes_before_what_is_worse_but_acknowledged():
    acknowledged = alert(1, Severity.CRITICAL, AlertStatus.ACKNOWLEDGED)
    returned = alert(2, Severity.CRITICAL, is_cleared=True)
    waiting = alert(3, Severity.INFO)
    assert urgency_of([acknowledged, returned, waiting]).first == (waiting, returned, acknowledged)


def test_within_a_state_the_worst_comes_first_then_the_newest():
    alerts = [
        alert(1, Severity.WARNING, age_s=10),
        alert(2, Severity.CRITICAL, age_s=900),
        alert(3, Severity.WARNING, age_s=5),
        alert(4, Severity.CRITICAL, age_s=800),
    ]
    assert [entry.id for entry in urgency_of(alerts, 4).first] == [4, 2, 3, 1]


def test_a_latched_alert_that_nobody_acknowledged_stands_with_the_returned_and_another_last():
    latched = replace(alert(1, age_s=5, is_cleared=True), is_latching=True)
    reset_me = replace(latched, id=2, status=AlertStatus.ACKNOWLEDGED)
    returned = alert(3, age_s=9, is_cleared=True)
    acknowledged = alert(4, status=AlertStatus.ACKNOWLEDGED)
    first = urgency_of([reset_me, acknowledged, returned, latched], 4).first
    assert [entry.id for entry in first] == [1, 3, 4, 2]


def test_only_three_are_shown_and_resolved_ones_never():
    alerts = [alert(number) for number in range(1, 6)] + [alert(9, Severity.CRITICAL, AlertStatus.RESOLVED)]
    assert len(urgency_of(alerts).first) == 3
    assert 9 not in [entry.id for entry in urgency_of(alerts, 99).first]


def test_hidden_alerts_are_in_nothing():
    hidden = replace(alert(1, Severity.CRITICAL), hidden_by=HiddenBy.SHELF)
    urgency = urgency_of([hidden])
    assert (urgency.first, urgency.is_flashing, urgency.group, urgency.waiting) == ((), False, None, 0)


def test_an_alert_that_returned_unacknowledged_waits_for_a_person_and_does_not_flash():
    urgency = urgency_of([alert(1, is_cleared=True), alert(2, status=AlertStatus.ACKNOWLEDGED)])
    assert (urgency.waiting, urgency.is_flashing) == (1, False)
    assert urgency_of([alert(3)]).is_flashing


def test_counts_name_every_severity_worst_first():
    alerts = [alert(1), alert(2, status=AlertStatus.ACKNOWLEDGED), alert(3, Severity.CRITICAL)]
    assert [(count.severity, count.open, count.waiting) for count in urgency_of(alerts).counts] == [
        (Severity.CRITICAL, 1, 1),
        (Severity.WARNING, 2, 1),
        (Severity.INFO, 0, 0),
    ]


def test_the_rail_shows_the_worst_and_how_many_are_open():
    alerts = [alert(1, Severity.CRITICAL, AlertStatus.ACKNOWLEDGED), alert(2), alert(3, is_cleared=True)]
    assert urgency_of(alerts).group == AlertGroup(Severity.WARNING, BadgeState.UNACKNOWLEDGED, 3)


def test_what_is_not_listed_is_summed_up_by_severity():
    alerts = [alert(number, Severity.CRITICAL) for number in range(1, 5)]
    alerts += [alert(number) for number in range(10, 16)]
    assert more_text(urgency_of(alerts), 2) == "8 more: 2 critical, 6 warning"
    assert more_text(urgency_of(alerts[:2]), 2) == ""


@given(st.lists(st.lists(st.tuples(st.integers(1, 6), st.sampled_from(Severity), st.booleans()), max_size=8)))
def test_looking_at_changes_only_finds_what_looking_at_everything_would(answers):
    book = UrgencyBook()
    for answer in answers:
        alerts = tuple({id: alert(id, severity, is_cleared=over) for id, severity, over in answer}.values())
        assert book.take(alerts) == urgency_of(alerts)
