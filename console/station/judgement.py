"""Steps ③ and ④ for all devices: what is heard of them, and that time passes, → transitions in the outbox.

Used from the event loop only.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from console.station.alerts.alert_book import AlertBook
from console.station.alerts.alert_list import AlertKey, AlertList
from console.station.assignment import Assignment
from console.station.clocks.receive_times import ReceiveTimes
from console.station.health import LoopHealth
from console.station.line import Line
from console.station.outbox import Outbox
from drivers.events import EventNews
from drivers.values import RawValue
from models.records.alert import OpenEpisode, Transition, TransitionKind
from models.records.device import Device, DeviceId, DeviceStatus
from models.records.reading import Reading
from models.records.station_alert import Acknowledgement
from models.records.threshold import ThresholdId

_NOBODY = frozenset[DeviceId]()
_log = logging.getLogger(__name__)


class Judgement:
    """The lines of all devices, and the book of what they found.

    Attributes:
        lines: By device; those that cannot be polled have one, too.
        alerts: The open ones of these devices, for windows.
        still: Devices that are not polled for a while on purpose: their silence is judged by nobody.
    """

    def __init__(
        self,
        outbox: Outbox,
        health: LoopHealth,
        clock_step_s: float,
        epoch_of: Callable[[DeviceId], int] = lambda _: 0,
        on_told: Callable[[Sequence[AlertKey]], None] = lambda _: None,
    ) -> None:
        """Begin without devices.

        Args:
            outbox: Where findings go.
            health: Counts what could not be judged.
            clock_step_s: See `Tuning`.
            epoch_of: The lease under which a device is polled now; 0 = without one.
            on_told: Hears of which alerts findings were just put into the outbox, in their order.
        """
        self.lines: dict[DeviceId, Line] = {}
        self.still: frozenset[DeviceId] = _NOBODY
        self._resting: dict[DeviceId, Line] = {}
        self.alerts = AlertList()
        self._epoch_of = epoch_of
        self._on_told = on_told
        self._outbox = outbox
        self._health = health
        self._clock_step_s = clock_step_s
        self._book = AlertBook()
        self._held: frozenset[DeviceId] = _NOBODY
        self._left: list[Transition] = []
        self._told: frozenset[tuple[DeviceId, str]] = frozenset()
        self._doubtful: set[DeviceId] = set()
        self._assignment: Assignment | None = None

    def recall(self, findings: Sequence[Transition | Acknowledgement]) -> None:
        """Take in what an earlier run found and the database may not have heard; before the first `assign`.

        What began with it stands: otherwise nobody would ever tell its end.
        """
        self._left = [found for found in findings if isinstance(found, Transition)]
        self._on_told([(found.device, found.threshold) for found in findings])

    def hold(self, devices: Collection[DeviceId], episodes: Iterable[OpenEpisode]) -> None:
        """Take over devices from another station, before `assign` gives them their lines.

        Args:
            devices: Those taken over.
            episodes: What is open of them, as of the moment they were taken over.
        """
        fresh = frozenset(devices) - self.lines.keys()
        for device in fresh & self._resting.keys():
            self._resting[device].retire()
        self._book.forget(fresh)
        self._book.load(episode for episode in episodes if episode.device in fresh)
        self._held |= fresh
        self._doubtful -= fresh

    def doubt(self, devices: Collection[DeviceId]) -> None:
        """Count what is known of these devices' episodes as old, until `believe`: the disk held it."""
        self._doubtful.update(devices)

    def believe(self, devices: Collection[DeviceId], unsettled: Collection[AlertKey]) -> None:
        """Judge on from what the database says, where what stood at the beginning was doubtful.

        A station that dies leaves a disk that the database may be ahead of. What began or ended meanwhile
        would be told by nobody, for a rule tells only what it has not seen before.

        Args:
            devices: Those whose alerts in `alerts` are the database's.
            unsettled: Alerts of which it may not have heard the latest; their devices stay doubtful.
        """
        certain = self._doubtful.intersection(devices) & self.lines.keys()
        certain -= {device for device, _ in unsettled}
        if not certain or self._assignment is None:
            return
        self._doubtful -= certain
        before = self._book.standing()
        self._book.forget(certain)
        self._book.load(self.alerts.episodes(certain))
        after = self._book.standing()
        for device in certain:
            if before.get(device) != after.get(device):
                line = self.lines[device]
                _log.warning("%s: its alerts stand otherwise than this station remembered", line.device.name)
                self.lines[device] = self._line(self._assignment, line.device, after, line)

    def rest(self) -> None:
        """Judge nothing until the next `assign`: what is not heard meanwhile is no device's fault."""
        for line in self.lines.values():
            # Its state is what the database says until it was heard again.
            line.is_clean = False
        self._resting |= self.lines
        self.lines = {}

    def release(self, devices: Collection[DeviceId]) -> None:
        """Judge devices no more, because another station does from now on; nothing ends by it."""
        gone = frozenset(devices)
        self.lines = {device: line for device, line in self.lines.items() if device not in gone}
        self._resting = {device: line for device, line in self._resting.items() if device not in gone}
        self._book.forget(gone)
        self._held -= gone
        self.alerts.release(gone)

    def assign(
        self, assignment: Assignment, now_unix: float, held: Collection[DeviceId] | None = None
    ) -> None:
        """Judge by a new plan from now on; devices that it does not change are not disturbed.

        Args:
            assignment: The plan, checked.
            now_unix: Unix seconds.
            held: The devices that this station judges; None = all. One that `hold` did not name begins with
                the plan's episodes.
        """
        plan, self._assignment = assignment.plan, assignment
        configured = {device.id for device in plan.devices}
        wanted = configured if held is None else configured.intersection(held)
        self.release((self._held & configured) - wanted)
        removed = self._held - configured
        fresh = wanted - self._held
        self._book.load(one for one in plan.episodes if one.device in fresh)
        if plan.is_remembered:
            self.doubt(fresh)
        self._held = frozenset(wanted)
        self.alerts.describe(plan.thresholds)
        self._take_left(self._held)
        self._put(self._book.reconcile(plan.devices, plan.thresholds, now_unix, assignment.unjudged))
        self.alerts.release(removed)
        standing = self._book.standing()
        before, self.lines, self._resting = self._resting | self.lines, {}, {}
        for record in plan.devices:
            if record.id not in wanted:
                continue
            thresholds = assignment.thresholds.get(record.id, ())
            line = before.get(record.id)
            if line is None or not line.fits(record, thresholds, plan.quantities):
                line = self._line(assignment, record, standing, line)
            self.lines[record.id] = line
            if record.id in assignment.faults:
                # Nobody polls it, so nobody would ever find that it does not answer.
                self.hear_failure(line, DeviceStatus.ERROR, now_unix)
        self._tell_unjudged()

    def hear_answer(
        self, line: Line, reading: Reading, values: Sequence[RawValue], times: ReceiveTimes
    ) -> None:
        """Take in what one poll brought. Raises whatever our own code may raise; the caller has the net."""
        self._admit(line.evaluator.judge(reading))
        if line.evaluator.needs_clock:
            ahead_s = line.clock.ahead_s(values, times)
            if ahead_s is not None:
                self._admit(line.evaluator.judge_clock(ahead_s, reading.recorded_unix))

    def hear_failure(self, line: Line, status: DeviceStatus, now_unix: float) -> None:
        """Take in that a device could not be read."""
        line.clock.forget()
        self._guarded(
            line, lambda: line.evaluator.judge_failure(now_unix, is_error=status is DeviceStatus.ERROR)
        )

    def hear_events(self, line: Line, news: EventNews, now_unix: float) -> None:
        """Take in what a device reported of its own accord."""
        self._guarded(line, lambda: line.evaluator.judge_events(news, now_unix))

    def pass_time(self, now_unix: float) -> None:
        """Take in what time it is, whether or not any device was heard of; about once a second."""
        for line in self.lines.values():
            if line.evaluator.needs_time and line.device.id not in self.still:
                self._guarded(line, lambda line=line: line.evaluator.pass_time(now_unix))

    def _line(
        self,
        assignment: Assignment,
        device: Device,
        standing: Mapping[DeviceId, Collection[ThresholdId]],
        before: Line | None,
    ) -> Line:
        """Return a line for a device, which goes on with what the one before it remembers."""
        return Line(
            device,
            assignment.thresholds.get(device.id, ()),
            standing.get(device.id, ()),
            self._clock_step_s,
            before,
            assignment.plan.quantities,
        )

    def _take_left(self, devices: Collection[DeviceId]) -> None:
        """Take up what an earlier run found of devices that are judged from now on."""
        taken = [found for found in self._left if found.device in devices]
        if not taken:
            return
        self._left = [found for found in self._left if found.device not in devices]
        last = {(found.device, found.threshold): found for found in taken}
        self._book.load(
            OpenEpisode(found.threshold, found.device, found.at_unix, found.kind is TransitionKind.CLEARED)
            for found in last.values()
        )
        self.alerts.admit(taken)
        # Another station may have judged these devices since.
        self.doubt({found.device for found in taken})

    def _guarded(self, line: Line, judge: Callable[[], Sequence[Transition]]) -> None:
        try:
            self._admit(judge())
        except Exception as error:  # noqa: BLE001 - the judging net: the other devices must still be judged
            self._health.note_failure(error)
            _log.exception("%s could not be judged", line.device.name)

    def _admit(self, transitions: Sequence[Transition]) -> None:
        if transitions:
            self._put(self._book.admit(transitions))

    def _put(self, admitted: Sequence[Transition]) -> None:
        """Hand on what changes something, under the lease of now."""
        if not admitted:
            return
        stamped = [replace(found, epoch=self._epoch_of(found.device)) for found in admitted]
        self.alerts.admit(stamped)
        self._outbox.put_transitions(stamped)
        self._on_told([(found.device, found.threshold) for found in stamped])

    def _tell_unjudged(self) -> None:
        """Log each threshold that cannot be judged, once; its device's status says it too."""
        found = [(line.device, note) for line in self.lines.values() for note in line.evaluator.unjudged]
        for device, note in found:
            if (device.id, note) not in self._told:
                _log.warning("%s: %s", device.name, note)
        self._told = frozenset((device.id, note) for device, note in found)
