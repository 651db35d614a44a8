"""What one tile shows, gathered from catalogue, live values and alerts. Pure: no Qt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType

from console.bridge.catalogue import Catalogue
from console.bridge.live_store import LiveStore
from console.panels.metric_face import MetricFace, faces_of
from console.widgets.severity_badge import AlertGroup, BadgeState, group_of
from console.widgets.stale_hatching import age_text
from models.records.alert import Alert
from models.records.device import Device, DeviceId, DeviceStatus


class Attention(IntEnum):
    """How much a device asks of the operator; lower asks for more."""

    UNACKNOWLEDGED = 1
    TROUBLE = 2
    ACKNOWLEDGED = 3
    RETURNED = 4
    NONE = 5


_ATTENTION_OF_STATE = {
    BadgeState.UNACKNOWLEDGED: Attention.UNACKNOWLEDGED,
    BadgeState.ACKNOWLEDGED: Attention.ACKNOWLEDGED,
    BadgeState.LATCHED_UNACKNOWLEDGED: Attention.RETURNED,
    BadgeState.RETURNED: Attention.RETURNED,
    BadgeState.LATCHED: Attention.RETURNED,
    BadgeState.SHELVED: Attention.NONE,
    BadgeState.SUPPRESSED: Attention.NONE,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What orders a device among others; changes rarely compared with its values.

    Attributes:
        status: As the station last found it.
        is_stale: Whether its newest reading is too old to count as the present.
        alert: What speaks for its open alerts, None where there is none.
    """

    device: Device
    status: DeviceStatus
    is_stale: bool
    alert: AlertGroup | None

    @property
    def has_data(self) -> bool:
        """Whether its values count as the present. A device in error may still answer for some metrics."""
        return self.status is not DeviceStatus.OFFLINE and not self.is_stale

    @property
    def is_well(self) -> bool:
        """Whether it answers as it should."""
        return self.status is DeviceStatus.ONLINE and not self.is_stale

    @property
    def attention(self) -> Attention:
        """How much the device asks of the operator. Silence is never taken for "all well"."""
        own = Attention.NONE if self.is_well else Attention.TROUBLE
        if self.alert is None:
            return own
        return min(own, _ATTENTION_OF_STATE[self.alert.state])

    @property
    def urgency(self) -> tuple[int, int]:
        """Sorts devices: attention first, severity within it."""
        return (self.attention, self.alert.severity.rank if self.alert else 9)


MOST_ON_TILE = 6
"""Quantities a tile shows; the tool tip and the device's own page show all."""


@dataclass(frozen=True, slots=True)
class TileFace:
    """Everything a tile shows besides its sparklines.

    Attributes:
        trouble: Short words for the tile's foot ("No data for 12 s"), empty while all is well.
        explanation: Whole sentence for the tooltip, empty while all is well.
        more: How many quantities of the device found no room.
    """

    standing: Standing
    metrics: tuple[MetricFace, ...]
    trouble: str
    explanation: str
    more: int = 0


def standings_of(
    catalogue: Catalogue,
    live: LiveStore,
    alerts: Sequence[Alert],
    now_unix: float,
    known: Mapping[DeviceId, Standing] = MappingProxyType({}),
) -> dict[DeviceId, Standing]:
    """Return the standing of every device, in the catalogue's order.

    Args:
        catalogue: The devices.
        live: Their states and the age of their readings.
        alerts: Open ones.
        now_unix: Unix seconds.
        known: What was returned before: standings that did not change come back as the same objects, which
            is how a caller tells quickly what changed.
    """
    by_device: dict[DeviceId, list[Alert]] = {}
    for alert in alerts:
        by_device.setdefault(alert.device, []).append(alert)
    found: dict[DeviceId, Standing] = {}
    for device in catalogue.devices:
        id = device.id
        status, is_stale = live.state(id).status, live.is_stale(id, now_unix)
        group = group_of(by_device[id]) if id in by_device else None
        old = known.get(id)
        if (
            old is not None
            and old.device is device
            and old.status is status
            and old.is_stale == is_stale
            and old.alert == group
        ):
            found[id] = old
        else:
            found[id] = Standing(device, status, is_stale, group)
    return found


def face_of(standing: Standing, catalogue: Catalogue, live: LiveStore, now_unix: float) -> TileFace:
    """Return what a device's tile shows right now."""
    device = standing.device
    trouble, explanation = trouble_of(standing, live, now_unix)
    quantities = catalogue.quantities_of(device.id)
    shown = quantities[:MOST_ON_TILE]
    return TileFace(
        standing,
        faces_of(shown, live.latest(device.id), is_stale=not standing.has_data),
        trouble,
        explanation,
        len(quantities) - len(shown),
    )


def trouble_of(standing: Standing, live: LiveStore, now_unix: float) -> tuple[str, str]:
    """Return what is wrong with a device itself, in a few words and in a sentence; empty where nothing is."""
    if standing.is_well:
        return "", ""
    device = standing.device
    age_s = live.age_s(device.id, now_unix)
    since = "no reading yet" if age_s is None else f"last reading {age_text(age_s)} ago"
    detail = live.state(device.id).detail
    if standing.status is DeviceStatus.OFFLINE:
        return f"Offline · {since}", detail or f"{device.name} does not answer; {since}."
    if standing.status is DeviceStatus.ERROR:
        sentence = detail or f"{device.name} answers with errors; {since}."
        return f"Error · {since if standing.is_stale else sentence}", sentence
    return f"Stale · {since}", f"{device.name} is online, but its values are not current: {since}."
