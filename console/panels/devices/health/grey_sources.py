"""What is known of one value on its way, gathered from the bridge at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from console.bridge.bridge import Bridge
from console.panels.device_face.device_facts import scaling_text
from models.quantities import Quantities, Quantity
from models.records.alert import Alert
from models.records.device import Device, DeviceState, Tag
from models.records.device_health import DeviceHealth, TagRead
from models.records.station import StationReport
from models.records.threshold import Threshold

_HERE = "the station of this computer"


@dataclass(frozen=True, slots=True)
class GreySources:
    """Of one tag of one device.

    Attributes:
        quantities: Of the site.
        state: As last found.
        health: As told last; None where no station ever told.
        is_told_here: Whether the station of this computer polls the device.
        station_name: Who polls it, to stand in a sentence.
        is_station_alive: Whether any station could poll it.
        thresholds: Enabled ones of the tag's quantity, worst first.
        alerts: Open ones of the device.
        report: What the station that polls it told of itself; None where none did.
        database_trouble: One sentence why the database is not used; empty where it is.
        stored_at: When the newest stored reading was taken; None: none is, as far as known.
        is_stored_known: Whether the database has said.
        now_unix: When all this was gathered, Unix seconds.
    """

    device: Device
    tag: Tag
    quantities: Quantities
    state: DeviceState
    health: DeviceHealth | None
    is_told_here: bool
    station_name: str
    is_station_alive: bool
    thresholds: Sequence[Threshold]
    alerts: Sequence[Alert]
    report: StationReport | None
    database_trouble: str
    stored_at: datetime | None
    is_stored_known: bool
    now_unix: float

    @property
    def quantity(self) -> Quantity | None:
        """What the tag measures; None where the site knows it no more."""
        return self.quantities.find(self.tag.metric)

    @property
    def label(self) -> str:
        """What people call it."""
        return self.tag.metric if self.quantity is None else self.quantity.label

    @property
    def read(self) -> TagRead | None:
        """What the latest poll brought for this tag."""
        place = self.device.tags.index(self.tag)
        reads = () if self.health is None else self.health.tags
        return reads[place] if place < len(reads) and reads[place].metric == self.tag.metric else None

    @property
    def scaling(self) -> str:
        """What is done to the raw value, in words."""
        return scaling_text(self.tag)

    def scaled(self, value: float) -> float:
        """Return a raw value in the quantity's unit."""
        return value * self.tag.scale + self.tag.offset


def sources_of(
    bridge: Bridge,
    device: Device,
    tag: Tag,
    now_unix: float,
    stored_at: datetime | None,
    *,
    is_stored_known: bool,
) -> GreySources:
    """Return what the bridge knows now.

    Args:
        bridge: Of the window.
        device: One of its catalogue.
        tag: One of the device's.
        now_unix: Unix seconds.
        stored_at: As the database answered last.
        is_stored_known: Whether it has.
    """
    link, health = bridge.link, bridge.device_health.of(device.id)
    is_here = device.id in bridge.polled_here
    polling = (
        None
        if health is None
        else next((each for each in bridge.stations if each.id == health.station), None)
    )
    report = link.station if is_here else None if polling is None else polling.report
    name = (link.station_name if is_here else "" if polling is None else polling.name) or _HERE
    trouble = "" if link.is_database_live or link.is_opening else link.database_text
    return GreySources(
        device=device,
        tag=tag,
        quantities=bridge.catalogue.quantities,
        state=bridge.live.state(device.id),
        health=health,
        is_told_here=is_here,
        station_name=name,
        is_station_alive=link.is_station_connected or any(each.is_alive for each in bridge.stations),
        thresholds=bridge.catalogue.thresholds_of(device.id, tag.metric),
        alerts=[alert for alert in bridge.alerts if alert.device == device.id],
        report=report,
        database_trouble=trouble and f"The database is {trouble}." if trouble.startswith("away") else trouble,
        stored_at=stored_at,
        is_stored_known=is_stored_known,
        now_unix=now_unix,
    )
