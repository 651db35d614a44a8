"""How connections do as a window knows it: the newest of socket and database, asked for while one looks."""

from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QObject

from console.bridge.bridge import Bridge
from console.bridge.device_health import ASK_S, TOLD_S, DeviceHealths
from console.link.messages import DeviceFigures, Released, Withdrawn
from models.records.device import DeviceId
from models.records.device_health import DeviceHealth
from tests.unit.console.bridge.bridge_parts import FakeStation
from tests.unit.console.fake_bridge import FakeFigures

ONE, TWO = DeviceId(1), DeviceId(2)


def health(device: DeviceId, as_of_unix: float, due: int = 0) -> DeviceHealth:
    return DeviceHealth(device, as_of_unix=as_of_unix, polls_due=due)


class Window:
    """A window that may see devices 1 and 2; the test answers its questions and looks by hand."""

    def __init__(self) -> None:
        self.feed = FakeFigures()
        self.now_unix = 1000.0
        self.asked: list[tuple] = []
        self.is_looking = True
        self.owner = QObject()
        self.changes: list[frozenset[int]] = []
        self.healths = DeviceHealths(
            self.feed,  # type: ignore[arg-type]
            lambda question, done, failed, _owner: self.asked.append((question, done, failed)),
            lambda: (ONE, TWO),
            lambda: self.now_unix,
        )
        self.healths.changed.connect(self.changes.append)
        self.healths.watch(self.owner, lambda: self.is_looking)

    def tell(self, *records: DeviceHealth) -> None:
        self.feed.figures_arrived.emit(DeviceFigures(list(records)))

    def look_round(self, after_s: float = 0.0) -> int:
        """Let time pass and the timer fire; returns how many questions wait."""
        self.now_unix += after_s
        self.healths._look_round()
        return len(self.asked)


@pytest.fixture
def window(qapp) -> Iterator[Window]:
    made = Window()
    yield made
    made.healths.deleteLater()


def test_newest_record_wins_whichever_way_it_came(window: Window) -> None:
    window.tell(health(ONE, 10.0, due=2))
    window.look_round()
    window.asked[0][1]([health(ONE, 9.0, due=1), health(TWO, 9.0, due=7)])
    assert window.healths.of(ONE) == health(ONE, 10.0, due=2)
    assert window.healths.of(TWO) == health(TWO, 9.0, due=7)


def test_changes_are_told_at_once_and_then_gathered(window: Window) -> None:
    window.tell(health(ONE, 10.0))
    window.tell(health(TWO, 10.0))
    window.tell(health(ONE, 11.0))
    assert window.changes == [frozenset({1})]


def test_database_is_asked_about_devices_elsewhere_only_and_every_five_seconds(window: Window) -> None:
    window.tell(health(ONE, 10.0), health(TWO, 10.0))
    assert window.look_round() == 0
    assert window.look_round(TOLD_S + 1.0) == 1
    window.asked.pop()[1]([])
    assert window.look_round(ASK_S - 1.0) == 0
    assert window.look_round(1.0) == 1


def test_nobody_who_looks_means_no_question(window: Window) -> None:
    window.is_looking = False
    assert window.look_round() == 0


def test_whoever_is_gone_looks_no_more(window: Window) -> None:
    shiboken6.delete(window.owner)
    assert window.look_round() == 0


def test_one_question_at_a_time_and_another_one_after_a_failure(window: Window) -> None:
    assert window.look_round() == 1
    assert window.look_round(10 * ASK_S) == 1
    window.asked.pop()[2]("The database is away.")
    assert window.look_round(ASK_S) == 1


def test_withdrawn_devices_are_forgotten_and_released_ones_asked_for(window: Window) -> None:
    window.tell(health(ONE, 10.0), health(TWO, 10.0))
    window.feed.withdrawn.emit(frozenset({1}))
    window.feed.released.emit(frozenset({2}))
    assert (window.healths.of(ONE), window.healths.of(TWO)) == (None, health(TWO, 10.0))
    assert window.look_round() == 1


def test_nothing_of_one_session_reaches_the_next(window: Window) -> None:
    window.tell(health(ONE, 10.0))
    window.look_round()
    window.healths.forget()
    window.asked[0][1]([health(TWO, 10.0)])
    assert dict(window.healths.all) == {}


def test_bridge_holds_what_the_station_tells(qtbot, running: Bridge, station: FakeStation) -> None:
    station.send(DeviceFigures([health(ONE, 10.0, due=3), health(TWO, 10.0)]))
    qtbot.waitUntil(lambda: running.device_health.of(ONE) is not None)
    station.send(Released([2]), Withdrawn([1]))
    qtbot.waitUntil(lambda: running.device_health.of(ONE) is None)
    assert running.device_health.of(TWO) == health(TWO, 10.0)
