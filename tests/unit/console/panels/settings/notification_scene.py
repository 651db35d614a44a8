"""Channels, rules and messages as the settings' tests need them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from console.panels.settings.notifications.questions import PersonChoice, Queue, Setup
from models.records.notification import (
    Channel,
    ChannelId,
    ChannelKind,
    ChannelTrouble,
    Delivery,
    DeliveryId,
    DeliveryState,
    QueueCounts,
    Rule,
    RuleId,
    Security,
    Step,
)
from models.records.person import Role
from models.records.threshold import Severity
from tests.unit.console.panels.settings.account_parts import NOW_AT

MAIL = Channel(
    ChannelId(1),
    "Plant mail",
    ChannelKind.SMTP,
    host="mail.plant.example",
    sender="console@plant.example",
    username="console",
    secret={"$sealed": {}},
    updated_at=NOW_AT,
)
HOOK = Channel(
    ChannelId(2),
    "Paging",
    ChannelKind.WEBHOOK,
    url="https://paging.example.com/hooks/alerts",
    secret_header="Authorization",
    secret={"$sealed": {}},
    security=Security.TLS,
    updated_at=NOW_AT,
)
ON_CALL = Rule(
    RuleId(1),
    "On call",
    MAIL.id,
    severities=frozenset({Severity.CRITICAL, Severity.WARNING}),
    roles=frozenset({Role.OPERATOR}),
    persons=frozenset({2}),
    addresses=("on-call@plant.example",),
    shifts=("Night",),
    delay_s=120.0,
    updated_at=NOW_AT,
)
PAGE = Rule(RuleId(2), "Page for critical", HOOK.id, locations=("Hall A",), updated_at=NOW_AT)
PERSONS = (PersonChoice(1, "Eva Lind"), PersonChoice(2, "Anna Berg"), PersonChoice(3, "Ben Lund"))
SETUP = Setup((HOOK, MAIL), (ON_CALL, PAGE), PERSONS)


def delivery(number: int, state: DeliveryState = DeliveryState.SENT, **facts: Any) -> Delivery:
    ended = state not in (DeliveryState.WAITING, DeliveryState.SENDING)
    known = Delivery(
        id=DeliveryId(number),
        rule="On call",
        channel="Plant mail",
        recipient="Anna Berg",
        is_test=False,
        counts=(1, 2, 0),
        late=0,
        state=state,
        created_at=NOW_AT - timedelta(minutes=number),
        next_attempt_at=NOW_AT + timedelta(seconds=40),
        attempts=1,
        last_error="",
        steps=(),
        sent_at=NOW_AT - timedelta(minutes=number) if state is DeliveryState.SENT else None,
        sent_by="Hall A" if state is DeliveryState.SENT else "",
        ended_at=NOW_AT - timedelta(minutes=number) if ended else None,
    )
    return replace(known, **facts)


HUNG = "The server did not answer within 15 s."
WAITING = delivery(1, DeliveryState.WAITING, attempts=4, last_error=HUNG, counts=(2, 15, 0))
FAILED = delivery(
    2,
    DeliveryState.FAILED,
    recipient="gone@plant.example",
    last_error="The server does not take mail for this recipient: 550 no such user.",
)
SENT = delivery(3)
QUEUE = Queue(QueueCounts(3, 1, 1), (WAITING, FAILED, SENT), ())
TROUBLED = replace(QUEUE, troubles=(ChannelTrouble("Plant mail", NOW_AT - timedelta(minutes=12), 1, HUNG),))
STEPS = (
    Step("Name found", "127.0.0.1", True, 0.01),
    Step("Connected", "127.0.0.1, port 587", True, 0.02),
    Step("Failed", HUNG, False, 15.02),
)
