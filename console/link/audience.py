"""Windows that may see the same devices: whatever is sent to them is filtered and encoded once."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from msgspec.structs import replace

from console.link.doorkeeper import Sight
from console.link.frames import frame_from_message
from console.link.messages import AlertChanges, LiveBatch, Message, Released, StateChange, States
from console.link.window import WindowConnection
from models.metrics import METRIC_COUNT
from models.records.device import DeviceId, DeviceStatus
from models.records.reading import Reading
from models.records.station import StationReport
from models.records.station_alert import StationAlert
from models.records.threshold import ThresholdId


class Audience:
    """Belongs to the event loop's thread.

    Attributes:
        sight: The devices these windows may see; None = all.
        windows: Those that are connected.
    """

    def __init__(self, sight: Sight) -> None:
        """Begin without windows."""
        self.sight = sight
        self.windows: set[WindowConnection] = set()

    def seen(self, devices: Iterable[DeviceId]) -> frozenset[DeviceId]:
        """Return those of `devices` that these windows may see."""
        return frozenset(devices) if self.sight is None else self.sight.intersection(devices)

    def send(self, message: Message) -> None:
        """Send something to every window here; the caller has filtered it."""
        frame = frame_from_message(message)
        for window in list(self.windows):
            window.send(frame)

    def send_readings(self, readings: Sequence[Reading]) -> None:
        """Send what may be seen of some readings."""
        if self.sight is not None:
            readings = [reading for reading in readings if reading.device in self.sight]
        if readings:
            self.send(batch_from_readings(readings))

    def send_states(self, changes: Sequence[StateChange]) -> None:
        """Send what may be seen of some changes of state."""
        if self.sight is not None:
            changes = [change for change in changes if change.device in self.sight]
        if changes:
            self.send(States(list(changes)))

    def alerts_seen(self, alerts: Iterable[StationAlert]) -> list[StationAlert]:
        """Return those of some alerts that these windows may see."""
        return [alert for alert in alerts if self.sight is None or alert.device in self.sight]

    def send_alerts(
        self, changes: Iterable[StationAlert], gone: Iterable[tuple[DeviceId, ThresholdId]]
    ) -> None:
        """Send what may be seen of some changes of alerts."""
        seen = self.alerts_seen(changes)
        over = [(int(key[0]), int(key[1])) for key in gone if self.sight is None or key[0] in self.sight]
        if seen or over:
            self.send(AlertChanges(seen, over))

    def send_released(self, devices: Iterable[DeviceId]) -> None:
        """Send which of the devices that may be seen others poll from now on."""
        seen = self.seen(devices)
        if seen:
            self.send(Released(sorted(int(device) for device in seen)))

    def send_figures(self, figures: StationReport, states: Collection[StateChange]) -> None:
        """Send the station's figures; who sees some devices only is told of no others, not even their number.

        Counts of readings stay the station's: they say whether it gets rid of what it takes, one's own
        included.

        Args:
            figures: Of the whole station.
            states: Of all devices.
        """
        if self.sight is None:
            self.send(figures)
            return
        own = [change for change in states if change.device in self.sight]
        collecting = sum(change.status == DeviceStatus.ONLINE for change in own)
        self.send(replace(figures, configured=len(own), collecting=collecting))


def batch_from_readings(readings: Sequence[Reading]) -> LiveBatch:
    """Put readings into arrays, in the order given."""
    values = np.array([reading.values for reading in readings], dtype="<f8")
    assert values.shape == (len(readings), METRIC_COUNT)
    return LiveBatch(
        devices=np.array([reading.device for reading in readings], dtype="<i8").tobytes(),
        recorded_unix=np.array([reading.recorded_unix for reading in readings], dtype="<f8").tobytes(),
        values=values.tobytes(),
        quality=np.array([reading.quality for reading in readings], dtype="<i2").tobytes(),
        **_signal_arrays(readings),
    )


def _signal_arrays(readings: Sequence[Reading]) -> dict[str, bytes]:
    samples = [(row, sample) for row, reading in enumerate(readings) for sample in reading.signals]
    if not samples:
        return {}
    return {
        "signal_rows": np.array([row for row, _ in samples], dtype="<i4").tobytes(),
        "signals": np.array([sample.signal for _, sample in samples], dtype="<i4").tobytes(),
        "signal_values": np.array([sample.value for _, sample in samples], dtype="<f8").tobytes(),
    }
