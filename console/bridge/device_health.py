"""How the connections of devices do, whichever way it came: from the station here, or through the database.

The newest record of a device wins. The database is asked only while somebody looks, and only about devices of
which the station of this computer does not tell.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from console.bridge.coalescer import Coalescer
from models.records.device import DeviceId

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from console.bridge.live_feed import LiveFeed
    from console.link.messages import DeviceFigures
    from models.records.device_health import DeviceHealth

    Ask = Callable[
        [
            Callable[[Connection], list[DeviceHealth]],
            Callable[[list[DeviceHealth]], None],
            Callable[[str], None],
            QObject,
        ],
        None,
    ]

ASK_S = 5.0
"""How often the database is asked while somebody looks; stations write every fifteen seconds."""

TOLD_S = 30.0
"""A device of which the station here has told for so long nothing is asked for at the database."""

_LOOK_MS = 1_000
_SHOW_MS = 500


class DeviceHealths(QObject):
    """Belongs to the window's thread.

    Attributes:
        changed: Records of some devices are others (frozenset[int] of `devices.id`), at most twice a second.
    """

    changed = Signal(object)

    def __init__(
        self,
        feed: LiveFeed,
        ask: Ask,
        devices: Callable[[], Iterable[int]],
        now: Callable[[], float],
        parent: QObject | None = None,
    ) -> None:
        """Store the parts.

        Args:
            feed: The way to the station of this computer.
            ask: Asks the database (`Asking.ask`).
            devices: Those that the person may see, by `devices.id`.
            now: Unix seconds.
            parent: Owns it.
        """
        super().__init__(parent)
        self._ask = ask
        self._devices = devices
        self._now = now
        self._records: dict[DeviceId, DeviceHealth] = {}
        self._told_unix: dict[DeviceId, float] = {}
        self._watchers: list[tuple[QObject, Callable[[], bool]]] = []
        self._asked_unix = float("-inf")
        self._is_asking = False
        self._session = 0
        self._coalescer = Coalescer(self, _SHOW_MS)
        self._coalescer.flushed.connect(self.changed)
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._look_round)
        feed.figures_arrived.connect(self._take_figures)
        feed.withdrawn.connect(self._withdraw)
        feed.released.connect(self._release)

    def of(self, device: int) -> DeviceHealth | None:
        """Return the newest record of a device, however old; None where there is none."""
        return self._records.get(DeviceId(device))

    @property
    def all(self) -> Mapping[DeviceId, DeviceHealth]:
        """The newest record of each device. Not to be changed, and another one after `changed`."""
        return self._records

    def watch(self, owner: QObject, is_looking: Callable[[], bool]) -> None:
        """Ask the database, too, whenever `is_looking`, for as long as `owner` lives."""
        self._watchers.append((owner, is_looking))
        self._look.start()

    def forget(self) -> None:
        """Hold nothing of anybody."""
        self._session += 1
        self._records = {}
        self._told_unix = {}
        self._asked_unix = float("-inf")
        self._is_asking = False
        self._coalescer.stop()

    def _take_figures(self, message: DeviceFigures) -> None:
        now_unix = self._now()
        for record in message.devices:
            self._told_unix[record.device] = now_unix
        self._take(message.devices)

    def _take(self, records: Iterable[DeviceHealth]) -> None:
        newer = {
            record.device: record
            for record in records
            if (held := self._records.get(record.device)) is None or record.as_of_unix >= held.as_of_unix
        }
        if newer:
            self._records.update(newer)
            self._coalescer.add(int(device) for device in newer)

    def _withdraw(self, devices: Collection[int]) -> None:
        for device in devices:
            self._records.pop(DeviceId(device), None)
            self._told_unix.pop(DeviceId(device), None)
        self._coalescer.add(devices)

    def _release(self, devices: Collection[int]) -> None:
        # What is known stays until whoever polls them from now on tells more.
        for device in devices:
            self._told_unix.pop(DeviceId(device), None)

    def _look_round(self) -> None:
        self._watchers = [(owner, looks) for owner, looks in self._watchers if isValid(owner)]
        if not self._watchers:
            self._look.stop()
        now_unix = self._now()
        is_due = not self._is_asking and abs(now_unix - self._asked_unix) >= ASK_S
        if not is_due or not any(looks() for _, looks in self._watchers):
            return
        untold = [
            DeviceId(device)
            for device in self._devices()
            if now_unix - self._told_unix.get(DeviceId(device), float("-inf")) > TOLD_S
        ]
        if untold:
            self._asked_unix, self._is_asking = now_unix, True
            session = self._session
            self._ask(
                _question(untold),
                lambda records: self._answered(session, records),
                lambda _sentence: self._answered(session, ()),
                self,
            )

    def _answered(self, session: int, records: Iterable[DeviceHealth]) -> None:
        if session == self._session:
            self._is_asking = False
            self._take(records)


def _question(devices: list[DeviceId]) -> Callable[[Connection], list[DeviceHealth]]:
    def ask(connection: Connection) -> list[DeviceHealth]:
        from models.queries.device_health import health_now

        return health_now(connection, devices)

    return ask
