"""The journal: everything that happened to alerts, who did it, from where, and what asked for an operator."""

from datetime import UTC, datetime

import pytest

from models.errors import NotAllowed, Rejected
from models.queries.alert_journal import events_of, journal_page
from models.queries.alerts import comment, open_alerts
from models.records.alert import EventKind
from models.records.alert_filter import JournalFilter
from models.records.threshold import Severity
from tests.unit.models.queries.alarm_parts import T0


@pytest.fixture
def alarm(plant):
    return plant.alarm()


@pytest.fixture
def story(plant, alarm):
    """An alert with a life; its number."""
    alarm.tell("raised", 10)
    (alert,) = alarm.alerts()
    with plant.operators.transaction() as connection:
        comment(connection, [alert], "  smells hot \n")
    alarm.acknowledge("fan is being changed")
    alarm.shelve()
    alarm.tell("cleared")
    return alert


def read(plant, question, *arguments):
    with plant.operators.transaction() as connection:
        return question(connection, *arguments)


def test_a_story_is_told_with_who_where_and_what_asked_for_an_operator(plant, alarm, story):
    events = read(plant, events_of, story)
    assert [(event.kind, event.comment, event.is_annunciated) for event in events] == [
        (EventKind.RAISED, "", True),
        (EventKind.COMMENTED, "smells hot", False),
        (EventKind.ACKNOWLEDGED, "fan is being changed", False),
        (EventKind.SHELVED, "valve", False),
        (EventKind.CLEARED, "", False),
        (EventKind.RESOLVED, "", False),
    ]
    person = plant.operator.name
    assert [event.person for event in events] == ["", person, person, person, "", ""]
    assert [bool(event.station) for event in events] == [True, False, False, False, True, True]
    assert {event.workstation for event in events} == {"station", "tests"}
    assert (events[0].at, events[0].value) == (datetime.fromtimestamp(T0 + 10, UTC), 71.5)


def test_comments_are_counted_beside_an_open_alert_and_reasons_of_shelves_are_not(plant, alarm):
    alarm.tell("raised")
    alarm.acknowledge("seen")
    alarm.shelve()
    with plant.operators.transaction() as connection:
        comment(connection, alarm.alerts(), "and again")
        (alert,) = [alert for alert in open_alerts(connection) if alert.threshold == alarm.threshold]
    assert alert.comments == 2


def test_a_resolved_alert_takes_comments_too(plant, alarm, story):
    assert alarm.alerts() == []
    with plant.operators.transaction() as connection:
        assert comment(connection, [story], "was a bearing") == [story]


@pytest.mark.parametrize("words", ["", "  \n\t ", "\0"])
def test_a_comment_needs_words(plant, story, words):
    with pytest.raises(Rejected, match=r"^A comment needs words\.$"):
        read(plant, comment, [story], words)


def test_a_comment_of_a_megabyte_is_refused_with_the_number_allowed(plant, story):
    with pytest.raises(Rejected, match="at most 4000 characters"):
        read(plant, comment, [story], "x" * 1_000_000)


def test_a_station_comments_nothing(plant, story):
    with plant.station.transaction() as connection, pytest.raises(NotAllowed, match="Only a person who"):
        comment(connection, [story], "beep")


def test_the_journal_is_read_newest_first_and_page_by_page(plant, story):
    chosen = JournalFilter(alert=story)
    first = read(plant, journal_page, chosen, 4)
    second = read(plant, journal_page, chosen, 4, first[-1])
    assert [event.id for event in (*second[::-1], *first[::-1])] == [
        event.id for event in read(plant, events_of, story)
    ][::1]
    assert len(second) == 2


@pytest.mark.parametrize(
    ("chosen", "kinds"),
    [
        ({"kinds": frozenset({EventKind.SHELVED, EventKind.COMMENTED})}, ["shelved", "commented"]),
        ({"text": "FAN is"}, ["acknowledged"]),
        ({"text": "valve"}, ["shelved"]),
        ({"text": "100%"}, []),
        ({"severities": frozenset({Severity.CRITICAL})}, []),
        ({"until": datetime.fromtimestamp(T0 + 11, UTC)}, ["raised"]),
        ({"since": datetime.fromtimestamp(T0 + 11, UTC), "kinds": frozenset({EventKind.RAISED})}, []),
    ],
)
def test_every_part_of_a_filter_that_is_set_must_hold(plant, alarm, story, chosen, kinds):
    found = read(plant, journal_page, JournalFilter(device=alarm.device, **chosen), 100)
    assert [event.kind for event in found] == kinds


def test_what_a_person_did_is_found_by_the_person(plant, alarm, story):
    by_person = JournalFilter(device=alarm.device, person_id=plant.operator.id)
    assert {event.person for event in read(plant, journal_page, by_person, 10)} == {plant.operator.name}
