"""Open alerts as windows are told of them: all that a person may see, then changes, a few times a second."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence

from console.link.audience import Audience
from console.link.frames import frame_from_message
from console.link.messages import AlertChanges
from console.link.window import WindowConnection
from models.records.device import DeviceId
from models.records.station_alert import StationAlert
from models.records.threshold import ThresholdId

PAUSE_S = 0.25
"""Four times a second is as often as anybody can see; a flood is gathered meanwhile."""

_GATHER_S = 0.03
_BLOCK = 1000  # alerts a frame: a quarter of a megabyte

_Key = tuple[DeviceId, ThresholdId]


class AlertBoard:
    """Belongs to the event loop's thread."""

    def __init__(self, audiences: Callable[[], Iterable[Audience]], pause_s: float = PAUSE_S) -> None:
        """Begin empty.

        Args:
            audiences: Those who are told of changes.
            pause_s: Least time between two messages of changes.
        """
        self._audiences = audiences
        self._pause_s = pause_s
        self._alerts: dict[_Key, StationAlert] = {}
        self._changed: dict[_Key, None] = {}
        self._flush: asyncio.TimerHandle | None = None
        self._told_s = float("-inf")

    def publish(self, changes: Sequence[StationAlert], gone: Sequence[_Key]) -> None:
        """Keep what changed, and tell it together with what comes within the pause."""
        for alert in changes:
            self._alerts[alert.device, alert.threshold] = alert
            self._changed[alert.device, alert.threshold] = None
        for key in gone:
            # One that nobody was told of, or whose device was released, is no news.
            if self._alerts.pop(key, None) is not None:
                self._changed[key] = None
        if self._changed and self._flush is None:
            loop = asyncio.get_running_loop()
            wait_s = max(_GATHER_S, self._told_s + self._pause_s - loop.time())
            self._flush = loop.call_later(wait_s, self._tell)

    def release(self, devices: Collection[DeviceId]) -> None:
        """Forget the alerts of devices that this station polls no more."""
        self._alerts = {key: alert for key, alert in self._alerts.items() if key[0] not in devices}
        self._changed = {key: None for key in self._changed if key[0] not in devices}

    def show(self, window: WindowConnection, audience: Audience, before: Audience | None = None) -> None:
        """Tell one window everything that its audience may see; nothing where it saw the same before.

        Args:
            before: The audience it sat in until now; None = it has just come in.
        """
        alerts = audience.alerts_seen(self._alerts.values())
        if before is not None and before.alerts_seen(self._alerts.values()) == alerts:
            return
        frames = [frame_from_message(AlertChanges(alerts[:_BLOCK], is_all=True))]
        for start in range(_BLOCK, len(alerts), _BLOCK):
            frames.append(frame_from_message(AlertChanges(alerts[start : start + _BLOCK])))
        # All at once: a window that has just come in is not behind, however much there is to tell.
        window.send(b"".join(frames))

    def stop(self) -> None:
        """Tell what waits. Safe twice."""
        if self._flush is not None:
            self._flush.cancel()
            self._tell()

    def _tell(self) -> None:
        self._flush = None
        self._told_s = asyncio.get_running_loop().time()
        keys, self._changed = list(self._changed), {}
        for start in range(0, len(keys), _BLOCK):
            some = keys[start : start + _BLOCK]
            changes = [alert for key in some if (alert := self._alerts.get(key)) is not None]
            gone = [key for key in some if key not in self._alerts]
            for audience in self._audiences():
                audience.send_alerts(changes, gone)
