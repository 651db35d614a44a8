"""Badges: what they say of alerts, and that shape, digit and colour all say it."""

from datetime import UTC, datetime
from itertools import combinations

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from console.widgets.flash import FlashClock
from console.widgets.severity_badge import (
    AlertGroup,
    BadgeState,
    SeverityBadge,
    badge_text,
    count_text,
    group_of,
    paint_alarm_frame,
    paint_badge,
    state_of,
)
from models.alarm_states import AlarmState
from models.records.alert import Alert, AlertId, AlertStatus
from models.records.device import DeviceId
from models.records.shelf import HiddenBy
from models.records.threshold import Severity

AT = datetime(2025, 11, 22, 14, 0, tzinfo=UTC)
RECT = QRectF(0, 0, 60, 20)


def alert(
    severity: Severity,
    status: AlertStatus = AlertStatus.ACTIVE,
    *,
    cleared: bool = False,
    latching: bool = False,
    hidden_by: HiddenBy = HiddenBy.NOTHING,
) -> Alert:
    return Alert(
        id=AlertId(1),
        device=DeviceId(1),
        device_name="Drive 1",
        location="Hall A",
        threshold=None,
        user_id=None,
        user_email=None,
        metric="temperature",
        severity=severity,
        message="Temperature 71.3 °C is above 70.0 °C.",
        status=status,
        triggered_at=AT,
        acknowledged_at=None,
        acknowledged_by=None,
        cleared_at=AT if cleared else None,
        resolved_at=None,
        value_at_trigger=71.3,
        limit_at_trigger=70.0,
        is_latching=latching,
        hidden_by=hidden_by,
    )


def test_states_follow_from_facts():
    assert state_of(alert(Severity.INFO)) is BadgeState.UNACKNOWLEDGED
    assert state_of(alert(Severity.INFO, AlertStatus.ACKNOWLEDGED)) is BadgeState.ACKNOWLEDGED
    assert state_of(alert(Severity.INFO, cleared=True)) is BadgeState.RETURNED
    assert state_of(alert(Severity.INFO, AlertStatus.RESOLVED)) is None


def test_a_latching_alert_is_latched_once_it_has_returned():
    standing, returned, acknowledged = (
        alert(Severity.INFO, latching=True),
        alert(Severity.INFO, latching=True, cleared=True),
        alert(Severity.INFO, AlertStatus.ACKNOWLEDGED, latching=True, cleared=True),
    )
    assert state_of(standing) is BadgeState.UNACKNOWLEDGED
    assert state_of(returned) is BadgeState.LATCHED_UNACKNOWLEDGED
    assert state_of(acknowledged) is BadgeState.LATCHED


def test_what_is_set_aside_is_hidden_whatever_else_it_is():
    assert state_of(alert(Severity.CRITICAL, hidden_by=HiddenBy.SHELF)) is BadgeState.SHELVED
    by_design = [HiddenBy.MAINTENANCE, HiddenBy.UPDATE, HiddenBy.PARENT]
    assert {state_of(alert(Severity.CRITICAL, hidden_by=why)) for why in by_design} == {BadgeState.SUPPRESSED}


BADGES = {
    AlarmState.UNACKNOWLEDGED: BadgeState.UNACKNOWLEDGED,
    AlarmState.ACKNOWLEDGED: BadgeState.ACKNOWLEDGED,
    AlarmState.RETURNED: BadgeState.RETURNED,
    AlarmState.LATCHED_UNACKNOWLEDGED: BadgeState.LATCHED_UNACKNOWLEDGED,
    AlarmState.LATCHED_ACKNOWLEDGED: BadgeState.LATCHED,
    AlarmState.SHELVED: BadgeState.SHELVED,
    AlarmState.SUPPRESSED: BadgeState.SUPPRESSED,
}


def test_a_badge_shows_the_state_of_the_standard_whatever_the_facts():
    alerts = [
        alert(Severity.INFO, status, cleared=cleared, latching=latching, hidden_by=hidden_by)
        for status in (AlertStatus.ACTIVE, AlertStatus.ACKNOWLEDGED)
        for cleared in (True, False)
        for latching in (True, False)
        for hidden_by in HiddenBy
    ]
    assert [state_of(one) for one in alerts] == [BADGES[one.state] for one in alerts]


def test_those_that_wait_are_those_that_ask_the_operator():
    assert {badge for badge in BadgeState if badge.is_waiting} == {
        BADGES[state] for state in BADGES if state.asks_operator
    }
    assert {badge for badge in BadgeState if badge.is_hidden} == {
        BADGES[state] for state in BADGES if state.is_hidden
    }


def test_hidden_alerts_count_only_where_there_is_nothing_else():
    shelved = alert(Severity.CRITICAL, hidden_by=HiddenBy.SHELF)
    info = alert(Severity.INFO, AlertStatus.ACKNOWLEDGED)
    assert group_of([shelved, info, shelved]) == AlertGroup(Severity.INFO, BadgeState.ACKNOWLEDGED, 1)
    assert group_of([shelved, shelved]) == AlertGroup(Severity.CRITICAL, BadgeState.SHELVED, 2)
    assert badge_text(group_of([shelved, shelved])) == "2 alerts shelved"


def test_a_group_shows_unacknowledged_before_acknowledged_before_severity():
    alerts = [
        alert(Severity.CRITICAL, AlertStatus.ACKNOWLEDGED),
        alert(Severity.INFO),
        alert(Severity.WARNING),
        alert(Severity.CRITICAL, cleared=True),
        alert(Severity.CRITICAL, AlertStatus.RESOLVED),
    ]
    assert group_of(alerts) == AlertGroup(Severity.WARNING, BadgeState.UNACKNOWLEDGED, 4)


def test_a_group_without_open_alerts_is_nothing():
    assert group_of([alert(Severity.CRITICAL, AlertStatus.RESOLVED)]) is None


def test_normal_paints_nothing(theme, painted):
    blank = painted(lambda painter: None)
    assert painted(lambda p: paint_badge(p, RECT, None, BadgeState.UNACKNOWLEDGED, theme)) == blank
    assert painted(lambda p: paint_alarm_frame(p, RECT, None, BadgeState.UNACKNOWLEDGED, theme)) == blank


def test_every_severity_state_and_flash_step_looks_different(theme, painted):
    pictures = [
        painted(lambda p, s=severity, b=state: paint_badge(p, RECT, s, b, theme))
        for severity in Severity
        for state in BadgeState
        if not state.is_hidden
    ]
    pictures += [
        painted(lambda p, b=state: paint_badge(p, RECT, Severity.CRITICAL, b, theme))
        for state in (BadgeState.SHELVED, BadgeState.SUPPRESSED)
    ]
    assert all(one != other for one, other in combinations(pictures, 2))


def test_shapes_differ_without_their_colours(theme, painted):
    pictures = [
        painted(
            lambda p, s=severity: paint_badge(p, RECT, s, BadgeState.ACKNOWLEDGED, theme)
        ).createAlphaMask()
        for severity in Severity
    ]
    assert all(one != other for one, other in combinations(pictures, 2))


@pytest.mark.parametrize("severity", Severity)
def test_flashing_leaves_the_shape_and_its_digit_alone(theme, painted, severity):
    on, off = (
        painted(
            lambda p, f=flash: paint_badge(p, RECT, severity, BadgeState.UNACKNOWLEDGED, theme, flash_on=f)
        )
        for flash in (True, False)
    )
    assert on != off
    opaque = [(x, y) for x in range(60) for y in range(20) if off.pixelColor(x, y).alpha() == 255]
    assert len(opaque) > 60
    assert all(on.pixel(x, y) == off.pixel(x, y) for x, y in opaque)


def test_an_acknowledged_badge_does_not_flash(theme, painted):
    on, off = (
        painted(
            lambda p, f=flash: paint_badge(
                p, RECT, Severity.CRITICAL, BadgeState.ACKNOWLEDGED, theme, flash_on=f
            )
        )
        for flash in (True, False)
    )
    assert on == off


def test_a_count_stands_beside_the_shape(theme, painted):
    one, many = (
        painted(
            lambda p, n=count: paint_badge(p, RECT, Severity.WARNING, BadgeState.ACKNOWLEDGED, theme, count=n)
        )
        for count in (1, 12)
    )
    assert one != many
    assert [count_text(count) for count in (7, 99, 100)] == ["7", "99", "99+"]


def test_an_unacknowledged_frame_is_two_pixels_and_a_fifth_of_tint(theme, painted):
    picture = painted(
        lambda p: paint_alarm_frame(
            p, QRectF(0, 0, 60, 40), Severity.CRITICAL, BadgeState.UNACKNOWLEDGED, theme
        )
    )
    assert picture.pixelColor(1, 20).rgb() == theme.critical.rgb()
    assert picture.pixelColor(30, 20).alpha() == pytest.approx(51, abs=1)


def test_the_widget_says_in_words_what_it_shows(themes, qtbot):
    badge = SeverityBadge(themes, FlashClock())
    qtbot.addWidget(badge)
    assert badge.accessibleName() == "no open alerts"
    narrow = badge.sizeHint().width()
    badge.set_group(AlertGroup(Severity.CRITICAL, BadgeState.UNACKNOWLEDGED, 3))
    assert badge.accessibleName() == "3 open alerts, worst: critical, not acknowledged"
    assert badge.sizeHint().width() > narrow
    assert badge.grab().toImage().pixelColor(9, 4) != QColor(themes.theme.background)


def test_words_for_one_alert_are_singular():
    group = AlertGroup(Severity.INFO, BadgeState.RETURNED, 1)
    assert badge_text(group) == "1 open alert, worst: info, returned to normal"
