"""Devices with their station as rows: columns, words, sort keys and filter. Pure."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from console.panels.stations.station_questions import LeasesNow
from console.panels.wording import moment_text, natural
from console.widgets.number_text import NO_VALUE
from console.widgets.stale_hatching import age_text
from models.records.device import Device, DeviceId


class Column(IntEnum):
    """Columns, left to right."""

    DEVICE = 0
    AREA = 1
    STATION = 2
    SINCE = 3
    CHOICE = 4


HEADINGS = ("Device", "Area", "Polled by", "Polls since", "Chosen")
TIPS = {
    Column.SINCE: "Since when this station has polled the device without a break (its lease).",
    Column.CHOICE: "By whom the station was chosen: by the automatic balance, or by an administrator.",
}
NOBODY = "no station"


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One device.

    Attributes:
        station: `stations.id` of who polls it; 0 = this computer's station, which has none; None: nobody.
        since_at: Since when; None where nobody noted it.
        chosen: `stations.id` that an administrator chose; None = the automatic balance.
        chosen_name: Its name; empty where nothing was chosen.
        is_polled: Its station works, for all that is known.
    """

    device: Device
    station: int | None
    station_name: str
    since_at: datetime | None
    chosen: int | None = None
    chosen_name: str = ""
    is_polled: bool = True

    @property
    def id(self) -> DeviceId:
        """The device's."""
        return self.device.id


def device_rows(
    devices: Iterable[Device],
    now: LeasesNow,
    names: Mapping[int, str],
    own: str,
    polled_here: Collection[int],
    idle: Collection[int] = (),
) -> list[DeviceRow]:
    """Return a row a device, as people count.

    Args:
        devices: Of the catalogue.
        now: Who polls what.
        names: Of stations, by id.
        own: The name of a station of this computer that has no row of its own; empty where there is none.
        polled_here: Devices of which the station of this computer tells.
        idle: Stations, by id, that poll nothing, whatever they hold.
    """
    rows = [_row(device, now, names, own if device.id in polled_here else "", idle) for device in devices]
    return sorted(rows, key=lambda row: natural(row.device.name))


def matching(rows: Sequence[DeviceRow], typed: str) -> list[DeviceRow]:
    """Return the rows in which every typed word stands: in name, number, area or station."""
    words = typed.casefold().split()
    return [row for row in rows if all(word in _text_of(row) for word in words)]


def cell_text(row: DeviceRow, column: Column, now: datetime) -> str:
    """Return what a cell shows."""
    match column:
        case Column.DEVICE:
            return row.device.name
        case Column.AREA:
            return row.device.location or NO_VALUE
        case Column.STATION:
            name = row.station_name or NOBODY
            return name if row.is_polled or row.station is None else f"not now ({name})"
        case Column.SINCE:
            if row.since_at is None or not row.is_polled:
                return NO_VALUE
            age_s = (now - row.since_at).total_seconds()
            return f"{moment_text(row.since_at, now)}  ·  {age_text(age_s)}"
        case Column.CHOICE:
            return f"for {row.chosen_name}" if row.chosen is not None else "automatic"


def sort_key(column: Column) -> Callable[[DeviceRow], Any]:
    """Return what a column sorts by."""
    match column:
        case Column.DEVICE:
            return lambda row: natural(row.device.name)
        case Column.AREA:
            return lambda row: natural(row.device.location)
        case Column.STATION:
            # Who is polled by nobody needs somebody, and comes first.
            return lambda row: (row.is_polled, row.station is not None, natural(row.station_name))
        case Column.SINCE:
            return lambda row: (row.since_at is None, row.since_at.timestamp() if row.since_at else 0.0)
        case Column.CHOICE:
            return lambda row: (row.chosen is None, natural(row.chosen_name))


def _row(
    device: Device, now: LeasesNow, names: Mapping[int, str], own: str, idle: Collection[int]
) -> DeviceRow:
    span = now.leases.get(device.id)
    chosen = now.chosen.get(device.id)
    chosen_name = "" if chosen is None else names.get(chosen, f"station {chosen}")
    if span is not None:
        is_polled = span.station not in idle
        return DeviceRow(
            device, span.station, span.station_name, span.began_at, chosen, chosen_name, is_polled
        )
    return DeviceRow(device, 0 if own else None, own, None, chosen, chosen_name, is_polled=bool(own))


def _text_of(row: DeviceRow) -> str:
    parts = (row.device.name, row.device.device_id, row.device.location, row.station_name or NOBODY)
    return " ".join(parts).casefold()
