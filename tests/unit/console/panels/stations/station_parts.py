"""Stations to look at: what each tells, who polls what, what was asked of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec

from console.panels.stations.station_questions import LeasesNow
from models.records.device import DeviceId
from models.records.lease import LeaseSpan
from models.records.station import (
    Condition,
    ConditionKind,
    OrderKind,
    StationNow,
    StationOrder,
    StationReport,
)
from models.records.threshold import Severity
from tests.unit.console.fake_bridge import FakeBridge
from tests.unit.console.panels.plant_scene import NOW

NOW_AT = datetime.fromtimestamp(NOW, UTC)
MIB = 1024**2

FILLING = Condition(
    ConditionKind.SPOOL_FILLING,
    Severity.WARNING,
    NOW - 400,
    "The disk's share for readings is 82 % full; bring the database back, or raise the share.",
)


def report(devices: int = 12, **changes: object) -> StationReport:
    """What a station tells that is well."""
    plain = StationReport(
        collecting=devices,
        configured=devices,
        readings_taken=90_000,
        readings_stored=90_000,
        waiting=0,
        dropped=0,
        missed_periods=0,
        due_periods=90_000,
        database="live",
        sent_unix=NOW - 1,
        spool_bytes=MIB,
        spool_limit_bytes=2048 * MIB,
        room_s=3 * 86_400.0 + 3600,
        clock_offset_s=0.012,
    )
    return msgspec.structs.replace(plain, **changes)


def station(number: int, name: str, devices: int = 12, **changes: object) -> StationNow:
    """A station that works."""
    made = StationNow(
        id=number,
        name=name,
        is_enabled=True,
        is_alive=True,
        version="0.3.0",
        incarnation=4,
        seen_at=NOW_AT - timedelta(seconds=1),
        devices=devices,
        is_draining=False,
        report=report(devices),
    )
    return replace(made, **changes)


HALL_A, HALL_B = station(1, "Hall A"), station(2, "Hall B")
LOST = station(3, "Paint shop", 0, is_alive=False, seen_at=NOW_AT - timedelta(seconds=190), report=None)


def span(device: int, of: StationNow, ago_s: float = 7200.0, **changes: object) -> LeaseSpan:
    """A lease that stands."""
    made = LeaseSpan(
        DeviceId(device), f"Device {device}", 3, of.id, of.name, NOW_AT - timedelta(seconds=ago_s), None
    )
    return replace(made, **changes)


def drill(number: int, of: StationNow, ago_s: float, **changes: object) -> StationOrder:
    """One that was asked for `ago_s` ago and is done."""
    asked = NOW_AT - timedelta(seconds=ago_s)
    made = StationOrder(
        id=number,
        station=of.id,
        kind=OrderKind.DRILL,
        amount_s=60.0,
        asked_by="Eva Lind",
        asked_at=asked,
        begun_at=asked + timedelta(seconds=1),
        ended_at=asked + timedelta(seconds=66),
        outcome="Kept 720 readings on its disk for 60 s and delivered all of them within 4 s; none was lost.",
    )
    return replace(made, **changes)


def leases(bridge: FakeBridge, *stations: StationNow, orders: tuple[StationOrder, ...] = ()) -> LeasesNow:
    """Share the plant's devices out among these stations, in turn."""
    spans = {
        device.id: span(device.id, stations[place % len(stations)], 60.0 * device.id)
        for place, device in enumerate(bridge.catalogue.devices)
    }
    return LeasesNow(spans, {}, orders)


def go_live(bridge: FakeBridge, *stations: StationNow) -> None:
    """Let everything be reached, with the first station on this computer."""
    bridge.set_link(
        is_station_connected=True,
        station=stations[0].report,
        station_name=stations[0].name,
        station_version="0.3.0",
        is_database_live=True,
        is_window_live=True,
        database_text="live",
        is_opening=False,
        feed_age_s=0.4,
    )
    bridge.set_stations(*stations)
