"""What becomes of acknowledgements from windows: who was first, and nothing is told before it is kept."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from console.station.alerts.alert_desk import AlertDesk, Outcome
from console.station.alerts.alert_list import AlertKey, AlertList
from models.records.person import Role
from models.records.station_alert import Acknowledgement, StationAlerts
from models.records.ticket import TicketHolder
from tests.unit.console.station.alert_parts import FIRST, ONE, TWO, alert

ADA = TicketHolder(1, "Ada", Role.OPERATOR, datetime(2026, 1, 1, tzinfo=UTC), 600.0)
OTTO = TicketHolder(2, "Otto", Role.USER, datetime(2026, 1, 1, tzinfo=UTC), 600.0)
NOT_OPEN = (
    "This computer's station does not poll this device, or the alert is over; acknowledge it where the "
    "device is polled, or here once the database is back."
)


class Counter:
    """A desk on a list of alerts; acts become durable when the test says so."""

    def __init__(self, clock) -> None:
        self.alerts = AlertList()
        self.acts: list[Acknowledgement] = []
        self.durable: list[Callable[[], None]] = []
        self.told: list[AlertKey] = []
        self.answers: list[Sequence[Outcome]] = []
        self.desk = AlertDesk(self.alerts, clock, self.keep, self.told.extend)

    def keep(self, acts: Sequence[Acknowledgement], on_durable: Callable[[], None]) -> None:
        self.acts += acts
        self.durable.append(on_durable)

    def open(self, *alerts) -> None:
        self.alerts.take(StationAlerts(alerts), {ONE, TWO})

    def ask(self, *keys, number: int = 1, by=ADA, sight=None, comment: str = "", ticket: str = "") -> None:
        self.desk.acknowledge(
            by, ticket or by.name, sight, number, keys or [(1, 1)], comment, self.answers.append
        )

    async def settle(self) -> None:
        for on_durable in self.durable:
            await asyncio.to_thread(on_durable)
        await asyncio.sleep(0)


@pytest.fixture
def counter(clock) -> Counter:
    made = Counter(clock)
    made.open(alert())
    return made


async def test_act_carries_ticket_moment_and_words(counter: Counter, clock) -> None:
    counter.ask(comment="  Pump\0 restarted ")
    assert counter.acts == [Acknowledgement("Ada", ONE, FIRST, clock.unix(), "Pump restarted")]
    assert counter.told == [(ONE, FIRST)]


async def test_answer_comes_only_once_the_act_is_durable(counter: Counter) -> None:
    counter.ask()
    await asyncio.sleep(0)
    assert counter.answers == []
    await counter.settle()
    assert counter.answers == [((1, 1, True, "Acknowledged."),)]


async def test_list_shows_who_acknowledged_at_once(counter: Counter, clock) -> None:
    counter.ask()
    shown = counter.alerts.alert((ONE, FIRST))
    assert shown is not None
    assert (shown.acknowledged_by, shown.acknowledged_unix) == ("Ada", clock.unix())


async def test_second_person_is_told_who_was_first_and_when(counter: Counter) -> None:
    counter.ask()
    counter.ask(by=OTTO)
    ((device, threshold, is_changed, text),) = counter.answers[0]
    assert (device, threshold, is_changed) == (1, 1, False)
    assert text.startswith("Already acknowledged by Ada at 2023-11-14 ")
    assert len(counter.acts) == 1


async def test_alert_that_has_returned_is_resolved_by_it(counter: Counter) -> None:
    counter.open(alert(cleared_unix=12.0))
    counter.ask()
    await counter.settle()
    assert counter.answers == [((1, 1, True, "Resolved."),)]
    assert len(counter.alerts) == 0


async def test_repetition_is_answered_the_same_and_does_nothing_again(counter: Counter) -> None:
    counter.open(alert(), alert(2, cleared_unix=12.0))
    counter.ask((1, 1), (2, 1))
    await counter.settle()
    counter.ask((1, 1), (2, 1))
    assert counter.answers[1] == counter.answers[0]
    assert len(counter.acts) == 2


async def test_repetition_of_what_is_not_durable_yet_waits_as_well(counter: Counter) -> None:
    counter.ask()
    counter.ask()
    assert counter.answers == []
    await counter.settle()
    assert counter.answers == [((1, 1, True, "Acknowledged."),)] * 2


async def test_alert_that_came_again_is_acknowledged_anew_under_the_same_number(counter: Counter) -> None:
    counter.ask()
    await counter.settle()
    counter.open(alert(annunciated_unix=30.0))
    counter.ask()
    assert len(counter.acts) == 2


async def test_the_same_number_of_another_ticket_is_another_order(counter: Counter) -> None:
    counter.ask(ticket="one")
    await counter.settle()
    counter.ask(ticket="two")
    assert [outcome[2] for (outcome,) in counter.answers] == [True, False]


async def test_engineer_acknowledges_own_devices_only(counter: Counter) -> None:
    counter.open(alert(1), alert(2))
    counter.ask((1, 1), (2, 1), by=OTTO, sight=frozenset({TWO}))
    await counter.settle()
    assert counter.answers == [((1, 1, False, NOT_OPEN), (2, 1, True, "Acknowledged."))]
    assert [act.device for act in counter.acts] == [TWO]


async def test_alert_that_asks_for_words_wants_them(counter: Counter) -> None:
    counter.open(alert(requires_comment=True))
    counter.ask(comment=" \0 ")
    assert counter.answers == [
        ((1, 1, False, "This alert asks for a comment; say in a few words what you found or did."),)
    ]
    counter.ask(comment="Looked at it")
    assert len(counter.acts) == 1


async def test_comment_that_is_too_long_changes_nothing(counter: Counter) -> None:
    counter.ask(comment="x" * 4001)
    assert counter.answers == [[(1, 1, False, "A comment may have 4000 characters; this one has 4001.")]]
    assert counter.acts == []


@pytest.mark.parametrize("key", [(1, 9), (9, 1), (-1, 2**63)])
async def test_alert_that_is_not_open_is_named_so(counter: Counter, key: tuple[int, int]) -> None:
    counter.ask(key)
    assert counter.answers == [((*key, False, NOT_OPEN),)]
