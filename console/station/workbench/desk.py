"""Takes questions from windows, holds them to the rights of their persons, and answers one record at a time.

Used on the event loop only. Nothing here waits: each question is a task, bounded in number and in time.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import count

import msgspec

from console.station.health import LoopHealth
from console.station.store import Plan
from console.station.workbench.errors import NotDone
from console.station.workbench.noting import NoteWrite, WriteNotes
from console.station.workbench.question import Question, bound
from console.station.workbench.rights import check_person, check_writing
from console.station.workbench.work import HubOf, answers
from drivers.errors import AddressError, DriverBug, DriverError
from drivers.questions import NOT_KNOWN, WriteSubject
from models.records.device import Device
from models.records.ticket import TicketHolder
from models.secrets import NO_KEYS

MOST_AT_ONCE = 32
"""So many questions of all windows together are worked on; beyond, whoever asks is told to wait."""
LARGEST_RECORD = 1024 * 1024
"""Bytes of one record as JSON; a window may be four of them behind before it is let go."""

TOO_MANY = "The station is busy with other questions; try again in a moment."
TOO_LARGE = "The answer is too large to be shown; ask for less of it."
MISTAKE = "This could not be done because of a mistake in this program; the station's log has the details."
WRITE_TOO_LONG = f"The write did not end within {{:g}} s and was given up. {NOT_KNOWN}"
TOO_LONG = "This did not end within {:g} s and was stopped; ask for less, or shorten the time-outs."
STOPPING = "The station is stopping; ask again once it is back."
NOTHING_WRITTEN = "Nothing was written."

_log = logging.getLogger(__name__)

OnAnswer = Callable[[bytes, bool, str], None]
"""Hears of an answer: a record as JSON, empty where there is none; whether it is the last; what failed."""


@dataclass(slots=True, eq=False)
class _Errand:
    """One question under way, until its last answer was told or it was stopped."""

    holder: TicketHolder
    digest: bytes = field(repr=False)
    question: Question
    on_answer: OnAnswer
    task: asyncio.Task[None] = field(init=False)
    is_over: bool = False
    is_writing: bool = False

    def tell(self, body: bytes, *, is_last: bool, fault: str = "") -> None:
        """Answer, unless it is over."""
        if not self.is_over:
            self.is_over = is_last
            self.on_answer(body, is_last, fault)


class DeviceDesk:
    """One for all windows."""

    def __init__(self, hub_of: HubOf, note_write: NoteWrite, health: LoopHealth, stop_limit_s: float) -> None:
        """Begin without devices.

        Args:
            hub_of: Gives the station's own hub of a protocol.
            note_write: Notes in the audit trail who is about to write what; called on a thread.
            health: Counts questions answered, and mistakes.
            stop_limit_s: How long a stopping station waits for what is under way.
        """
        self._hub_of = hub_of
        self._notes = WriteNotes(note_write)
        self._health = health
        self._stop_limit_s = stop_limit_s
        self._devices: Mapping[str, Device] = {}
        self._secrets = NO_KEYS
        self._errands: set[_Errand] = set()
        self._numbers = count(1)

    @property
    def pending(self) -> int:
        """How many questions are being worked on."""
        return len(self._errands)

    def set_plan(self, plan: Plan) -> None:
        """Know other devices from now on; what somebody may no longer ask is ended."""
        self._devices = {device.device_id: device for device in plan.devices}
        self._secrets = plan.secrets
        for errand in list(self._errands):
            try:
                self._check(errand.holder, errand.question)
            except NotDone as refusal:
                self._end(errand, str(refusal))

    def ask_device(
        self,
        holder: TicketHolder,
        digest: bytes,
        tool: str,
        driver: str,
        settings: bytes,
        subject: bytes,
        hardware_id: str,
        on_answer: OnAnswer,
    ) -> Callable[[str], None]:
        """Begin to answer a question; everything in it is checked here.

        Args:
            holder: Whom the window's ticket speaks for.
            digest: SHA-256 of that ticket: a write is noted in its name.
            tool, driver, settings, subject, hardware_id: As `console.link.messages.AskDevice` has them.
            on_answer: Called for each answer, from the event loop and never from inside this call; the last
                one says so.

        Returns:
            Stops it; takes one sentence why, which becomes the last answer, or an empty one, and nothing is
            answered any more. Safe twice, safe at the end.
        """
        question = Question(tool, driver, settings, subject, hardware_id)
        errand = _Errand(holder, digest, question, on_answer)
        name = f"workbench {next(self._numbers)}: {question.tool[:40]}"
        is_full = len(self._errands) >= MOST_AT_ONCE
        errand.task = asyncio.create_task(self._run(errand, is_full=is_full), name=name)
        self._errands.add(errand)
        errand.task.add_done_callback(lambda _: self._errands.discard(errand))
        return lambda why: self._end(errand, why)

    async def stop(self) -> None:
        """End what is under way, and tell whoever asked. Safe twice."""
        for errand in list(self._errands):
            self._end(errand, STOPPING)
        self._notes.stop()
        tasks = [errand.task for errand in self._errands]
        if tasks:
            _, left = await asyncio.wait(tasks, timeout=self._stop_limit_s)
            for task in left:
                _log.warning("%s did not end within %g s", task.get_name(), self._stop_limit_s)

    def _end(self, errand: _Errand, why: str) -> None:
        """Stop it, telling whoever asked where there is something to tell."""
        if why:
            if errand.is_writing:
                why = f"{why} {NOT_KNOWN}"
            elif errand.question.is_write:
                why = f"{why} {NOTHING_WRITTEN}"
            errand.tell(b"", is_last=True, fault=why)
        errand.is_over = True
        errand.task.cancel()

    async def _run(self, errand: _Errand, *, is_full: bool) -> None:
        body, fault = b"", ""
        try:
            if is_full:
                raise NotDone(TOO_MANY)
            body = await self._answer(errand)
            self._health.passes += 1
        except DriverBug as bug:
            self._health.note_failure(bug)
            _log.exception("%r failed by a mistake of its driver", errand.question)
            fault = str(bug)
        except (NotDone, DriverError, AddressError) as error:
            fault = str(error)
        except Exception as error:  # noqa: BLE001 - the desk's net: no question may harm the station
            self._health.note_failure(error)
            _log.exception("%r failed in a way nobody foresaw", errand.question)
            fault = MISTAKE
        errand.tell(body, is_last=True, fault=fault)

    async def _answer(self, errand: _Errand) -> bytes:
        """Hand on what is told in parts; returns the result as JSON where a tool tells all at once."""
        question = errand.question
        what = question.what
        stored = self._check(errand.holder, question)
        subject = question.read_subject()
        ready = bound(question, stored, self._secrets.open)
        result = b""
        if isinstance(subject, WriteSubject):
            assert stored is not None  # what is not stored is not written
            await self._notes.note(errand.digest, stored.id, subject.address, subject.value)
            errand.is_writing = True
        try:
            async with (
                asyncio.timeout(what.limit_s),
                aclosing(answers(question.tool, subject, ready, self._hub_of)) as records,
            ):
                async for record in records:
                    body = _json(record)
                    if what.is_stream:
                        errand.tell(body, is_last=False)
                    else:
                        result = body
        except TimeoutError as error:
            sentence = WRITE_TOO_LONG if what.is_write else TOO_LONG
            raise NotDone(sentence.format(what.limit_s)) from error
        if isinstance(subject, WriteSubject):
            wrote = (errand.holder.name, subject.value, subject.address, question.hardware_id)
            _log.info("%s wrote %g to %s of %s", *wrote)
        return result

    def _check(self, holder: TicketHolder, question: Question) -> Device | None:
        """Return the stored device the question is about, None where it is none. Raises NotDone."""
        device = self._devices.get(question.hardware_id) if question.hardware_id else None
        check_person(holder, question.hardware_id, device)
        check_writing(question, device)
        return device


def _json(record: object) -> bytes:
    body = msgspec.json.encode(record)
    if len(body) > LARGEST_RECORD:
        raise NotDone(TOO_LARGE)
    return body
