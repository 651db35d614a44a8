"""From an alert to a message: who is told what and when, and that exactly one station sends it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from models.queries.alerts import acknowledge
from models.queries.notification_deliveries import (
    channel_troubles,
    count_queue,
    load_deliveries,
    request_test,
    retry_deliveries,
)
from models.queries.notification_queue import (
    claim_message,
    due_channels,
    finish_message,
    make_messages,
    note_trouble,
)
from models.queries.people import current_person
from models.queries.shelves import begin_maintenance, shelve
from models.records.alert import TransitionKind
from models.records.notification import Attempt, DeliveryState, Outcome, Step
from models.records.person import Role
from models.records.threshold import Severity
from tests.unit.models.notification_parts import (
    HOOK,
    MAIL,
    add_channel,
    add_device,
    add_rule,
    happen,
    pass_seconds,
    sent_messages,
    told,
)

ADDRESS = ("on-call@plant.example",)
LATER = Attempt(Outcome.RETRY, error="No answer.", is_channel_fault=True)


@pytest.fixture
def limits(connection):
    """Thresholds of one device: critical, warning, info."""
    return add_device(connection)


@pytest.fixture
def hook(connection):
    return add_channel(connection)


@pytest.fixture
def mail(connection):
    return add_channel(connection, MAIL)


def acknowledge_all(connection):
    ids = connection.execute(text("SELECT id FROM app.alerts WHERE status = 'active'")).scalars().all()
    acknowledge(connection, ids, current_person(connection), "")


def add_person(connection, role, email):
    return connection.execute(
        text(
            "INSERT INTO app.users (email, password_hash, name, role)"
            " VALUES (:email, :hash, 'Somebody', :role) RETURNING id"
        ),
        {"email": email, "hash": "$2b$12$" + "x" * 53, "role": role},
    ).scalar_one()


def test_an_alert_is_told_once_with_what_an_operator_needs_to_know(connection, hook, limits):
    add_rule(connection, hook, name="On call")
    happen(connection, limits[0], ago_s=5)
    (message,) = sent_messages(connection)
    assert (message.rule, message.counts, message.attempt, message.late) == ("On call", (1, 0, 0), 1, 0)
    (line,) = message.lines
    assert (line.device, line.location, line.severity) == ("Device PRESS-04", "Hall A", Severity.CRITICAL)
    assert (line.metric, line.value, line.limit, line.status) == ("temperature", 80.0, 70.0, "active")
    assert 4 < (datetime.now(UTC) - line.at).total_seconds() < 60
    assert sent_messages(connection) == []


def test_without_a_rule_nothing_is_kept_for_later(connection, limits):
    happen(connection, limits[0])
    assert connection.execute(text("SELECT count(*) FROM app.notification_inbox")).scalar_one() == 0


@pytest.mark.parametrize("severity", Severity)
def test_a_rule_tells_of_its_severities_only(connection, hook, limits, severity):
    add_rule(connection, hook, severities=frozenset({severity}))
    for limit in limits:
        happen(connection, limit)
    (message,) = sent_messages(connection)
    assert [line.severity for line in message.lines] == [severity]


def test_many_alerts_become_one_message_the_most_urgent_first(connection, hook):
    add_rule(connection, hook)
    for number in range(17):
        happen(
            connection, add_device(connection, f"P-{number:02}")[0 if number < 2 else 1], ago_s=20 - number
        )
    (message,) = sent_messages(connection)
    assert message.counts == (2, 15, 0)
    assert [line.severity for line in message.lines[:3]] == ["critical", "critical", "warning"]


def test_a_window_gathers_from_the_first_alert_on(connection, hook, limits):
    add_rule(connection, hook, window_s=60.0)
    happen(connection, limits[1], ago_s=30)
    assert sent_messages(connection) == []
    assert count_queue(connection).gathering == 1
    happen(connection, limits[2])
    pass_seconds(connection, 31)
    (message,) = sent_messages(connection)
    assert message.counts == (0, 1, 1)


def test_an_alert_that_asks_again_and_again_is_told_once_with_how_often(connection, hook, limits):
    add_rule(connection, hook)
    for ago_s in (30, 20, 10):
        happen(connection, limits[0], ago_s=ago_s)
        happen(connection, limits[0], ago_s=ago_s - 5, kind=TransitionKind.CLEARED)
    (message,) = sent_messages(connection)
    assert (message.counts, message.lines[0].times) == ((1, 0, 0), 3)
    assert message.lines[0].cleared_at is not None


def test_what_was_acknowledged_within_the_delay_is_not_told(connection, hook, limits):
    add_rule(connection, hook, delay_s=60.0)
    happen(connection, limits[0], ago_s=59)
    assert sent_messages(connection) == []
    acknowledge_all(connection)
    pass_seconds(connection, 5)
    assert (sent_messages(connection), count_queue(connection).gathering) == ([], 0)


def test_what_returned_within_the_delay_is_not_told_and_what_stands_is(connection, hook, limits):
    add_rule(connection, hook, delay_s=60.0)
    happen(connection, limits[0], ago_s=70)
    happen(connection, limits[0], ago_s=30, kind=TransitionKind.CLEARED)
    happen(connection, limits[1], ago_s=70)
    (message,) = sent_messages(connection)
    assert message.counts == (0, 1, 0)


def test_an_alert_younger_than_the_delay_does_not_leave_with_an_older_one(connection, hook, limits):
    add_rule(connection, hook, delay_s=60.0)
    happen(connection, limits[0], ago_s=70)
    happen(connection, limits[1], ago_s=5)
    assert [message.counts for message in sent_messages(connection)] == [(1, 0, 0)]
    assert count_queue(connection).gathering == 1


def test_without_a_delay_even_what_was_acknowledged_at_once_is_told(connection, hook, limits):
    add_rule(connection, hook)
    happen(connection, limits[0], ago_s=5)
    acknowledge_all(connection)
    (message,) = sent_messages(connection)
    assert message.lines[0].status == "acknowledged"


def test_what_lies_on_the_shelf_or_is_being_worked_on_is_not_told(connection, hook):
    add_rule(connection, hook)
    shelved = add_device(connection, "A", severities=(Severity.WARNING,))[0]
    maintained = add_device(connection, "B", severities=(Severity.WARNING,))[0]
    at_once = add_device(connection, "C", severities=(Severity.WARNING,))[0]
    shelve(connection, [shelved.id], "noise", 60, is_one_shot=False)
    begin_maintenance(connection, [maintained.device], "new seals", 60)
    for limit in (shelved, maintained, at_once):
        happen(connection, limit)
    shelve(connection, [at_once.id], "noise", 60, is_one_shot=False)
    assert sent_messages(connection) == []


SHIFTS = [
    # The night begins on one day and ends on the next.
    ("2026-05-03T05:59:59+02:00", "Night"),
    ("2026-05-03T06:00:00+02:00", "Early"),
    ("2026-05-03T13:59:59+02:00", "Early"),
    ("2026-05-03T14:00:00+02:00", "Late"),
    ("2026-05-03T22:00:00+02:00", "Night"),
    ("2026-05-04T00:30:00+02:00", "Night"),
    # Winter time: the same clock on the wall, another hour of UTC.
    ("2026-01-15T06:00:00+01:00", "Early"),
    ("2026-01-15T05:30:00+01:00", "Night"),
]


@pytest.mark.parametrize(("moment", "shift"), SHIFTS)
def test_a_rule_counts_in_its_shifts_by_the_sites_clock(connection, hook, limits, moment, shift):
    connection.execute(text("UPDATE app.alarm_settings SET time_zone = 'Europe/Berlin'"))
    for name in ("Early", "Late", "Night"):
        add_rule(connection, hook, name=name, shifts=(name,))
    happen(connection, limits[0], at=datetime.fromisoformat(moment))
    assert [message.rule for message in sent_messages(connection)] == [shift]


@pytest.mark.parametrize(
    "settings",
    [
        "time_zone = 'Nowhere/Land'",
        "shifts = '[]'",
        """shifts = '[{"name": "Day", "starts": "06:00"}]'""",
    ],
)
def test_a_rule_whose_shifts_nobody_can_tell_counts_always(connection, hook, limits, settings):
    connection.execute(text(f"UPDATE app.alarm_settings SET {settings}"))
    add_rule(connection, hook, shifts=("Early",))
    happen(connection, limits[0])
    assert len(sent_messages(connection)) == 1


def test_a_rule_may_be_about_an_area_or_a_device(connection, hook):
    here, there, further = (
        add_device(connection, name, place)[0]
        for name, place in (("A", "Hall A"), ("B", "Hall B"), ("C", "Hall C"))
    )
    add_rule(connection, hook, locations=("Hall A",), devices=frozenset({there.device}))
    for limit in (here, there, further):
        happen(connection, limit)
    (message,) = sent_messages(connection)
    assert {line.device for line in message.lines} == {"Device A", "Device B"}


def test_mails_go_to_everybody_of_a_role_to_persons_and_to_addresses_once_each(connection, mail, limits):
    add_person(connection, Role.OPERATOR, "ben@plant.example")
    anna = add_person(connection, Role.ADMIN, "anna@plant.example")
    former = add_person(connection, Role.OPERATOR, "gone@plant.example")
    connection.execute(text("UPDATE app.users SET is_active = false WHERE id = :id"), {"id": former})
    add_rule(
        connection,
        mail,
        roles=frozenset({Role.OPERATOR}),
        persons=frozenset({anna}),
        addresses=("Ben@plant.example", *ADDRESS, *ADDRESS),
    )
    happen(connection, limits[0])
    assert told(connection) == [
        (address, (1, 0, 0))
        for address in ("anna@plant.example", "ben@plant.example", "on-call@plant.example")
    ]


def test_an_engineer_is_told_of_own_devices_only(connection, mail):
    engineer = add_person(connection, Role.USER, "eng@plant.example")
    mine, other = add_device(connection, "MINE")[0], add_device(connection, "OTHER")[1]
    connection.execute(text("UPDATE app.devices SET user_id = :u WHERE device_id = 'MINE'"), {"u": engineer})
    add_rule(connection, mail, roles=frozenset({Role.USER}), persons=frozenset({engineer}))
    for limit in (mine, other):
        happen(connection, limit)
    assert told(connection) == [("eng@plant.example", (1, 0, 0))]


def test_the_account_of_whoever_set_the_server_up_is_no_address(connection, mail, limits):
    add_rule(connection, mail, roles=frozenset({Role.ADMIN}))
    happen(connection, limits[0])
    assert sent_messages(connection) == []


def test_while_a_message_is_on_its_way_what_comes_is_kept_for_the_next(connection, hook):
    add_rule(connection, hook)
    limits = [add_device(connection, f"P{number}")[1] for number in range(4)]
    happen(connection, limits[0])
    (first,) = sent_messages(connection)
    assert finish_message(connection, first, LATER, 600) == "waiting"
    for limit in limits[1:]:
        happen(connection, limit)
        assert make_messages(connection) == 0
    pass_seconds(connection, 601)
    (again,) = sent_messages(connection)
    assert (again.message_key, again.attempt) == (first.message_key, 2)
    finish_message(connection, again, Attempt(Outcome.SENT), 0)
    assert [message.counts for message in sent_messages(connection)] == [(0, 3, 0)]


def test_what_no_station_could_tell_of_for_hours_is_one_message_that_counts(connection, hook):
    add_rule(connection, hook)
    for number in range(30):
        happen(connection, add_device(connection, f"P{number}")[1], ago_s=8 * 3600)
    happen(connection, add_device(connection, "NOW")[0])
    (message,) = sent_messages(connection)
    assert (message.counts, message.late) == ((1, 30, 0), 30)
    assert [line.device for line in message.lines] == ["Device NOW"]


def test_a_flood_is_one_message_of_bounded_size(connection, hook, limits):
    rule = add_rule(connection, hook)
    connection.execute(
        text(
            "WITH d AS (INSERT INTO app.devices (device_id, name, type, location)"
            "           SELECT 'F' || n, 'F' || n, 'pump', 'H' FROM generate_series(1, 400) AS n"
            "           RETURNING id),"
            " a AS (INSERT INTO app.alerts (device_id, severity, message, triggered_at)"
            "       SELECT id, 'warning', 'high', now() FROM d RETURNING id, device_id)"
            " INSERT INTO app.alert_events (alert_id, device_id, kind, at, is_annunciated)"
            " SELECT id, device_id, 'raised', now(), true FROM a"
        )
    )
    (message,) = sent_messages(connection)
    kept = connection.execute(
        text("SELECT count(*) FROM app.notification_items WHERE rule_id = :rule"), {"rule": rule}
    ).scalar_one()
    assert (message.counts, len(message.lines), kept) == ((0, 400, 0), 30, 200)


def claimed(connection, hook, limits):
    add_rule(connection, hook)
    happen(connection, limits[0])
    (message,) = sent_messages(connection)
    return message


def test_a_claim_that_ran_out_gives_the_same_message_to_another_station(connection, hook, limits):
    first = claimed(connection, hook, limits)
    pass_seconds(connection, 59)
    assert due_channels(connection) == []
    pass_seconds(connection, 2)
    second = claim_message(connection, hook.id, 60.0)
    assert (second.delivery, second.message_key, second.attempt) == (first.delivery, first.message_key, 2)
    assert second.claim != first.claim


def test_a_failure_told_by_whoever_lost_the_claim_changes_nothing(connection, hook, limits):
    first = claimed(connection, hook, limits)
    pass_seconds(connection, 61)
    claim_message(connection, hook.id, 60.0)
    assert finish_message(connection, first, LATER, 1) == "sending"
    assert load_deliveries(connection)[0].last_error == ""


def test_that_it_was_sent_counts_from_whoever_says_so_and_nobody_sends_it_again(connection, hook, limits):
    first = claimed(connection, hook, limits)
    pass_seconds(connection, 61)
    second = claim_message(connection, hook.id, 60.0)
    assert finish_message(connection, first, Attempt(Outcome.SENT), 0) == "sent"
    assert finish_message(connection, second, LATER, 1) == "sent"
    assert due_channels(connection) == []


def test_a_message_that_was_given_back_is_due_at_once_and_counts_no_attempt(connection, hook, limits):
    message = claimed(connection, hook, limits)
    assert finish_message(connection, message, Attempt(Outcome.RELEASED), 600) == "waiting"
    assert claim_message(connection, hook.id, 60.0).attempt == 1


def test_a_message_is_given_up_after_a_day_of_attempts_and_can_be_tried_again(connection, hook, limits):
    message = claimed(connection, hook, limits)
    pass_seconds(connection, 23 * 3600)
    message = claim_message(connection, hook.id, 60.0)
    assert finish_message(connection, message, LATER, 0) == "waiting"
    pass_seconds(connection, 2 * 3600)
    message = claim_message(connection, hook.id, 60.0)
    assert finish_message(connection, message, LATER, 0) == "failed"
    (failed,) = load_deliveries(connection, states=(DeliveryState.FAILED,))
    assert failed.last_error == "Given up after 24 hours. No answer."
    assert count_queue(connection).failed == 1
    assert retry_deliveries(connection, [failed.id]) == 1
    assert claim_message(connection, hook.id, 60.0).message_key == message.message_key


def test_a_test_is_sent_once_keeps_its_steps_and_is_never_repeated(connection, mail):
    asked = request_test(connection, mail.id, "eva@plant.example")
    message = claim_message(connection, mail.id, 60.0)
    assert (message.delivery, message.is_test, message.address) == (asked, True, "eva@plant.example")
    attempt = Attempt(Outcome.RETRY, (Step("Connected", "127.0.0.1", True, 0.1),), "No answer.")
    assert finish_message(connection, message, attempt, 5) == "failed"
    (delivery,) = load_deliveries(connection)
    assert (delivery.steps, delivery.last_error) == (attempt.steps, "No answer.")


def test_a_channel_that_fails_for_minutes_is_told_until_something_goes_through(connection, hook, limits):
    message = claimed(connection, hook, limits)
    finish_message(connection, message, LATER, 600)
    assert channel_troubles(connection) == []
    pass_seconds(connection, 301)
    (trouble,) = channel_troubles(connection)
    assert (trouble.channel, trouble.waiting, trouble.reason) == ("Hook", 1, "No answer.")
    pass_seconds(connection, 301)
    finish_message(connection, claim_message(connection, hook.id, 60.0), Attempt(Outcome.SENT), 0)
    assert channel_troubles(connection) == []


def test_one_recipients_fault_is_no_fault_of_the_channel(connection, hook, limits):
    message = claimed(connection, hook, limits)
    finish_message(connection, message, Attempt(Outcome.FAILED, error="550 no such user"), 0)
    pass_seconds(connection, 301)
    assert channel_troubles(connection) == []


def test_messages_that_no_station_sends_are_told(connection, hook, limits):
    add_rule(connection, hook)
    happen(connection, limits[0])
    make_messages(connection)
    pass_seconds(connection, 301)
    (trouble,) = channel_troubles(connection)
    assert (trouble.waiting, trouble.reason) == (1, "")


def test_a_station_without_the_key_says_so(connection, hook):
    note_trouble(connection, hook.id, "No key.")
    pass_seconds(connection, 301)
    assert channel_troubles(connection)[0].reason == "No key."


def test_messages_of_a_channel_that_was_switched_off_wait(connection, hook, limits):
    add_rule(connection, hook)
    happen(connection, limits[0])
    make_messages(connection)
    connection.execute(text("UPDATE app.notification_channels SET enabled = false"))
    assert due_channels(connection) == []
    assert claim_message(connection, hook.id, 60.0) is None
    connection.execute(text("UPDATE app.notification_channels SET enabled = true"))
    assert len(due_channels(connection)) == 1


def test_what_a_disabled_rule_or_a_disabled_person_waited_for_is_dropped(connection, mail, limits):
    ben = add_person(connection, Role.OPERATOR, "ben@plant.example")
    add_rule(connection, mail, roles=frozenset({Role.OPERATOR}))
    happen(connection, limits[0])
    make_messages(connection)
    connection.execute(text("UPDATE app.users SET is_active = false WHERE id = :id"), {"id": ben})
    make_messages(connection)
    assert load_deliveries(connection)[0].last_error == "The person may not sign in any more."
    assert sent_messages(connection) == []


def test_messages_are_kept_for_ninety_days(connection, hook, limits):
    message = claimed(connection, hook, limits)
    finish_message(connection, message, Attempt(Outcome.SENT), 0)
    connection.execute(
        text("UPDATE app.notification_deliveries SET ended_at = ended_at - interval '91 days'")
    )
    make_messages(connection)
    assert load_deliveries(connection) == []


def test_rules_about_hooks_need_nobody_named(connection):
    hook = add_channel(connection, HOOK)
    add_rule(connection, hook)
    limit = add_device(connection)[0]
    happen(connection, limit, at=datetime.now(UTC) - timedelta(seconds=1))
    assert told(connection) == [("", (1, 0, 0))]
