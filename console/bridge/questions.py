"""What the bridge itself asks of the database. The statements load on the worker that asks first.

Importing SQLAlchemy takes half a second, which is not spent before the window is on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from console.bridge.series_buffer import Samples
from models.metrics import METRIC_COUNT

_SAME_MOMENT_S = 1e-4
"""float64 rounds microseconds; no device is read ten thousand times a second."""

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.queries.signals import LatestSignal
    from models.records.alert import Alert
    from models.records.device import DeviceId, DeviceOverview
    from models.records.person import Person
    from models.records.reading import Reading
    from models.records.shelf import Maintenance, Shelf
    from models.records.station import StationNow


@dataclass(frozen=True, slots=True)
class AlertsNow:
    """Open alerts, worst first, then newest, and what is set aside, of one moment."""

    alerts: tuple[Alert, ...]
    shelves: tuple[Shelf, ...]
    maintenance: tuple[Maintenance, ...]


def load_statements() -> None:
    """Import every module that a question may need, on the thread that opens the database.

    Two workers that import the same libraries for the first time at once can meet half-made modules: Python
    breaks the deadlock of two import locks by handing one thread what the other has not finished.
    """
    import models.queries.alarm_settings
    import models.queries.alert_journal
    import models.queries.alert_search
    import models.queries.alert_stories
    import models.queries.alerts
    import models.queries.audit
    import models.queries.audit_chain
    import models.queries.availability
    import models.queries.back_test_samples
    import models.queries.bad_actors
    import models.queries.catalogue
    import models.queries.device_edits
    import models.queries.device_health
    import models.queries.device_history
    import models.queries.firmware_versions
    import models.queries.handover_draft
    import models.queries.handovers
    import models.queries.history
    import models.queries.leases
    import models.queries.notification_deliveries
    import models.queries.notifications
    import models.queries.open_alerts
    import models.queries.overview
    import models.queries.people
    import models.queries.readings
    import models.queries.rollout_list
    import models.queries.rollouts
    import models.queries.shelves
    import models.queries.signals
    import models.queries.thresholds  # noqa: F401


def ask_overview(connection: Connection) -> list[DeviceOverview]:
    """Return state and latest reading of every device, with the site's own signals."""
    from dataclasses import replace

    from models.queries.overview import device_overview
    from models.queries.signals import latest_signals

    rows = device_overview(connection)
    found: dict[int, list[LatestSignal]] = {}
    for each in latest_signals(connection):
        found.setdefault(each.device, []).append(each)
    return [
        replace(row, signals=_of_reading(row, own)) if (own := found.get(row.device)) else row for row in rows
    ]


def _of_reading(row: DeviceOverview, found: Sequence[LatestSignal]) -> tuple[tuple[int, float | None], ...]:
    """Return the signals with what the latest reading said of them: what is older is not the present."""
    read_unix = row.last_reading_at.timestamp() if row.last_reading_at else 0.0
    return tuple(
        (each.signal, each.value if abs(each.recorded_unix - read_unix) < _SAME_MOMENT_S else None)
        for each in found
    )


def ask_person(connection: Connection) -> Person:
    """Return who is at this window."""
    from models.queries.catalogue import current_person

    return current_person(connection)


def ask_stations(connection: Connection) -> tuple[StationNow, ...]:
    """Return every station as the database sees it now, by name."""
    from models.queries.leases import stations_now

    return tuple(stations_now(connection))


def recent_samples(
    devices: Sequence[DeviceId], since_unix: float
) -> Callable[[Connection], dict[DeviceId, Samples]]:
    """Return a question: the samples of these devices from `since_unix` on, ready for their rings."""

    def ask(connection: Connection) -> dict[DeviceId, Samples]:
        from models.queries.readings import recent_window

        return samples_from_readings(recent_window(connection, devices, since_unix))

    return ask


def samples_from_readings(readings: Sequence[Reading]) -> dict[DeviceId, Samples]:
    """Group readings by device, each run ascending in time."""
    runs: dict[DeviceId, list[Reading]] = {}
    for reading in readings:
        runs.setdefault(reading.device, []).append(reading)
    return {device: _samples(run) for device, run in runs.items()}


def _samples(run: list[Reading]) -> Samples:
    run.sort(key=lambda reading: reading.recorded_unix)
    times = np.array([reading.recorded_unix for reading in run], dtype=np.float64)
    # None becomes NaN on the way into a float array.
    values = np.array([reading.values for reading in run], dtype=np.float64)
    return Samples(times, values.reshape(len(run), METRIC_COUNT), _signals(run))


def _signals(run: Sequence[Reading]) -> dict[int, NDArray[np.float64]]:
    """Return the values of each signal in a run, NaN where a reading has none."""
    found: dict[int, NDArray[np.float64]] = {}
    for place, reading in enumerate(run):
        for sample in reading.signals:
            values = found.get(sample.signal)
            if values is None:
                values = found[sample.signal] = np.full(len(run), np.nan)
            if sample.value is not None:
                values[place] = sample.value
    return found
