"""What a station does that is asked for something, and what it says came of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from console.station.drill import Course, DrillBook, outcome_of
from console.station.health import LoopHealth
from console.station.orders import Orders
from models.errors import DatabaseAway
from models.queries.drill import TakenOver
from models.records.device import DeviceId
from models.records.station import OrderKind, StationOrder

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ORDER = StationOrder(7, 1, OrderKind.RETRY_QUARANTINE, 0.0, "Ada", NOW, NOW, None, "")


@dataclass
class Desk:
    """The database, as far as orders go."""

    waiting: list[StationOrder] = field(default_factory=lambda: [ORDER])
    refusals: int = 0
    outcomes: list[tuple[int, str]] = field(default_factory=list)

    def take_order(self) -> StationOrder | None:
        return self.waiting.pop() if self.waiting else None

    def end_order(self, order: int, outcome: str) -> None:
        if self.refusals:
            self.refusals -= 1
            raise DatabaseAway("The database does not answer.")
        self.outcomes.append((order, outcome))


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def begin(desk: Desk, tuning) -> Iterator:
    begun: list[Orders] = []

    def begin(act) -> Orders:
        orders = Orders(desk, tuning, LoopHealth(), {OrderKind.RETRY_QUARANTINE: act})  # type: ignore[arg-type]
        begun.append(orders)
        orders.start()
        orders.call()
        return orders

    yield begin
    for orders in begun:
        orders.stop()


def test_order_is_carried_out_once_and_its_outcome_told(begin, desk: Desk, wait_until) -> None:
    orders = begin(lambda order, _: f"Done for {order.asked_by}.")
    wait_until(lambda: bool(desk.outcomes))
    orders.call()
    orders.stop()
    assert desk.outcomes == [(7, "Done for Ada.")]


def test_outcome_is_told_however_long_the_database_is_away(begin, desk: Desk, wait_until) -> None:
    desk.refusals = 3
    begin(lambda *_: "Done.")
    wait_until(lambda: bool(desk.outcomes))
    assert desk.outcomes == [(7, "Done.")]


def test_whoever_asked_hears_of_a_failure(begin, desk: Desk, wait_until, caplog) -> None:
    def fail(*_: object) -> str:
        raise ValueError("no room")

    begin(fail)
    wait_until(lambda: bool(desk.outcomes))
    assert desk.outcomes == [(7, "It failed: no room")]
    caplog.clear()


def course(**changes: object) -> Course:
    well = Course(60.0, 600, 590, 2.04, 0.0, lost=0, late=0, doubled=0, taken=(), began_unix=100.0)
    return replace(well, **changes)  # type: ignore[arg-type]


def test_drill_that_went_well_says_so_in_figures():
    assert outcome_of(course()) == (
        "Cut off for 60 s. 600 readings were made; up to 590 were kept on the disk, and everything was back "
        "2.0 s after the database was. Lost: 0. Doubled: 0. It polled on throughout. "
        "No other station took any of its devices over."
    )


def test_drill_among_others_says_who_took_over_and_when():
    words = outcome_of(course(silent_s=55.5, taken=(TakenOver("Hall B", 12, 105.1),)))
    assert "It polled nothing for 55.5 s, so that no device was polled twice." in words
    assert "Hall B took 12 of its devices over, the first 5.1 s after the cut." in words


def test_drill_that_went_badly_hides_nothing():
    words = outcome_of(course(lost=3, doubled=2, late=1, back_s=None))
    assert "Lost: 3. Doubled: 2." in words
    assert "not everything was back 120 s after the database was" in words
    assert "1 came too late to count" in words


def test_book_notes_only_while_it_is_open_and_only_what_is_dated_within(make_reading) -> None:
    book = DrillBook()
    book.note([make_reading(1.0, 10.0)])
    book.open(20.0)
    book.note([make_reading(1.0, at) for at in (19.0, 20.0, 25.0, 31.0)])
    assert book.close(30.0) == {DeviceId(1): [20.0, 25.0]}
    book.note([make_reading(1.0, 26.0)])
    assert book.close(30.0) == {}
