"""The station's memory of tickets: on a store that comes and goes, and a clock turned by hand."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest

from console.station.health import LoopHealth
from console.station.ticket_book import TicketBook
from console.station.tuning import Tuning
from models.errors import NotAllowed
from models.records.person import Role
from models.records.ticket import TicketHolder, TicketRefusal, TicketState, TicketVerdict

Until = Callable[[Callable[[], bool]], Awaitable[None]]
ONE, TWO = b"1" * 32, b"2" * 32


def holder(person: int = 1, role: Role = Role.ADMIN, remaining_s: float = 600.0) -> TicketHolder:
    return TicketHolder(person, f"Person {person}", role, datetime(2026, 1, 1, tzinfo=UTC), remaining_s)


@pytest.fixture
async def book(store, clock, tuning: Tuning) -> AsyncIterator[TicketBook]:
    book = TicketBook(store, clock, tuning, LoopHealth())
    book.start()
    yield book
    await book.stop()


@pytest.fixture
def told() -> list[TicketVerdict]:
    return []


async def known(book: TicketBook, store, told: list[TicketVerdict], until: Until) -> None:
    store.tickets[ONE] = holder()
    book.watch(ONE, told.append)
    await until(lambda: told == [holder()])


async def test_a_good_ticket_is_told_after_watching_began(book, store, told, until: Until) -> None:
    store.tickets[ONE] = holder()
    book.watch(ONE, told.append)
    assert told == []
    await until(lambda: told == [holder()])


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (None, "The station does not know this sign-in; sign in again."),
        (TicketState.EXPIRED, "This sign-in is older than seven days; sign in again."),
        (TicketState.SIGNED_OUT, "This sign-in was ended; sign in again."),
        (TicketState.PASSWORD_CHANGED, "The password was changed after this sign-in; sign in again."),
        (TicketState.DISABLED, "This account is disabled; ask an administrator."),
    ],
)
async def test_a_bad_ticket_is_refused_for_good(book, store, told, until: Until, state, sentence) -> None:
    store.tickets |= {ONE: state} if state else {}
    book.watch(ONE, told.append)
    await until(lambda: bool(told))
    assert told == [TicketRefusal(sentence, is_final=True)]


async def test_an_unknown_ticket_is_refused_for_now_while_the_database_is_away(
    book, store, told, until: Until
) -> None:
    store.is_away = True
    book.watch(ONE, told.append)
    await until(lambda: bool(told))
    assert not told[0].is_final
    assert told[0].sentence.startswith("The station cannot check this sign-in while the database is away")


async def test_a_known_ticket_goes_on_while_the_database_is_away(book, store, told, until: Until) -> None:
    await known(book, store, told, until)
    store.is_away = True
    book.recheck()
    later: list[TicketVerdict] = []
    book.watch(ONE, later.append)
    await until(lambda: bool(later) and len(store.asked) > 3)
    assert (told, later) == ([holder()], [holder()])


async def test_nobody_is_let_in_where_the_station_itself_is_not_allowed_to_check(
    book, store, told, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(digests):
        raise NotAllowed("only a station may do this")

    monkeypatch.setattr(store, "check_tickets", refuse)
    book.watch(ONE, told.append)
    await until(lambda: bool(told))
    assert told == [TicketRefusal("The station cannot check any sign-in; its log says why.", is_final=False)]


async def test_a_mistake_in_our_own_code_lets_nobody_in_and_the_thread_lives_on(
    book, store, told, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(store, "check_tickets", lambda digests: 1 / 0)
        book.watch(ONE, told.append)
        await until(lambda: bool(told))
    assert isinstance(told.pop(), TicketRefusal)
    await known(book, store, told, until)


async def test_a_change_of_people_ends_a_known_ticket(book, store, told, until: Until) -> None:
    await known(book, store, told, until)
    store.tickets[ONE] = TicketState.DISABLED
    book.recheck()
    await until(lambda: len(told) == 2)
    assert told[1] == TicketRefusal("This account is disabled; ask an administrator.", is_final=True)


async def test_another_role_is_told_once(book, store, told, until: Until) -> None:
    await known(book, store, told, until)
    store.tickets[ONE] = holder(role=Role.USER, remaining_s=500.0)
    book.recheck()
    await until(lambda: len(told) == 2)
    asked = len(store.asked)
    store.tickets[ONE] = holder(role=Role.USER, remaining_s=499.0)
    book.recheck()
    await until(lambda: len(store.asked) > asked)
    assert told == [holder(), holder(role=Role.USER)]


async def test_a_change_missed_while_the_database_was_away_is_found_when_it_is_back(
    book, store, told, until: Until
) -> None:
    await known(book, store, told, until)
    store.is_away = True
    book.recheck()
    await until(lambda: len(store.asked) > 2)
    del store.tickets[ONE]
    store.is_away = False
    await until(lambda: len(told) == 2)
    assert isinstance(told[1], TicketRefusal)


async def test_a_ticket_runs_out_by_the_clock_that_nobody_can_set_back(
    book, store, told, clock, until: Until
) -> None:
    await known(book, store, told, until)
    store.is_away = True
    clock.now_s += 601.0
    clock.now_unix -= 86_400.0
    await until(lambda: len(told) == 2)
    assert told[1] == TicketRefusal("This sign-in is older than seven days; sign in again.", is_final=True)


async def test_a_ticket_runs_out_in_suspend_where_the_other_clock_stands_still(
    book, store, told, clock, until: Until
) -> None:
    await known(book, store, told, until)
    store.is_away = True
    clock.now_unix += 601.0
    await until(lambda: len(told) == 2)


async def test_whoever_went_away_is_told_nothing_more(book, store, told, until: Until) -> None:
    await known(book, store, told, until)
    gone: list[TicketVerdict] = []
    unwatch = book.watch(ONE, gone.append)
    unwatch()
    unwatch()
    store.tickets.clear()
    book.recheck()
    await until(lambda: len(told) == 2)
    assert gone == []


async def test_ten_thousand_made_up_tickets_are_a_handful_of_questions(
    book, store, told, until: Until
) -> None:
    for number in range(10_000):
        book.watch(number.to_bytes(32), told.append)
    store.tickets[TWO] = holder(2)
    let_in: list[TicketVerdict] = []
    book.watch(TWO, let_in.append)
    await until(lambda: bool(let_in))
    await until(lambda: len(told) == 10_000)
    assert len(store.asked) <= 12
    assert let_in == [holder(2)]


async def test_questions_keep_their_distance(book, store, told, tuning: Tuning, until: Until) -> None:
    began_s = asyncio.get_running_loop().time()
    for number in range(6):
        book.watch(number.to_bytes(32), told.append)
        await until(lambda number=number: len(told) == number + 1)
    assert asyncio.get_running_loop().time() - began_s >= 5 * tuning.tickets_pause_s


async def test_stopping_ends_the_thread_and_is_safe_twice(store, clock, tuning: Tuning) -> None:
    book = TicketBook(store, clock, tuning, LoopHealth())
    await book.stop()
    book.start()
    await book.stop()
    await book.stop()
    book.recheck()


class FakeMemory:
    """Remembers one ticket, and what it was asked to keep."""

    def __init__(self) -> None:
        self.kept: list[dict[bytes, tuple[TicketHolder, float]]] = []

    def load(self, now_unix: float) -> dict[bytes, TicketHolder]:
        del now_unix
        return {ONE: holder(remaining_s=60.0)}

    def keep(self, tickets: dict[bytes, tuple[TicketHolder, float]], now_unix: float) -> None:
        del now_unix
        self.kept.append(tickets)


@pytest.fixture
def memory() -> FakeMemory:
    return FakeMemory()


@pytest.fixture
async def remembering(store, clock, tuning: Tuning, memory: FakeMemory) -> AsyncIterator[TicketBook]:
    book = TicketBook(store, clock, tuning, LoopHealth(), memory)
    book.start()
    yield book
    await book.stop()


async def test_a_remembered_ticket_is_good_while_the_database_is_away(
    remembering, store, told, until: Until
) -> None:
    store.is_away = True
    remembering.watch(ONE, told.append)
    await until(lambda: told == [holder()])


async def test_a_remembered_ticket_opens_nothing_that_the_database_refuses(
    remembering, store, told, until: Until
) -> None:
    store.tickets[ONE] = TicketState.DISABLED
    remembering.watch(ONE, told.append)
    await until(lambda: bool(told))
    assert told == [TicketRefusal("This account is disabled; ask an administrator.", is_final=True)]


async def test_a_remembered_ticket_opens_nothing_where_checking_itself_fails(
    remembering, store, told, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(digests) -> None:
        raise NotAllowed("This login may not ask.")

    monkeypatch.setattr(store, "check_tickets", refuse)
    remembering.watch(ONE, told.append)
    remembering.watch(TWO, told.append)
    await until(lambda: bool(told))
    assert [verdict.sentence for verdict in told] == [
        "The station cannot check any sign-in; its log says why."
    ]


async def test_a_remembered_ticket_runs_out(remembering, store, clock, told, until: Until) -> None:
    store.is_away = True
    remembering.watch(ONE, told.append)
    await until(lambda: told == [holder()])
    clock.turn(61.0)
    await until(lambda: len(told) == 2)
    assert told[1].sentence == "This sign-in is older than seven days; sign in again."


async def test_a_checked_ticket_is_remembered_until_it_runs_out_and_forgotten_once_it_ended(
    remembering, store, clock, memory: FakeMemory, told, until: Until
) -> None:
    store.tickets |= {ONE: holder(), TWO: holder(2)}
    remembering.watch(ONE, told.append)
    remembering.watch(TWO, told.append)
    await until(lambda: len(told) == 2)
    await until(lambda: bool(memory.kept))
    assert memory.kept[-1][TWO] == (holder(2), clock.unix() + 600.0)
    store.tickets[TWO] = TicketState.SIGNED_OUT
    remembering.recheck()
    await until(lambda: TWO not in memory.kept[-1])
