from console.frame.urgency import counts_of, most_urgent, waiting_alerts
from models.records.alert import AlertStatus
from models.records.threshold import Severity
from tests.unit.console.frame.frame_parts import alert


def test_what_nobody_acknowledged_comes_before_what_is_worse_but_acknowledged():
    acknowledged = alert(1, Severity.CRITICAL, AlertStatus.ACKNOWLEDGED)
    returned = alert(2, Severity.CRITICAL, is_cleared=True)
    waiting = alert(3, Severity.INFO)
    assert most_urgent([acknowledged, returned, waiting]) == (waiting, returned, acknowledged)


def test_within_a_state_the_worst_comes_first_then_the_newest():
    alerts = [
        alert(1, Severity.WARNING, age_s=10),
        alert(2, Severity.CRITICAL, age_s=900),
        alert(3, Severity.WARNING, age_s=5),
        alert(4, Severity.CRITICAL, age_s=800),
    ]
    assert [entry.id for entry in most_urgent(alerts, 4)] == [4, 2, 3, 1]


def test_only_three_are_shown_and_resolved_ones_never():
    alerts = [alert(number) for number in range(1, 6)] + [alert(9, Severity.CRITICAL, AlertStatus.RESOLVED)]
    assert len(most_urgent(alerts)) == 3
    assert 9 not in [entry.id for entry in most_urgent(alerts, 99)]


def test_an_alert_that_returned_unacknowledged_still_waits_for_a_person():
    alerts = [alert(1, is_cleared=True), alert(2, status=AlertStatus.ACKNOWLEDGED), alert(3)]
    assert waiting_alerts(alerts) == (1, 3)


def test_counts_name_every_severity_worst_first():
    alerts = [alert(1), alert(2, status=AlertStatus.ACKNOWLEDGED), alert(3, Severity.CRITICAL)]
    assert [(count.severity, count.open, count.waiting) for count in counts_of(alerts)] == [
        (Severity.CRITICAL, 1, 1),
        (Severity.WARNING, 2, 1),
        (Severity.INFO, 0, 0),
    ]
