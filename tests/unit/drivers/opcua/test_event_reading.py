"""Events taken apart: what is left out or wrong is made up for, refused, or costs only itself."""

from datetime import UTC, datetime

import pytest
from asyncua import ua
from asyncua.ua.ua_binary import struct_to_binary
from hypothesis import given
from hypothesis import strategies as st

from drivers.events import EventNews
from drivers.opcua import event_inbox
from drivers.opcua.event_inbox import MOST_WAITING, Budget, EventInbox
from drivers.opcua.event_reading import BASE_FIELDS, CONDITION_FIELDS, NotAnEvent, Signal, event_of
from drivers.opcua.event_wire import event_count, events_in

CAME = datetime(2026, 3, 1, 12, tzinfo=UTC)
TIME = CAME.replace(minute=59, hour=11)
ALARM = ua.NodeId("Press03.Hot", 2)
KIND = ua.NodeId(ua.ObjectIds.BaseEventType)
PAST_BRANCH = ua.NodeId(5, 2)

BASE = {
    "EventId": b"\x01\x02",
    "EventType": KIND,
    "SourceNode": ua.NodeId("Press03", 2),
    "SourceName": "Press 3",
    "Time": TIME,
    "Message": ua.LocalizedText("Motor overtemperature"),
    "Severity": 700,
}
CONDITION = {"": ALARM, "ConditionName": "Hot", "Retain": True, "EnabledState/Id": True}


def fields(**changed: object) -> list[object]:
    known = BASE | {name.replace("__", "/"): value for name, value in changed.items()}
    if "ConditionId" in known:
        known[""] = known.pop("ConditionId")
    return [known.get(name) for name in (*BASE_FIELDS, *CONDITION_FIELDS)]


def condition(**changed: object) -> list[object]:
    given = {"ConditionId": ALARM, "ConditionName": "Hot", "Retain": True, "ActiveState__Id": True}
    return fields(**given | changed)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, True),
        ({"ActiveState__Id": False}, False),
        ({"EnabledState__Id": False}, False),
        ({"ActiveState__Id": None}, True),
        ({"ActiveState__Id": None, "Retain": False}, False),
        ({"ActiveState__Id": None, "Retain": None}, False),
        ({"ConditionId": None}, True),
        ({"ConditionId": ua.NodeId()}, True),
    ],
)
def test_whether_a_condition_stands(changed, expected) -> None:
    told = event_of(condition(**changed), CAME)
    assert told.is_active is expected


def test_a_condition_keeps_its_key_and_an_event_has_one_of_its_own() -> None:
    active, over = (event_of(condition(ActiveState__Id=one), CAME) for one in (True, False))
    assert active.key == over.key == "ns=2;s=Press03.Hot"
    nameless = event_of(condition(ConditionId=None), CAME)
    assert nameless.key == "ns=2;s=Press03 Hot"
    plain = event_of(fields(), CAME)
    assert (plain.key, plain.is_active) == ("0102", None)


def test_states_of_the_past_are_nobodys_affair() -> None:
    assert event_of(condition(BranchId=PAST_BRANCH), CAME) is None
    assert event_of(condition(BranchId=ua.NodeId()), CAME) is not None


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (ua.ObjectIds.RefreshStartEventType, Signal.REFRESH_BEGINS),
        (ua.ObjectIds.RefreshEndEventType, Signal.REFRESH_ENDS),
        (ua.ObjectIds.RefreshRequiredEventType, Signal.REFRESH_NEEDED),
        (ua.ObjectIds.EventQueueOverflowEventType, Signal.REFRESH_NEEDED),
        (ua.ObjectIds.AuditCreateSessionEventType, None),
        (ua.ObjectIds.GeneralModelChangeEventType, None),
    ],
)
def test_what_a_server_says_of_itself_is_no_event(kind, expected) -> None:
    assert event_of(fields(EventType=ua.NodeId(kind), Severity=None), CAME) is expected


@pytest.mark.parametrize(
    "changed",
    [{"EventType": None}, {"EventType": "i=5"}, {"Severity": None}, {"Severity": True}, {"EventId": None}],
)
def test_what_every_event_has_is_asked_for(changed) -> None:
    with pytest.raises(NotAnEvent):
        event_of(fields(**changed), CAME)


def test_a_servers_words_become_one_line_of_bounded_length() -> None:
    told = event_of(fields(Message="Hot\n\x00\tnow \u202e", SourceName="x" * 500, Severity=70_000), CAME)
    assert (told.message, len(told.source), told.severity) == ("Hot now", 120, 1000)
    long = event_of(condition(ConditionId=ua.NodeId("y" * 4000, 2)), CAME)
    assert len(long.key) == 64


def test_a_moment_that_is_none_is_when_the_event_came() -> None:
    assert event_of(fields(), CAME).happened_at == datetime(2026, 3, 1, 11, 59, tzinfo=UTC)
    assert event_of(fields(Time=TIME.replace(year=1601)), CAME).happened_at == CAME
    assert event_of(fields(Time="now"), CAME).happened_at == CAME


def body(*events: list[object]) -> bytes:
    """Encode a list of events as a server does."""
    kinds = {bool: ua.VariantType.Boolean, int: ua.VariantType.UInt16, bytes: ua.VariantType.ByteString}
    listed = [
        ua.EventFieldList(7, [ua.Variant(value, kinds.get(type(value))) for value in event])
        for event in events
    ]
    return struct_to_binary(ua.EventNotificationList(listed))


def read(inbox: EventInbox, octets: bytes) -> EventNews | None:
    """Let a list of events come, and take what it told."""
    inbox.put(octets, 0.0)
    while inbox.digest(3):
        pass
    return inbox.take()


def test_what_was_encoded_is_read() -> None:
    listed = events_in(body(condition(), fields()))
    assert [event_of(one, CAME).is_active for one in listed] == [True, None]
    assert event_count(body(condition(), fields())) == 2


def test_an_event_that_cannot_be_read_costs_only_itself() -> None:
    news = read(
        EventInbox(0.0), body(fields(Message="one"), fields(Severity="high"), fields(Message="three"))
    )
    assert ([one.message for one in news.events], news.dropped) == (["one", "three"], 1)


@given(st.binary(max_size=200))
def test_bytes_that_mean_nothing_are_refused_and_nothing_worse(octets: bytes) -> None:
    news = read(EventInbox(0.0), octets)
    assert news is None or not news.events


@given(st.data())
def test_a_changed_octet_never_costs_more_than_the_list(data) -> None:
    octets = bytearray(body(condition(), fields(), condition(ActiveState__Id=False)))
    octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    news = read(EventInbox(0.0), bytes(octets))
    assert news is None or len(news.events) + min(news.dropped, 1) <= 4


def test_a_refresh_tells_what_stands_and_what_came_behind_it_counts() -> None:
    inbox = EventInbox(0.0)
    other = ua.NodeId("Press03.Leak", 2)
    start, end = (
        fields(EventType=ua.NodeId(kind))
        for kind in (ua.ObjectIds.RefreshStartEventType, ua.ObjectIds.RefreshEndEventType)
    )
    inbox.begin_refresh()
    inbox.put(body(start, condition(), end), 0.0)
    assert not inbox.digest(9)
    assert not inbox.is_refreshing
    news = read(inbox, body(condition(ConditionId=other), condition(ActiveState__Id=False)))
    assert news.standing == {"ns=2;s=Press03.Leak"}
    assert inbox.take() is None


def test_more_than_can_wait_is_dropped_and_asked_for_again(monkeypatch) -> None:
    monkeypatch.setattr(event_inbox, "_BURST", 10 * MOST_WAITING)
    inbox = EventInbox(0.0)
    news = read(inbox, body(*[fields()] * (MOST_WAITING + 5)))
    assert (len(news.events), news.dropped, inbox.is_refresh_due) == (MOST_WAITING, 5, True)


def test_a_budget_fills_again() -> None:
    budget = Budget(0.0)
    assert [budget.take(800, at_s) for at_s in (0.0, 1.0, 6.0)] == [True, False, True]
    assert not budget.take(1001, 1e9)
