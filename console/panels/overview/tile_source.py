"""The contract between the board and whoever knows the devices."""

from typing import Protocol

from console.panels.overview.tile_face import TileFace
from console.panels.overview.tile_painter import LimitsByMetric, Series
from models.records.device import DeviceId


class TileSource(Protocol):
    """Where the board gets what tiles show. Asked for visible tiles only."""

    def face(self, id: DeviceId) -> TileFace:
        """Return what a device's tile shows right now."""
        ...

    def series(self, face: TileFace) -> Series:
        """Return the last ten minutes of every metric of a face."""
        ...

    def limits(self, id: DeviceId) -> LimitsByMetric:
        """Return the limits of a device's metrics."""
        ...

    def tooltip(self, id: DeviceId) -> str:
        """Return what to say when somebody points at a tile."""
        ...

    def now(self) -> float:
        """Return Unix seconds."""
        ...
