import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QDialog

from console import tour
from console.main_window import MainWindow
from console.tour import Tour, TourPlan
from console.widgets.theme import LIGHT, ThemeSource
from models.records.device import DeviceId
from tests.unit.console.fake_bridge import FakeBridge
from tests.unit.console.frame.frame_parts import AlertsPanel, DevicePanel, SmallPanel, alert, device


class EmptyPanel(AlertsPanel):
    def is_populated(self) -> bool:
        return False


class Round:
    """One tour through a window with these panels."""

    def __init__(self, window: MainWindow, bridge: FakeBridge, folder: Path) -> None:
        self.codes: list[int] = []
        self.lines: list[str] = []
        self.window = window
        self.tour = Tour(
            window, bridge, TourPlan(folder, QSize(1100, 700), 0.0), self.codes.append, self.lines.append
        )


@pytest.fixture
def bridge(qapp) -> FakeBridge:
    made = FakeBridge(time.time())
    made.set_catalogue([device(1), device(2)])
    made.set_link(is_opening=False, is_station_connected=True, is_database_live=True, database_text="live")
    return made


@pytest.fixture
def go(qtbot, bridge, tmp_path) -> Callable[..., Round]:
    themes = ThemeSource()
    themes.use(LIGHT)

    def start(*panels) -> Round:
        window = MainWindow(bridge, themes, panels)
        qtbot.addWidget(window)
        window.resize(1100, 700)
        window.show()
        made = Round(window, bridge, tmp_path / "pictures")
        made.tour.start()
        return made

    return start


def test_every_screen_is_photographed_and_told_with_its_time(qtbot, bridge, go, tmp_path):
    bridge.add_reading(DeviceId(1), temperature=20.0)
    bridge.add_reading(DeviceId(2), temperature=20.0)
    bridge.set_alerts([alert(2)])
    made = go(SmallPanel, DevicePanel, AlertsPanel)
    qtbot.waitUntil(lambda: made.codes == [0], timeout=10_000)
    words = [line.split() for line in made.lines]
    names = ["overview", "device", "alerts", "sign-in", "first-admin", "demo"]
    assert [word[0] for word in words] == names
    assert all(word[2] == "ms" and int(word[1]) < 2000 for word in words)
    files = [f"{number}-{name}.png" for number, name in enumerate(names, start=1)]
    assert [Path(word[3]).name for word in words] == files
    assert {QImage(word[3]).size() for word in words} == {QSize(1100, 700)}
    assert made.window.workplace._built["device"].shown_device == 2


def test_a_screen_that_stays_empty_fails_the_tour_by_name(qtbot, monkeypatch, bridge, go, capsys):
    monkeypatch.setattr(tour, "POPULATED_WITHIN_S", 0.3)
    bridge.add_reading(DeviceId(1), temperature=20.0)
    made = go(SmallPanel, EmptyPanel)
    qtbot.waitUntil(lambda: made.codes == [1], timeout=10_000)
    assert "The screen alerts was still empty" in capsys.readouterr().err


def test_without_live_data_the_tour_says_what_is_missing(qtbot, monkeypatch, bridge, go, capsys):
    monkeypatch.setattr(tour, "STILL_FOR_S", 0.2)
    made = go(SmallPanel)
    qtbot.waitUntil(lambda: made.codes == [1], timeout=10_000)
    assert "No live data: 2 devices are configured, 0 of them sent something" in capsys.readouterr().err
    assert made.lines == []


def test_the_tour_waits_while_anything_moves_and_gives_up_once_nothing_does(
    qtbot, monkeypatch, bridge, go, capsys
):
    monkeypatch.setattr(tour, "STILL_FOR_S", 0.3)
    # One of eleven devices is live: far too few, and its readings are all that moves.
    bridge.set_catalogue([device(number) for number in range(1, 12)])
    made = go(SmallPanel)
    sent: list[float] = []
    moving = QTimer(interval=50)

    def send() -> None:
        sent.append(bridge.now_unix + 0.01 * len(sent))
        bridge.add_reading(DeviceId(1), sent[-1], temperature=20.0)

    moving.timeout.connect(send)
    moving.start()
    qtbot.waitUntil(lambda: len(sent) > 25 or made.codes != [], timeout=10_000)
    assert made.codes == []

    moving.stop()
    qtbot.waitUntil(lambda: made.codes == [1], timeout=10_000)
    assert "1 of them sent something" in capsys.readouterr().err


def test_a_tour_that_gets_no_farther_gives_up_although_readings_come(qtbot, monkeypatch, bridge, go):
    monkeypatch.setattr(tour, "NO_FARTHER_FOR_S", 0.3)
    bridge.set_catalogue([device(number) for number in range(1, 12)])
    made = go(SmallPanel)
    moving = QTimer(interval=50)
    moving.timeout.connect(lambda: bridge.add_reading(DeviceId(1), temperature=20.0))
    moving.start()
    qtbot.waitUntil(lambda: made.codes == [1], timeout=10_000)
    moving.stop()


def test_a_tour_that_nobody_could_be_signed_in_for_says_why(qtbot, monkeypatch, bridge, go, capsys):
    monkeypatch.setattr(tour, "STILL_FOR_S", 0.2)
    bridge.set_person(None)
    bridge.session.become(sentence="This account is disabled.")
    made = go(SmallPanel)
    qtbot.waitUntil(lambda: made.codes == [1], timeout=10_000)
    assert capsys.readouterr().err == "Nobody could be signed in: This account is disabled.\n"


class PanelOfParts(AlertsPanel):
    def __init__(self, *arguments, **options) -> None:
        super().__init__(*arguments, **options)
        self.shown: list[str] = []

    def parts(self) -> list[str]:
        return ["users", "audit"]

    def show_part(self, part: str) -> None:
        self.shown.append(part)


def test_a_screen_of_parts_is_photographed_once_for_each(qtbot, bridge, go):
    bridge.add_reading(DeviceId(1), temperature=20.0)
    made = go(SmallPanel, PanelOfParts)
    qtbot.waitUntil(lambda: made.codes == [0], timeout=10_000)

    assert [line.split()[0] for line in made.lines][:3] == ["overview", "alerts-users", "alerts-audit"]
    assert made.window.workplace._built["alerts"].shown == ["users", "audit"]


class PanelOfDialogs(AlertsPanel):
    def dialogs(self) -> list[str]:
        return ["shelve", "nothing"]

    def show_dialog(self, name: str) -> QDialog | None:
        return QDialog(self, objectName=name) if name == "shelve" else None


def test_dialogs_of_a_screen_are_photographed_after_it(qtbot, bridge, go):
    bridge.add_reading(DeviceId(1), temperature=20.0)
    made = go(SmallPanel, PanelOfDialogs)
    qtbot.waitUntil(lambda: made.codes == [0], timeout=10_000)

    assert [line.split()[0] for line in made.lines][1:4] == ["alerts", "alerts-shelve", "sign-in"]


@pytest.mark.parametrize(("watch_s", "answered_ms"), [(0.0, 0), (3.0, 750), (20.0, 1500)])
def test_a_tour_in_a_hurry_gives_dialogs_little_time(watch_s: float, answered_ms: int) -> None:
    assert TourPlan(Path(), QSize(1100, 700), watch_s).answered_ms == answered_ms
