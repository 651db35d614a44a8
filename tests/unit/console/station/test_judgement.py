"""Which episodes a station that starts believes in: those of the database, of its disk, or of both."""

from collections.abc import Callable, Sequence

import pytest

from console.station.assignment import assignment_from_plan
from console.station.health import LoopHealth
from console.station.judgement import Judgement
from console.station.outbox import Outbox
from console.station.store import Plan
from models.records.alert import OpenEpisode, Transition, TransitionKind
from models.records.device import Device
from models.records.reading import Reading
from models.records.station_alert import StationAlert, StationAlerts
from models.records.threshold import Threshold
from tests.unit.console.station.alert_parts import FIRST, ONE, alert, raised

AT = 1_700_000_000.0
STANDING = OpenEpisode(FIRST, ONE, 10.0, is_cleared=False)
RAISED, CLEARED = TransitionKind.RAISED, TransitionKind.CLEARED


class Bench:
    """One device, whose temperature must not be above 70."""

    def __init__(self, plan: Plan, make_reading: Callable[..., Reading]) -> None:
        self._outbox = Outbox(1000, 1000)
        self._assignment = assignment_from_plan(plan)
        self._make_reading = make_reading
        self._at_unix = AT
        self.judgement = Judgement(self._outbox, LoopHealth(), 60.0)

    def begin(
        self, *episodes: OpenEpisode, left: Sequence[Transition] = (), is_doubtful: bool = False
    ) -> None:
        """Take the device over with these episodes, and with findings that an earlier run left."""
        self.judgement.recall(left)
        self.judgement.hold({ONE}, episodes)
        self.judgement.doubt({ONE} if is_doubtful else ())
        self.judgement.assign(self._assignment, AT, {ONE})

    def hear_database(self, *alerts: StationAlert, is_unsettled: bool = False) -> None:
        """Take in what the database says of the device's alerts."""
        unsettled = {(ONE, FIRST)} if is_unsettled else frozenset()
        self.judgement.alerts.take(StationAlerts(alerts), {ONE}, unsettled)
        self.judgement.believe({ONE}, unsettled)

    def found(self, *temperatures: float) -> list[TransitionKind]:
        """Judge readings, and return what was found."""
        for temperature in temperatures:
            self._at_unix += 1.0
            line = self.judgement.lines[ONE]
            reading = self._make_reading(temperature, self._at_unix)
            self.judgement.hear_answer(line, reading, (), None)  # type: ignore[arg-type]  # nothing asks the clock
        load = self._outbox.take()
        return [found.kind for found in load.transitions] if load else []


@pytest.fixture
def bench(
    make_device: Callable[..., Device],
    make_threshold: Callable[..., Threshold],
    make_reading: Callable[..., Reading],
) -> Bench:
    return Bench(Plan((make_device(),), (make_threshold(),), ()), make_reading)


def cleared(at_unix: float) -> Transition:
    return Transition(CLEARED, ONE, FIRST, raised().severity, at_unix, 20.0, 70.0, "Back")


def test_an_end_that_waits_on_the_disk_ends_what_stands_in_the_database(bench: Bench) -> None:
    bench.begin(STANDING, left=[cleared(20.0)])
    assert bench.found(80.0, 20.0) == [RAISED, CLEARED]


def test_a_beginning_that_waits_on_the_disk_stands(bench: Bench) -> None:
    bench.begin(left=[cleared(20.0), raised(at_unix=30.0)])
    assert bench.found(80.0, 20.0) == [CLEARED]


def test_what_began_unknown_to_the_disk_is_told_to_end(bench: Bench) -> None:
    bench.begin(is_doubtful=True)
    assert bench.found(20.0) == []
    bench.hear_database(alert())
    assert bench.found(20.0) == [CLEARED]


def test_what_ended_unknown_to_the_disk_is_told_to_begin(bench: Bench) -> None:
    bench.begin(STANDING, is_doubtful=True)
    assert bench.found(80.0) == []
    bench.hear_database(alert(cleared_unix=20.0))
    assert bench.found(80.0) == [RAISED]


def test_what_stands_as_the_database_says_is_told_no_second_time(bench: Bench) -> None:
    bench.begin(STANDING, is_doubtful=True)
    bench.hear_database(alert())
    assert bench.found(80.0) == []


def test_a_device_stays_doubtful_until_the_database_has_heard_its_latest(bench: Bench) -> None:
    bench.begin(left=[raised(at_unix=30.0)])
    bench.hear_database(is_unsettled=True)
    assert bench.found(80.0) == []
    bench.hear_database()
    assert bench.found(80.0) == [RAISED]


def test_what_another_station_found_since_counts_more_than_what_the_disk_held(bench: Bench) -> None:
    bench.begin(STANDING, left=[cleared(20.0)])
    bench.hear_database(alert())
    assert bench.found(20.0) == [CLEARED]


def test_what_was_taken_over_from_the_database_is_asked_no_second_time(bench: Bench) -> None:
    bench.begin(STANDING)
    bench.hear_database()
    assert bench.found(80.0) == []


def test_once_believed_the_database_is_not_asked_again(bench: Bench) -> None:
    bench.begin(is_doubtful=True)
    bench.hear_database()
    assert bench.found(80.0) == [RAISED]
    bench.hear_database()
    assert bench.found(80.0) == []


def test_episodes_of_a_remembered_plan_are_doubtful_where_nothing_is_lent(
    make_device: Callable[..., Device],
    make_threshold: Callable[..., Threshold],
    make_reading: Callable[..., Reading],
) -> None:
    plan = Plan((make_device(),), (make_threshold(),), (STANDING,), is_remembered=True)
    bench = Bench(plan, make_reading)
    bench.judgement.assign(assignment_from_plan(plan), AT)
    bench.hear_database()
    assert bench.found(80.0) == [RAISED]


@pytest.mark.parametrize(
    "lose", [lambda one: one.release({ONE}), Judgement.rest], ids=["given away", "silence"]
)
def test_a_device_that_is_taken_over_anew_is_doubtful_no_more(
    bench: Bench, lose: Callable[[Judgement], None]
) -> None:
    bench.begin(is_doubtful=True)
    lose(bench.judgement)
    bench.begin(STANDING)
    bench.hear_database()
    assert bench.found(80.0) == []
