"""What `main.py stations` prints: stations, devices, past and drills as tables and as JSON."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from console.commandline.moments import age_from_moment, text_from_moment
from console.commandline.table import table_text
from models.records.device import Device, DeviceId
from models.records.lease import LeaseSpan
from models.records.station import OrderKind, StationNow, StationOrder

_MIB = 1024 * 1024


def state_words(station: StationNow) -> str:
    """Return in a few words what a station does."""
    if not station.is_enabled:
        return "disabled"
    if station.seen_at is None:
        return "never started"
    if not station.is_alive:
        return "drill: cut off" if station.is_in_drill else "lost"
    if station.report is not None and station.report.is_silent:
        return "silent"
    if station.is_draining:
        return "giving devices away" if station.devices else "gave everything away"
    return "collecting" if station.devices else "standby"


def stations_text(stations: Sequence[StationNow], now: datetime) -> str:
    """Return a table, and below it what is wrong with each station."""
    header = ("NAME", "STATE", "DEVICES", "CLOCK", "WAITING", "DISK", "ROOM", "SEEN", "VERSION")
    lines = [table_text(header, [_station_cells(station, now) for station in stations])]
    for station in stations:
        conditions = station.report.conditions if station.report is not None and station.is_alive else ()
        lines += [f"{station.name}: {condition.severity}: {condition.sentence}" for condition in conditions]
    return "\n".join(lines)


def stations_json(stations: Sequence[StationNow]) -> str:
    """Return the same with everything that is known, as JSON."""
    rows = [
        {
            "id": station.id,
            "name": station.name,
            "state": state_words(station),
            "alive": station.is_alive,
            "devices": station.devices,
            "draining": station.is_draining,
            "version": station.version,
            "starts": station.incarnation,
            "seen_at": text_from_moment(station.seen_at) or None,
            "order": station.order or None,
            "report": None if station.report is None else msgspec.to_builtins(station.report),
        }
        for station in stations
    ]
    return json.dumps(rows, indent=2)


def devices_text(
    devices: Sequence[Device],
    leases: Mapping[DeviceId, LeaseSpan],
    chosen: Mapping[DeviceId, str],
    now: datetime,
) -> str:
    """Return which station polls each device, since when, and who chose it."""
    rows = [
        (
            device.device_id,
            device.name,
            span.station_name if (span := leases.get(device.id)) is not None else "no station",
            _clock(span.began_at) if span is not None else "-",
            age_from_moment(span.began_at, now) if span is not None else "-",
            f"for {chosen[device.id]}" if device.id in chosen else "automatic",
        )
        for device in devices
    ]
    return table_text(("DEVICE", "NAME", "STATION", "SINCE (UTC)", "FOR", "CHOSEN"), rows)


def devices_json(
    devices: Sequence[Device], leases: Mapping[DeviceId, LeaseSpan], chosen: Mapping[DeviceId, str]
) -> str:
    """Return the same as JSON."""
    rows = [
        {
            "device": device.device_id,
            "name": device.name,
            "station": span.station_name if (span := leases.get(device.id)) is not None else None,
            "since": text_from_moment(span.began_at) if span is not None else None,
            "chosen": chosen.get(device.id),
        }
        for device in devices
    ]
    return json.dumps(rows, indent=2)


def history_text(spans: Sequence[LeaseSpan]) -> str:
    """Return who polled which device from when to when, newest first."""
    rows = [
        (
            span.device_name,
            span.station_name,
            _clock(span.began_at),
            "now" if span.ended_at is None else _clock(span.ended_at),
        )
        for span in spans
    ]
    return table_text(("DEVICE", "STATION", "FROM (UTC)", "UNTIL (UTC)"), rows)


def history_json(spans: Sequence[LeaseSpan]) -> str:
    """Return the same as JSON."""
    rows = [
        {
            "device": span.device_name,
            "station": span.station_name,
            "from": text_from_moment(span.began_at),
            "until": text_from_moment(span.ended_at) or None,
        }
        for span in spans
    ]
    return json.dumps(rows, indent=2)


def orders_text(orders: Sequence[StationOrder], names: Mapping[int, str]) -> str:
    """Return what was asked of stations, newest first, and what came of it."""
    rows = [
        (
            str(order.id),
            names.get(order.station, str(order.station)),
            order.kind.value.replace("_", " "),
            f"{order.amount_s:g} s" if order.kind is OrderKind.DRILL else "-",
            order.asked_by or "-",
            _clock(order.asked_at),
            order.outcome or ("under way" if order.ended_at is None else "-"),
        )
        for order in orders
    ]
    return table_text(("NO", "STATION", "WHAT", "LENGTH", "ASKED BY", "ASKED (UTC)", "OUTCOME"), rows)


def _station_cells(station: StationNow, now: datetime) -> tuple[str, ...]:
    report = station.report
    seen = age_from_moment(station.seen_at, now)
    if report is None:
        return (
            station.name,
            state_words(station),
            str(station.devices),
            *("-",) * 4,
            seen,
            station.version or "-",
        )
    answering = f"{report.collecting} of {report.configured}" if station.is_alive else str(station.devices)
    return (
        station.name,
        state_words(station),
        answering,
        "-" if report.clock_offset_s is None else f"{report.clock_offset_s * 1000:+.0f} ms",
        f"{report.waiting:,}",
        f"{report.spool_bytes / _MIB:.1f} of {report.spool_limit_bytes / _MIB:.0f} MiB",
        "-" if report.room_s is None else f"{report.room_s / 3600:.1f} h",
        seen,
        station.version or "-",
    )


def _clock(moment: datetime) -> str:
    return text_from_moment(moment)[:19].replace("T", " ")
