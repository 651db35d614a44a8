"""Asking a device through the station of this computer: tests, scans, browsing, raw registers, writes.

    question = bridge.device_tools.ask(
        "scan", "modbus-tcp", {"host": "10.0.0.7"}, ScanPlan(units=(1, 247)),
        on_part=self._show, on_done=self._end, on_failed=self._say, owner=self,
    )
    question.stop()                  # seen enough: nothing more is told, and the station ends it

What is asked and answered are the records of `drivers/questions.py`, whose `QUESTIONS` says which goes with
which tool. The window itself never reaches a device: the station does, over the connections it polls by.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from console.bridge.asking_pace import AskingPace
from console.link.frames import LONGEST_REQUEST
from console.link.messages import AskDevice, DeviceAnswer, StopAsking
from drivers.questions import NOT_KNOWN, QUESTIONS, NothingMore, QuestionType
from models.records.device import JsonValue

LATE_S = 5.0
"""The station ends a question by itself; so much later it is taken for one that never answers."""
NO_STATION = (
    "No station runs on this computer, and only a station reaches devices; try again once one is running."
)
LOST = "The station was lost before it answered; try again once it is back."
LOST_WRITE = f"The station was lost before it answered. {NOT_KNOWN}"
UNREADABLE = "The station answered something this window cannot read; start both from the same version."
TOO_MUCH = "This is more than one question may hold; leave some of it out."

_LOOK_ROUND_MS = 500
_ROOM_BYTES = 512  # for the frame around settings and subject

_log = logging.getLogger(__name__)


def _ignore(_: Any) -> None:
    """Take what nobody waits for."""


class DeviceQuestion:
    """One question on its way. Belongs to the window's thread."""

    __slots__ = ("_stop", "number", "on_done", "on_failed", "on_part", "owner", "until_s", "what")

    def __init__(
        self,
        number: int,
        what: QuestionType,
        until_s: float,
        on_part: Callable[[Any], None],
        on_done: Callable[[Any], None],
        on_failed: Callable[[str], None],
        owner: QObject,
        stop: Callable[[DeviceQuestion], None],
    ) -> None:
        """Keep who asked what; only `DeviceTools` makes one."""
        self.number = number
        self.what = what
        self.until_s = until_s
        self.on_part = on_part
        self.on_done = on_done
        self.on_failed = on_failed
        self.owner = owner
        self._stop = stop

    def stop(self) -> None:
        """Want no more of it: no callback is called after this. Safe twice, safe when it is over."""
        self._stop(self)


class DeviceTools(QObject):
    """Asks and tells what came of it. Belongs to the window's thread.

    Attributes:
        refused: Somebody asked who may not right now, as while the controls are locked; one sentence.
    """

    refused = Signal(str)

    def __init__(
        self,
        send: Callable[[AskDevice | StopAsking], bool],
        refusal: Callable[[], str] = lambda: "",
        monotonic: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        """Store the way to the station.

        Args:
            send: Sends the station a message, and returns whether there is one that listens.
            refusal: Returns one sentence why this window may ask nothing right now; empty where it may.
            monotonic: A clock in seconds.
            parent: Qt's.
        """
        super().__init__(parent)
        self._send = send
        self._refusal = refusal
        self._monotonic = monotonic
        self._number = 0
        self._open: dict[int, DeviceQuestion] = {}
        self._pace = AskingPace(send, monotonic, self)
        self._round = QTimer(self, interval=_LOOK_ROUND_MS)
        self._round.timeout.connect(self._look_round)

    @property
    def pending(self) -> int:
        """How many questions have not ended yet."""
        return len(self._open)

    def ask(
        self,
        tool: str,
        driver: str,
        settings: Mapping[str, JsonValue],
        subject: msgspec.Struct | None = None,
        *,
        on_part: Callable[[Any], None] = _ignore,
        on_done: Callable[[Any], None] = _ignore,
        on_failed: Callable[[str], None] = _ignore,
        owner: QObject,
        hardware_id: str = "",
        is_repeated: bool = False,
    ) -> DeviceQuestion:
        """Ask the station; the callbacks come later, on this thread, never from inside this call.

        Args:
            tool: A key of `QUESTIONS`.
            driver: `DriverSpec.kind`; empty where the tool needs none.
            settings: The connection as in `Device.connection`: stored secrets sealed, new ones in clear.
            subject: Of the type that `QUESTIONS` names; None where it has no fields.
            on_part: Gets each part as it comes, of a tool that tells one thing after the other.
            on_done: Gets the result; None at the end of a tool that told parts.
            on_failed: Gets one sentence. What was told until then is true.
            owner: No callback is called once this object is destroyed, and the station ends what it asked.
            hardware_id: Of the stored device that this is; its sealed secrets can be used then, as long as
                they go where they were entered for.
            is_repeated: A clock asks, and no person, so that `refused` would point nobody at anything.

        Raises:
            KeyError: There is no such tool.
        """
        what = QUESTIONS[tool]
        self._number += 1
        question = DeviceQuestion(
            self._number, what, math.inf, on_part, on_done, on_failed, owner, self._stop
        )
        self._open[question.number] = question
        self._round.start()
        sentence = self._refusal()
        if sentence and not is_repeated:
            self.refused.emit(sentence)
        sentence = sentence or self._put(question, tool, driver, settings, subject, hardware_id)
        if sentence:
            QTimer.singleShot(0, self, lambda: self._fail(question, sentence))
        return question

    def take(self, message: DeviceAnswer) -> None:
        """Take an answer of the station; one that nobody waits for any more is left out."""
        question = self._open.get(message.number)
        if question is None:
            return
        if not isValid(question.owner):
            self._stop(question)
            return
        if message.fault:
            self._fail(question, message.fault)
            return
        result = None
        if message.body or not question.what.is_stream:
            try:
                result = msgspec.json.decode(message.body, type=question.what.answer)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                _log.warning("A %s that does not decode: %s", question.what.answer, error)
                self._stop(question, UNREADABLE)
                return
        # Before the callbacks: one that asks or stops something finds this one over.
        if message.is_last:
            self._close(question)
        if question.what.is_stream:
            if message.body:
                question.on_part(result)
            if message.is_last and isValid(question.owner):
                question.on_done(None)
        elif message.is_last:
            question.on_done(result)

    def lose_station(self) -> None:
        """No answer will come to what is on its way."""
        for question in list(self._open.values()):
            is_sent_write = question.what.is_write and question.until_s < math.inf
            self._fail(question, LOST_WRITE if is_sent_write else LOST)

    def forget(self) -> None:
        """Nobody waits any more: the session ended."""
        for question in list(self._open.values()):
            self._stop(question)

    def _put(
        self,
        question: DeviceQuestion,
        tool: str,
        driver: str,
        settings: Mapping[str, JsonValue],
        subject: msgspec.Struct | None,
        hardware_id: str,
    ) -> str:
        """Send a question, or let it wait for its turn; returns one sentence why neither can be done."""
        asked = AskDevice(
            question.number,
            tool,
            driver,
            msgspec.json.encode(dict(settings)),
            msgspec.json.encode(subject if subject is not None else NothingMore()),
            hardware_id,
        )
        if len(asked.settings) + len(asked.subject) > LONGEST_REQUEST - _ROOM_BYTES:
            return TOO_MUCH

        def on_sent(is_heard: bool) -> None:  # noqa: FBT001
            if is_heard:
                question.until_s = self._monotonic() + question.what.limit_s + LATE_S
            else:
                QTimer.singleShot(0, self, lambda: self._fail(question, NO_STATION))

        self._pace.put(asked, on_sent)
        return ""

    def _stop(self, question: DeviceQuestion, sentence: str = "") -> None:
        """End a question from this side, telling its owner why where there is something to tell."""
        if self._open.get(question.number) is not question:
            return
        if self._pace.end(question.number):
            self._send(StopAsking(question.number))
        if sentence:
            self._fail(question, sentence)
        else:
            self._close(question)

    def _fail(self, question: DeviceQuestion, sentence: str) -> None:
        if self._open.get(question.number) is not question:
            return
        self._close(question)
        if isValid(question.owner):
            question.on_failed(sentence)

    def _close(self, question: DeviceQuestion) -> None:
        self._open.pop(question.number, None)
        self._pace.end(question.number)
        if not self._open:
            self._round.stop()

    def _look_round(self) -> None:
        """End what takes too long, and what nobody waits for any more."""
        now_s = self._monotonic()
        for question in list(self._open.values()):
            if not isValid(question.owner):
                self._stop(question)
            elif now_s > question.until_s:
                limit_s = question.what.limit_s + LATE_S
                late = f"The station did not answer within {limit_s:g} s"
                self._stop(
                    question, f"{late}. {NOT_KNOWN}" if question.what.is_write else f"{late}; try again."
                )
