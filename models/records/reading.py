"""A reading: one row of `sensor_readings`, one device at one moment, with the rows of its signals."""

from datetime import datetime

import msgspec

from models.records.device import DeviceId
from models.records.signal import SignalSample


class Reading(msgspec.Struct, frozen=True, gc=False):
    """One device's metrics at one moment.

    Attributes:
        device: `devices.id`.
        recorded_unix: Unix seconds, UTC; unique per device (the table's primary key is device and time).
            Rounded to whole microseconds, PostgreSQL's own resolution.
        values: In METRICS' order, None where there is no good value. Finite.
        quality: Bit i set = metric i is bound on this device and had no good value. 0 = all good.
        epoch: Of the lease under which the device was polled (`Lease.epoch`); 0 = without one.
        signals: Of this device at this moment, each at most once. A station's own come in the order of
            `Quantities.signals_of`, all that the device has tags for.
    """

    device: DeviceId
    recorded_unix: float
    values: tuple[float | None, ...]
    quality: int = 0
    epoch: int = 0
    signals: tuple[SignalSample, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether everything that is bound on the device had a good value."""
        return not self.quality and (
            not self.signals or all(sample.value is not None for sample in self.signals)
        )


class ReadingRow(msgspec.Struct, frozen=True, gc=False):
    """A stored reading with everything an export shows.

    Attributes:
        id: `sensor_readings.id`.
        device_name: Joined for display, as is `hardware_id` (`devices.device_id`).
        values: In METRICS' order, None where there is no good value.
        signals: Of the signals that were asked for, in their order; None where there is no good value, or
            the device does not have one.
    """

    id: int
    device: DeviceId
    hardware_id: str
    device_name: str
    values: tuple[float | None, ...]
    quality: int
    recorded_at: datetime
    created_at: datetime
    signals: tuple[float | None, ...] = ()
