"""Steps ③ and ④ for all devices: what is heard of them, and that time passes, → transitions in the outbox.

Used from the event loop only.
"""

import logging
from collections.abc import Callable, Sequence

from console.station.alert_book import AlertBook
from console.station.assignment import Assignment
from console.station.health import LoopHealth
from console.station.line import Line
from console.station.outbox import Outbox
from drivers.values import RawValue
from models.records.alert import Transition
from models.records.device import DeviceId, DeviceStatus
from models.records.reading import Reading

_log = logging.getLogger(__name__)


class Judgement:
    """The lines of all devices, and the book of what they found.

    Attributes:
        lines: By device; those that cannot be polled have one, too.
    """

    def __init__(self, outbox: Outbox, health: LoopHealth, clock_step_s: float) -> None:
        """Begin without devices. `clock_step_s`: see `Tuning`."""
        self.lines: dict[DeviceId, Line] = {}
        self._outbox = outbox
        self._health = health
        self._clock_step_s = clock_step_s
        self._book = AlertBook()
        self._has_plan = False
        self._told: frozenset[tuple[DeviceId, str]] = frozenset()

    def assign(self, assignment: Assignment, now_unix: float) -> None:
        """Judge by a new plan from now on; devices that it does not change are not disturbed."""
        plan = assignment.plan
        if not self._has_plan:
            self._has_plan = True
            self._book.load(plan.episodes)
        ended = self._book.reconcile(plan.devices, plan.thresholds, now_unix, assignment.unjudged)
        if ended:
            self._outbox.put_transitions(ended)
        standing = self._book.standing()
        before, self.lines = self.lines, {}
        for record in plan.devices:
            thresholds = assignment.thresholds.get(record.id, ())
            line = before.get(record.id)
            if line is None or not line.fits(record, thresholds):
                line = Line(record, thresholds, standing.get(record.id, ()), self._clock_step_s, line)
            self.lines[record.id] = line
            if record.id in assignment.faults:
                # Nobody polls it, so nobody would ever find that it does not answer.
                self.hear_failure(line, DeviceStatus.ERROR, now_unix)
        self._tell_unjudged()

    def hear_answer(self, line: Line, reading: Reading, values: Sequence[RawValue]) -> None:
        """Take in what one poll brought. Raises whatever our own code may raise; the caller has the net."""
        self._admit(line.evaluator.judge(reading))
        if line.evaluator.needs_clock:
            ahead_s = line.clock.ahead_s(values)
            if ahead_s is not None:
                self._admit(line.evaluator.judge_clock(ahead_s, reading.recorded_unix))

    def hear_failure(self, line: Line, status: DeviceStatus, now_unix: float) -> None:
        """Take in that a device could not be read."""
        line.clock.forget()
        self._guarded(
            line, lambda: line.evaluator.judge_failure(now_unix, is_error=status is DeviceStatus.ERROR)
        )

    def pass_time(self, now_unix: float) -> None:
        """Take in what time it is, whether or not any device was heard of; about once a second."""
        for line in self.lines.values():
            self._guarded(line, lambda line=line: line.evaluator.pass_time(now_unix))

    def _guarded(self, line: Line, judge: Callable[[], Sequence[Transition]]) -> None:
        try:
            self._admit(judge())
        except Exception as error:  # noqa: BLE001 - the judging net: the other devices must still be judged
            self._health.note_failure(error)
            _log.exception("%s could not be judged", line.device.name)

    def _admit(self, transitions: Sequence[Transition]) -> None:
        if transitions:
            admitted = self._book.admit(transitions)
            if admitted:
                self._outbox.put_transitions(admitted)

    def _tell_unjudged(self) -> None:
        """Log each threshold that cannot be judged, once; its device's status says it too."""
        found = [(line.device, note) for line in self.lines.values() for note in line.evaluator.unjudged]
        for device, note in found:
            if (device.id, note) not in self._told:
                _log.warning("%s: %s", device.name, note)
        self._told = frozenset((device.id, note) for device, note in found)
