"""The way of one value inside the station, as one function: `Conveyor.carry`.

① poller ─→ ② sampler ─→ ③ evaluator ─→ ④ alert book ─→ ⑤ outbox ─→ writer, or spool ─→ database
                                 └───────────────────────→ feed ─→ windows on this computer

Used on the event loop only.
"""

import logging
from collections.abc import Callable, Sequence

from console.station.clocks.receive_times import ReceiveWatch
from console.station.device_status import status_from_answer, status_from_failure
from console.station.feed import Feed
from console.station.health import LoopHealth
from console.station.judgement import Judgement
from console.station.line import Line
from console.station.outbox import Outbox
from console.station.polling.poller import Answer, Failure
from console.station.state_book import StateBook
from drivers.values import RawValue
from models.records.device import DeviceId
from models.records.reading import Reading

_log = logging.getLogger(__name__)


class Conveyor:
    """Carries what polls brought through every step."""

    def __init__(
        self,
        times: ReceiveWatch,
        judgement: Judgement,
        states: StateBook,
        outbox: Outbox,
        feed: Feed,
        health: LoopHealth,
        epoch_of: Callable[[DeviceId], int],
        on_readings: Callable[[Sequence[Reading]], None],
        on_carried: Callable[[], None],
    ) -> None:
        """Keep what it needs.

        Args:
            times, judgement, states, outbox, feed: The stations on the way.
            health: Counts devices that could not be judged.
            epoch_of: The lease under which a device is polled.
            on_readings: Hears of the readings of each carry, before they wait to be written.
            on_carried: Called after each carry, for those who tell of what it changed.
        """
        self._times = times
        self._judgement = judgement
        self._states = states
        self._outbox = outbox
        self._feed = feed
        self._health = health
        self._epoch_of = epoch_of
        self._on_readings = on_readings
        self._on_carried = on_carried

    def carry(self, answers: Sequence[Answer], failures: Sequence[Failure]) -> None:
        """Carry what polls brought (①) through every step. One bad device never stops the others."""
        times = self._times.look()
        readings: list[Reading] = []
        for device, values in answers:
            line = self._judgement.lines.get(device)
            if line is None:
                continue
            try:
                reading = line.sampler.reading_from(values, times, self._epoch_of(device))  # ②
                self._judgement.hear_answer(line, reading, values, times)  # ③ ④
                self._note_answer(line, reading, values)
            except Exception as error:  # noqa: BLE001 - the judging net: the other devices' readings must go on
                self._health.note_failure(error)
                self._note_failure(device, error, times.now_unix)
                _log.exception("%s could not be judged", line.device.name)
            else:
                readings.append(reading)
        for device, error in failures:
            self._note_failure(device, error, times.now_unix)
        if readings:
            self._on_readings(readings)
            self._outbox.put_readings(readings)  # ⑤
            self._feed.publish_readings(readings)
        self._on_carried()

    def _note_answer(self, line: Line, reading: Reading, values: Sequence[RawValue]) -> None:
        device = line.device.id
        self._states.seen(device, reading.recorded_unix)
        if line.is_clean and reading.is_good:
            return
        faults = line.sampler.faults(values)
        status, detail = status_from_answer(len(values), faults, line.notes)
        line.is_clean = not faults
        self._states.found(device, status, detail)

    def _note_failure(self, device: DeviceId, error: Exception, now_unix: float) -> None:
        status, detail = status_from_failure(error)
        line = self._judgement.lines.get(device)
        if line is not None:
            line.is_clean = False
            self._judgement.hear_failure(line, status, now_unix)
        self._states.found(device, status, detail)
