"""The bridge asks devices in the name of whoever is at the window, and for as long as they are."""

from PySide6.QtCore import QObject

from console.bridge.device_tools import LOST
from console.link.messages import AskDevice, DeviceAnswer


class Asked:
    """What the owner of a question heard."""

    def __init__(self, bridge) -> None:
        self.owner = QObject()
        self.done: list[object] = []
        self.failed: list[str] = []
        bridge.device_tools.ask(
            "own_certificate",
            "opcua",
            {},
            on_done=self.done.append,
            on_failed=self.failed.append,
            owner=self.owner,
        )


def asked(station) -> list[AskDevice]:
    return [message for message in station.heard if isinstance(message, AskDevice)]


def test_a_question_goes_to_the_station_and_its_answer_comes_back(qtbot, running, station):
    mine = Asked(running)
    qtbot.waitUntil(lambda: bool(asked(station)))
    station.send(DeviceAnswer(asked(station)[0].number, b'"PEM"'))
    qtbot.waitUntil(lambda: mine.done == ["PEM"])


def test_a_station_that_is_lost_meanwhile_says_so(qtbot, running, station):
    mine = Asked(running)
    qtbot.waitUntil(lambda: bool(asked(station)))
    station.close()
    qtbot.waitUntil(lambda: mine.failed == [LOST])


def test_what_one_person_asked_is_not_told_to_the_next(qtbot, running, station):
    mine = Asked(running)
    qtbot.waitUntil(lambda: bool(asked(station)))
    running.session.sign_out()
    qtbot.waitUntil(lambda: running.person is None)
    assert (running.device_tools.pending, mine.done) == (0, [])


def test_a_locked_window_asks_nothing(qtbot, running, station):
    running.session.lock()
    with qtbot.waitSignal(running.control_refused):
        mine = Asked(running)
    qtbot.waitUntil(lambda: bool(mine.failed))
    assert mine.failed[0].startswith("Locked by ")
    assert asked(station) == []
