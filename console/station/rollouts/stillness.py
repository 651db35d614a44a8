"""Polling stands still around an update: of the device, and of what shares its serial line."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from drivers.firmware.target import FirmwareWay
from models.records.device import DeviceId


class Polling(Protocol):
    """What an update asks of the polling. Event loop only."""

    def stand_still(self, devices: Collection[DeviceId]) -> None:
        """Poll and judge everything but these."""
        ...

    def answered(self, device: DeviceId) -> int:
        """Return how many polls of a device brought values since it is polled; 0 while it is not."""
        ...


class Stillness:
    """Who wants which devices to stand still. Event loop only."""

    def __init__(self, polling: Polling, lines: Callable[[FirmwareWay], Mapping[DeviceId, str]]) -> None:
        """Keep what it needs.

        Args:
            polling: The station's.
            lines: Names, for a way of delivery, the line of each device of this station that it could reach;
                empty = shared with nobody.
        """
        self._polling = polling
        self._lines = lines
        self._wanted: Counter[DeviceId] = Counter()

    def begin(self, device: DeviceId, way: FirmwareWay) -> frozenset[DeviceId]:
        """Have a device and its line stand still; returns what `end` needs."""
        lines = self._lines(way)
        line = lines.get(device, "")
        still = frozenset({device, *(other for other, shared in lines.items() if line and shared == line)})
        self._wanted.update(still)
        self._polling.stand_still(frozenset(self._wanted))
        return still

    def end(self, still: frozenset[DeviceId]) -> None:
        """Let them go on, but for those that another update keeps still."""
        self._wanted.subtract(still)
        self._wanted = +self._wanted
        self._polling.stand_still(frozenset(self._wanted))

    def answered(self, device: DeviceId) -> int:
        """Return how many polls of a device brought values since it is polled again."""
        return self._polling.answered(device)
