"""Asking a device through the station: what is sent, what is told, and how a question ends."""

import msgspec
import pytest
from PySide6.QtCore import QObject
from shiboken6 import delete

from console.bridge.device_tools import (
    LATE_S,
    LOST,
    LOST_WRITE,
    NO_STATION,
    TOO_MUCH,
    UNREADABLE,
    DeviceTools,
)
from console.link.device_requests import BURST, MOST_AT_ONCE, RATE_PER_S
from console.link.messages import AskDevice, DeviceAnswer, StopAsking
from drivers.questions import NOT_KNOWN, QUESTIONS, BrowseSubject, PreviewSubject, PreviewTag, WriteSubject
from drivers.workbench import BrowseNode, BrowsePage, ScanFinding, ScanPlan

PLACE = {"host": "10.0.0.7", "unit": 3}
PAGE = BrowsePage((BrowseNode("i=85", "", "Objects", "folder", True),), more="m")


class Station:
    """Writes down what is sent to it, while it listens."""

    def __init__(self) -> None:
        self.heard: list[AskDevice | StopAsking] = []
        self.listens = True
        self.now_s = 100.0
        self.refusal = ""

    def send(self, message: AskDevice | StopAsking) -> bool:
        self.heard.append(message)
        return self.listens


class Answers:
    """What the owner of a question heard."""

    def __init__(self, tools: DeviceTools, tool: str, subject: msgspec.Struct | None = None) -> None:
        self.owner = QObject()
        self.parts: list[object] = []
        self.done: list[object] = []
        self.failed: list[str] = []
        self.question = tools.ask(
            tool,
            "modbus-tcp",
            PLACE,
            subject,
            on_part=self.parts.append,
            on_done=self.done.append,
            on_failed=self.failed.append,
            owner=self.owner,
            hardware_id="PRESS-01",
        )

    @property
    def is_untold(self) -> bool:
        return not (self.parts or self.done or self.failed)


@pytest.fixture
def station() -> Station:
    return Station()


@pytest.fixture
def tools(qapp, station) -> DeviceTools:
    return DeviceTools(station.send, lambda: station.refusal, lambda: station.now_s)


def answer(number: int, body: object, *, is_last: bool = True) -> DeviceAnswer:
    return DeviceAnswer(number, msgspec.json.encode(body), is_last)


def test_settings_and_subject_go_to_the_station_as_json(tools, station):
    Answers(tools, "browse", BrowseSubject("i=85"))
    (asked,) = station.heard
    assert (asked.number, asked.tool, asked.driver, asked.hardware_id) == (
        1,
        "browse",
        "modbus-tcp",
        "PRESS-01",
    )
    assert msgspec.json.decode(asked.settings) == PLACE
    assert msgspec.json.decode(asked.subject, type=BrowseSubject) == BrowseSubject("i=85")


def test_one_result_comes_as_its_record(tools):
    mine = Answers(tools, "browse", BrowseSubject())
    tools.take(answer(1, PAGE))
    assert (mine.done, mine.parts, mine.failed) == ([PAGE], [], [])
    assert tools.pending == 0


def test_parts_come_one_after_the_other_and_their_end_is_told(tools):
    mine = Answers(tools, "scan", ScanPlan(units=(1, 2)))
    first, second = ScanFinding("unit", 1, text="answered"), ScanFinding("progress", 2, done=2, total=2)
    tools.take(answer(1, first, is_last=False))
    assert (mine.parts, mine.done) == ([first], [])
    tools.take(answer(1, second, is_last=False))
    tools.take(DeviceAnswer(1))
    assert (mine.parts, mine.done) == ([first, second], [None])


def test_a_fault_of_the_station_is_one_sentence(tools):
    mine = Answers(tools, "identify")
    tools.take(DeviceAnswer(1, fault="Operators ask nothing of devices."))
    tools.take(answer(1, []))
    assert (mine.failed, mine.done) == (["Operators ask nothing of devices."], [])


def test_who_has_stopped_hears_nothing_more_and_the_station_is_told_once(tools, station):
    mine = Answers(tools, "scan", ScanPlan())
    mine.question.stop()
    mine.question.stop()
    tools.take(answer(1, ScanFinding("unit", 1), is_last=False))
    assert station.heard[1:] == [StopAsking(1)]
    assert mine.is_untold


def test_what_a_destroyed_owner_asked_is_ended_at_the_station(tools, station, qtbot):
    mine = Answers(tools, "scan", ScanPlan())
    delete(mine.owner)
    qtbot.waitUntil(lambda: StopAsking(1) in station.heard)
    assert mine.is_untold
    assert tools.pending == 0


def test_without_a_station_one_sentence_says_so_later(tools, station, qtbot):
    station.listens = False
    mine = Answers(tools, "identify")
    assert mine.is_untold
    qtbot.waitUntil(lambda: mine.failed == [NO_STATION])


def test_a_station_that_is_lost_ends_every_question(tools):
    first, second = Answers(tools, "identify"), Answers(tools, "scan", ScanPlan())
    tools.lose_station()
    assert (first.failed, second.failed, tools.pending) == ([LOST], [LOST], 0)


def test_a_station_that_never_answers_is_not_waited_for_for_ever(tools, station, qtbot):
    mine = Answers(tools, "identify")
    station.now_s += QUESTIONS["identify"].limit_s + LATE_S + 1.0
    qtbot.waitUntil(lambda: bool(mine.failed))
    assert mine.failed == ["The station did not answer within 65 s; try again."]
    assert station.heard[-1] == StopAsking(1)


@pytest.mark.parametrize("body", [b"", b"[1]", b'{"nodes": "\xff"}', b'{"nodes": ' + b"[" * 60_000])
def test_an_answer_that_does_not_decode_is_never_taken_for_a_result(tools, station, body):
    mine = Answers(tools, "browse", BrowseSubject())
    tools.take(DeviceAnswer(1, body))
    assert (mine.failed, mine.done) == ([UNREADABLE], [])
    assert station.heard[-1] == StopAsking(1)


def test_who_may_not_ask_right_now_is_told_why_and_nothing_is_sent(tools, station, qtbot):
    station.refusal = "Locked by Eva: enter the password to use the controls."
    with qtbot.waitSignal(tools.refused):
        mine = Answers(tools, "identify")
    qtbot.waitUntil(lambda: mine.failed == [station.refusal])
    assert station.heard == []


def test_a_question_that_no_frame_holds_is_not_sent(tools, station, qtbot):
    tags = tuple(PreviewTag(f"holding:{number}:uint16") for number in range(3000))
    mine = Answers(tools, "preview", PreviewSubject(tags))
    qtbot.waitUntil(lambda: mine.failed == [TOO_MUCH])
    assert station.heard == []


def test_nothing_of_a_session_is_told_to_the_next(tools, station):
    mine = Answers(tools, "scan", ScanPlan())
    tools.forget()
    tools.take(DeviceAnswer(1))
    assert mine.is_untold
    assert station.heard[-1] == StopAsking(1)


def test_a_write_without_an_answer_is_never_said_to_have_failed(tools, station, qtbot):
    late = Answers(tools, "write", WriteSubject("coil:0", 1.0))
    station.now_s += QUESTIONS["write"].limit_s + LATE_S + 1.0
    qtbot.waitUntil(lambda: bool(late.failed))
    assert late.failed == [f"The station did not answer within 65 s. {NOT_KNOWN}"]
    gone = Answers(tools, "write", WriteSubject("coil:0", 1.0))
    tools.lose_station()
    assert gone.failed == [LOST_WRITE]


def test_what_a_clock_asks_points_nobody_at_the_lock(tools, station, qtbot):
    station.refusal = "Locked."
    pointed: list[str] = []
    tools.refused.connect(pointed.append)
    owner, failed = QObject(), []
    tools.ask("preview", "modbus-tcp", PLACE, owner=owner, on_failed=failed.append, is_repeated=True)
    qtbot.waitUntil(lambda: bool(failed))
    assert (failed, pointed, station.heard) == (["Locked."], [], [])


def test_a_hundred_things_asked_at_once_go_as_the_station_takes_them(tools, station, qtbot):
    asked = [Answers(tools, "browse", BrowseSubject(f"i={number}")) for number in range(100)]
    in_time = DeviceRequestsOf(station)
    assert len(station.heard) == MOST_AT_ONCE
    asked[50].question.stop()
    assert len(station.heard) == MOST_AT_ONCE  # what never went needs no end

    def go_on() -> bool:
        station.now_s += 0.02
        for message in in_time.new():
            tools.take(answer(message.number, PAGE))
        return tools.pending == 0

    qtbot.waitUntil(go_on, timeout=20_000)
    assert in_time.least_allowance >= 0.0
    assert [len(one.done) for one in asked] == [1] * 50 + [0] + [1] * 49


class DeviceRequestsOf:
    """Counts as the station does how much a window may still ask."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._seen = 0
        self._allowance = self.least_allowance = float(BURST)
        self._asked_s = station.now_s

    def new(self) -> list[AskDevice]:
        found = [one for one in self._station.heard[self._seen :] if isinstance(one, AskDevice)]
        self._seen = len(self._station.heard)
        for _ in found:
            passed_s = self._station.now_s - self._asked_s
            self._allowance = min(BURST, self._allowance + passed_s * RATE_PER_S) - 1.0
            self._asked_s = self._station.now_s
            self.least_allowance = min(self.least_allowance, self._allowance)
        return found
