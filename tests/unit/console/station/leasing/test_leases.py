"""The thread that enters and renews, on a fake store."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest

from console.station.clocks.site_clock import SiteClock
from console.station.health import LoopHealth
from console.station.leasing.leases import Leases, Lost, NeedsNoLease, News, NotRenewed, Renewed
from console.station.tuning import Tuning
from models.errors import DatabaseAway, LeaseLost, NotAllowed
from models.records.device import DeviceId
from models.records.lease import Lease, Tenure
from models.records.station import StationIdentity

ONE, TWO = DeviceId(1), DeviceId(2)
ME = StationIdentity(1, "Me", 1)
NOBODY = Tenure((), (), (), b"key", 1_700_000_000.0)


@dataclass
class Register:
    """The database, as far as leases go."""

    identity: StationIdentity | None = ME
    tenure: Tenure = NOBODY
    error: Exception | None = None
    entered: int = 0
    released: list[list[DeviceId]] = field(default_factory=list)

    def enter(self) -> StationIdentity | None:
        self.entered += 1
        if isinstance(self.error, NotAllowed):
            raise self.error
        return self.identity and replace(self.identity, incarnation=self.entered)

    def renew(self, incarnation, released, report, witness, known) -> Tenure:
        if self.error is not None:
            error = self.error
            if isinstance(error, LeaseLost):
                self.error = None
            raise error
        self.released.append(list(released))
        return self.tenure

    def leave(self, incarnation: int) -> None:
        self.left = incarnation

    def read_clock(self) -> float:
        return 1_700_000_000.0


class Work:
    """The thread, and what it told."""

    def __init__(self, register: Register, tuning: Tuning) -> None:
        self.news: list[News] = []
        self.told = threading.Event()
        self.health = LoopHealth()
        quick = replace(tuning, renew_s=0.01, renew_again_s=0.01, enter_again_s=0.02, enter_again_most_s=0.1)
        self.clock = SiteClock()
        self.leases = Leases(register, self.clock, quick, self.health, self.news.append)  # type: ignore[arg-type]

    def last(self) -> News | None:
        return self.news[-1] if self.news else None


@pytest.fixture
def register() -> Register:
    return Register()


@pytest.fixture
def work(register: Register, tuning: Tuning) -> Iterator[Work]:
    work = Work(register, tuning)
    yield work
    work.leases.stop()


Wait = Callable[[Callable[[], bool]], None]


def test_it_enters_once_and_renews_from_then_on(work: Work, register: Register, wait_until: Wait) -> None:
    register.tenure = replace(NOBODY, leases=(Lease(ONE, 3), Lease(TWO, 4, is_surplus=True)))
    work.leases.start()
    wait_until(lambda: len(work.news) > 3)
    first = work.news[0]
    assert isinstance(first, Renewed)
    assert (first.epochs, first.surplus) == ({ONE: 3}, {TWO})
    assert register.entered == 1


def test_every_renewal_teaches_the_clock(work: Work, wait_until: Wait) -> None:
    work.leases.start()
    wait_until(lambda: work.clock.is_known)
    assert abs(work.clock.unix() - NOBODY.database_unix) < 5.0


def test_what_is_released_is_told_with_the_next_renewal(
    work: Work, register: Register, wait_until: Wait
) -> None:
    work.leases.errand = replace(work.leases.errand, released=frozenset({TWO, ONE}))
    work.leases.start()
    wait_until(lambda: bool(work.news))
    assert register.released[0] == [ONE, TWO]


def test_renewal_that_failed_is_tried_again_under_the_same_start(
    work: Work, register: Register, wait_until: Wait
) -> None:
    register.error = DatabaseAway("The database does not answer.")
    work.leases.start()
    wait_until(lambda: len(work.news) > 2)
    assert set(work.news) == {NotRenewed("The database does not answer.")}
    register.error = None
    wait_until(lambda: isinstance(work.last(), Renewed))
    assert register.entered == 1


def test_station_whose_place_was_taken_enters_anew(work: Work, register: Register, wait_until: Wait) -> None:
    register.error = LeaseLost("A newer start of this station has taken its place.")
    work.leases.start()
    wait_until(lambda: len(work.news) > 1)
    assert work.news[0] == Lost("A newer start of this station has taken its place.")
    assert isinstance(work.news[1], Renewed)
    assert work.news[1].identity.incarnation == 2


def test_disabled_station_is_told_so(work: Work, register: Register, wait_until: Wait) -> None:
    register.error = NotAllowed("This station is disabled.")
    work.leases.start()
    wait_until(lambda: bool(work.news))
    assert work.news[0] == Lost("This station is disabled.")


def test_whoever_set_the_server_up_needs_no_lease_and_learns_the_time(
    work: Work, register: Register, wait_until: Wait
) -> None:
    register.identity = None
    work.leases.start()
    wait_until(lambda: isinstance(work.last(), NeedsNoLease))
    assert abs(work.clock.unix() - 1_700_000_000.0) < 5.0


def test_mistake_of_our_own_is_not_the_end(
    work: Work, register: Register, wait_until: Wait, caplog: pytest.LogCaptureFixture
) -> None:
    register.error = ZeroDivisionError("ours")
    work.leases.start()
    wait_until(lambda: bool(work.news))
    register.error = None
    wait_until(lambda: isinstance(work.last(), Renewed))
    assert work.health.failures >= 1
    caplog.clear()


def test_two_programs_under_one_login_take_turns_more_and_more_slowly(work: Work, register: Register) -> None:
    register.error = LeaseLost("A newer start of this station has taken its place.")
    waits = []
    for _ in range(6):
        register.error = LeaseLost("A newer start of this station has taken its place.")
        waits.append(work.leases._wait_s(work.leases._attempt()))
    assert waits == [0.02, 0.04, 0.08, 0.1, 0.1, 0.1]
