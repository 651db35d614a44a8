"""Writing from a window: the database notes it first, and what it refuses never reaches the station."""

import sys
import types

import msgspec
import pytest
from PySide6.QtCore import QObject

from console.bridge.device_writing import write_to_device
from console.link.messages import AskDevice, DeviceAnswer
from drivers.questions import WriteSubject
from models.errors import NotAllowed

ADDRESS = "holding:1:uint16"


class Written:
    """What the owner of a write heard."""

    def __init__(self, bridge) -> None:
        self.owner = QObject()
        self.done: list[str] = []
        self.failed: list[str] = []
        device = bridge.catalogue.devices[0]
        write_to_device(bridge, device, ADDRESS, 1500.0, self.done.append, self.failed.append, self.owner)


@pytest.fixture
def noted(monkeypatch) -> list[tuple[object, ...]]:
    """What was noted in the database; what stands in `noted.refusal` is raised instead."""

    class Notes(list):
        refusal: Exception | None = None

    made = Notes()

    def note(_connection, *facts: object) -> None:
        if made.refusal is not None:
            raise made.refusal
        made.append(facts)

    module = types.ModuleType("models.queries.device_writes")
    module.note_device_write = note
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return made


def asked(station) -> list[AskDevice]:
    return [message for message in station.heard if isinstance(message, AskDevice)]


def test_a_value_is_noted_then_sent_and_what_the_device_holds_comes_back(qtbot, running, station, noted):
    mine = Written(running)
    qtbot.waitUntil(lambda: bool(asked(station)))
    device = running.catalogue.devices[0]
    assert noted == [(device.id, ADDRESS, 1500.0)]
    (question,) = asked(station)
    assert (question.tool, question.driver, question.hardware_id) == (
        "write",
        device.driver,
        device.device_id,
    )
    assert msgspec.json.decode(question.subject, type=WriteSubject) == WriteSubject(ADDRESS, 1500.0)
    station.send(DeviceAnswer(question.number, b'"1500"'))
    qtbot.waitUntil(lambda: mine.done == ["1500"])
    assert mine.failed == []


def test_what_the_database_refuses_is_never_sent(qtbot, running, station, noted):
    noted.refusal = NotAllowed("The device belongs to somebody else.")
    mine = Written(running)
    qtbot.waitUntil(lambda: mine.failed == ["The device belongs to somebody else."])
    assert asked(station) == []
    assert mine.done == []


def test_a_station_that_is_lost_meanwhile_says_so(qtbot, running, station, noted):
    mine = Written(running)
    qtbot.waitUntil(lambda: bool(asked(station)))
    station.close()
    qtbot.waitUntil(lambda: bool(mine.failed))
    assert mine.failed == ["The station was lost before it answered; try again once it is back."]


def test_what_one_person_asked_is_not_told_to_the_next(qtbot, running, station, noted):
    mine = Written(running)
    qtbot.waitUntil(lambda: bool(asked(station)))
    running.session.sign_out()
    qtbot.waitUntil(lambda: running.person is None)
    assert running.device_tools.pending == 0
    assert mine.done == []


def test_a_locked_window_asks_nothing(qtbot, running, station):
    running.session.lock()
    owner, failed = QObject(), []
    with qtbot.waitSignal(running.control_refused):
        running.device_tools.ask("identify", "modbus-tcp", {}, on_failed=failed.append, owner=owner)
    qtbot.waitUntil(lambda: bool(failed))
    assert failed[0].startswith("Locked by ")
    assert asked(station) == []
