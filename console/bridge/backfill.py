"""Fills the rings of new devices with the last minutes from the database, a few devices at a time."""

import logging
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from console.bridge.catalogue import Catalogue
from console.bridge.command_runner import CommandRunner, Job
from console.bridge.live_store import LiveStore
from console.bridge.questions import recent_samples
from console.bridge.series_buffer import KEPT_S, Samples
from models.records.device import DeviceId

DEVICES_AT_ONCE = 25
"""Few enough that neither the answer's decoding nor the merge holds up the window's thread."""

_log = logging.getLogger(__name__)


class Backfill(QObject):
    """Asks once for every device; where that failed, again with the next `request`."""

    filled = Signal(object)  # frozenset[int] of device ids

    def __init__(
        self, runner: CommandRunner, live: LiveStore, now: Callable[[], float], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._runner = runner
        self._live = live
        self._now = now
        self._asked: set[DeviceId] = set()
        self._queue: deque[DeviceId] = deque()
        self._is_asking = False
        self._asking: list[DeviceId] = []

    def request(self, catalogue: Catalogue) -> None:
        """Fill the rings of those devices that are new since the last call."""
        new = [device.id for device in catalogue.devices if device.id not in self._asked]
        self._asked.update(new)
        self._queue.extend(new)
        self._ask_next()

    def _ask_next(self) -> None:
        if self._is_asking or not self._queue:
            return
        some = [self._queue.popleft() for _ in range(min(DEVICES_AT_ONCE, len(self._queue)))]
        self._is_asking, self._asking = True, some
        self._runner.run(Job(recent_samples(some, self._now() - KEPT_S), self._take, self._fail, self))

    def _take(self, samples: dict[DeviceId, Samples]) -> None:
        self._is_asking = False
        for device, run in samples.items():
            self._live.add_history(device, run)
        if samples:
            self.filled.emit(frozenset(samples))
        self._ask_next()

    def _fail(self, sentence: str) -> None:
        # Charts then begin with what arrives live; asking on would only queue behind the same fault.
        _log.warning("Rings were not filled from the database: %s", sentence)
        self._is_asking = False
        self._asked.difference_update(self._queue, self._asking)
        self._queue.clear()
