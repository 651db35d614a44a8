"""What tiles show, taken from the bridge at the moment a tile is drawn."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from console.bridge.bridge import Bridge
from console.panels.metric_face import faces_of
from console.panels.overview.tile_face import Standing, TileFace, face_of, standings_of, trouble_of
from console.panels.overview.tile_painter import SPARK_S, LimitsByMetric, Series
from console.panels.wording import moment_text, value_text
from console.widgets.analog_bar import Limit, limits_of
from console.widgets.severity_badge import badge_text
from console.widgets.stale_hatching import age_text
from models.records.device import DeviceId


class LiveTiles:
    """Implements TileSource. Keeps the standing of every device, which orders the board."""

    def __init__(self, bridge: Bridge, now: Callable[[], float]) -> None:
        self._bridge = bridge
        self._now = now
        self._limits: dict[DeviceId, dict[str, tuple[Limit, ...]]] = {}
        self.standings: Mapping[DeviceId, Standing] = {}

    def now(self) -> float:
        """Return Unix seconds."""
        return self._now()

    def judge(self) -> frozenset[DeviceId]:
        """Find out anew how every device stands; returns those whose standing changed."""
        before = self.standings
        bridge = self._bridge
        self.standings = standings_of(bridge.catalogue, bridge.live, bridge.alerts, self._now(), before)
        return frozenset(id for id, standing in self.standings.items() if before.get(id) is not standing) | (
            before.keys() - self.standings.keys()
        )

    def forget_limits(self) -> None:
        """The catalogue changed: ask it again."""
        self._limits.clear()

    def face(self, id: DeviceId) -> TileFace:
        """Return what a device's tile shows right now."""
        return face_of(self.standings[id], self._bridge.catalogue, self._bridge.live, self._now())

    def series(self, face: TileFace) -> Series:
        """Return the last ten minutes of every metric of a face."""
        since = self._now() - SPARK_S
        device = face.standing.device.id
        return {m.quantity.key: self._bridge.live.series(device, m.quantity, since) for m in face.metrics}

    def limits(self, id: DeviceId) -> LimitsByMetric:
        """Return the limits of a device's metrics."""
        known = self._limits.get(id)
        if known is None:
            catalogue = self._bridge.catalogue
            known = {
                quantity.key: limits_of(catalogue.thresholds_of(id, quantity.key))
                for quantity in catalogue.quantities_of(id)
            }
            self._limits[id] = known
        return known

    def tooltip(self, id: DeviceId) -> str:
        """Return everything the tile says, unabridged, with the age of its data."""
        standing = self.standings.get(id)
        if standing is None:
            return ""
        device, live, now = standing.device, self._bridge.live, self._now()
        lines = [f"{device.name} ({device.device_id}), {device.type}, {device.location or 'no area'}"]
        lines.append(
            trouble_of(standing, live, now)[1] or f"Online, read {age_text(live.age_s(id, now))} ago."
        )
        quantities, latest = self._bridge.catalogue.quantities_of(id), live.latest(id)
        lines += [
            f"{face.quantity.label} {value_text(face.quantity, face.value)}"
            for face in faces_of(quantities, latest, is_stale=not standing.has_data)
            if face.is_live
        ]
        if latest is not None and not standing.has_data:
            at = moment_text(
                datetime.fromtimestamp(latest.recorded_unix, UTC), datetime.fromtimestamp(now, UTC)
            )
            last = (value_text(quantity, latest.value_of(quantity)) for quantity in quantities)
            lines.append(f"At {at}: {', '.join(last)}")
        if standing.alert is not None:
            lines.append(badge_text(standing.alert).capitalize() + ".")
        return "\n".join(lines)
