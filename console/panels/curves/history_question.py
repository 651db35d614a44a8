"""What a curve needs from the database, as one frozen question a device. Runs on a worker thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.bridge.history_place import about_the_past
from console.panels.curves.join import Curve, Floats
from models.records.device import DeviceId

if TYPE_CHECKING:
    from sqlalchemy import Connection

SAMPLES_S = 600.0
"""The last stretch is asked for sample by sample, in seconds: what the live ring holds, and is joined to."""

_BUCKET_END_S = 60.0
"""Buckets of the rollups end on whole minutes."""


@dataclass(frozen=True, slots=True)
class CurveBounds:
    """What stretch a curve is asked for, in Unix seconds.

    Attributes:
        since: Where buckets begin.
        joint: Where they end and single samples begin.
        until: Where samples end; equal to `joint` where none are needed.
        points: Buckets wanted.
    """

    since: float
    joint: float
    until: float
    points: int


def bounds_of(since_unix: float, until_unix: float, now_unix: float, points: int) -> CurveBounds:
    """Return what to ask for a visible range: half of it more on both sides, so that a drag finds data.

    Args:
        since_unix: Left edge of what is visible, Unix seconds.
        until_unix: Right edge.
        now_unix: The clock.
        points: Pixels of the visible range.
    """
    margin = (until_unix - since_unix) / 2
    since, until = since_unix - margin, min(until_unix + margin, now_unix + 1.0)
    recent = (now_unix - SAMPLES_S) // _BUCKET_END_S * _BUCKET_END_S
    joint = min(max(recent, since), until)
    return CurveBounds(since, joint, until, 2 * max(points, 100))


@dataclass(frozen=True, slots=True)
class StoredCurve:
    """What the database knows of one quantity: buckets before the joint, samples after it.

    Attributes:
        times: float64, shape (n,), Unix seconds of the samples, ascending.
        values: float64, shape (n,), NaN = no good value.
    """

    buckets: Curve
    times: Floats
    values: Floats


@about_the_past
@dataclass(frozen=True, slots=True)
class HistoryQuestion:
    """Asks for several quantities of one device. Call it with a connection."""

    device: DeviceId
    keys: tuple[str, ...]
    bounds: CurveBounds

    def __call__(self, connection: Connection) -> Mapping[str, StoredCurve]:
        """Return what is stored, by the quantity's key. Raises StorageError."""
        # Here, not at the top: a window opens faster without SQLAlchemy, and this runs on a worker thread.
        from models.queries.history import history
        from models.queries.readings import raw_series

        bounds = self.bounds
        bands = history(connection, self.device, self.keys, bounds.since, bounds.joint, bounds.points)
        found: dict[str, StoredCurve] = {}
        for key, band in zip(self.keys, bands, strict=True):
            series = raw_series(connection, self.device, key, bounds.joint, bounds.until)
            found[key] = StoredCurve(
                Curve(band.times, band.low, band.high, band.mean), series.times, series.values
            )
        return found
