"""A value that is live in every link; tests break one after the other."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from console.panels.devices.health.grey_sources import GreySources
from models.quantities import THE_SIX
from models.records.device import Device, DeviceId, DeviceState, DeviceStatus, Tag
from models.records.device_health import DeviceHealth, Exchange, TagRead
from models.records.station import StationReport
from models.records.threshold import Severity, Threshold, ThresholdId

NOW = 1_800_000_000.0
TAG = Tag("temperature", "holding:0:int16", scale=0.1)
DEVICE = Device(
    DeviceId(1), "PRESS-1", "Press 1", "press", "Hall A", "modbus-tcp", {"host": "10.0.0.7"}, 1.0, (TAG,)
)
READ = TagRead("temperature", 215, "good", "", NOW - 0.4)
ASKED = Exchange(
    NOW - 0.5,
    4.5,
    "read holding 0 to 9 of unit 3",
    "",
    bytes.fromhex("00010000000603030000000a"),
    bytes.fromhex("000100000017030314") + bytes(20),
    12,
    29,
)
TIMED_OUT = Exchange(NOW - 0.3, 1000.0, "read holding 0 to 9 of unit 3", "no answer", ASKED.request, b"", 12)
HEALTH = DeviceHealth(
    DEVICE.id,
    station=1,
    as_of_unix=NOW - 1.0,
    since_unix=NOW - 600.0,
    polls_due=600,
    polls_answered=600,
    round_trip_p50_ms=4.5,
    round_trip_p99_ms=31.0,
    is_line_measured=True,
    good_read_unix=NOW - 0.4,
    last=ASKED,
    tags=(READ,),
)
REPORT = StationReport(1, 1, 600, 598, 2, 0, 0, 600, "live", NOW - 0.5)
LIMIT = Threshold(ThresholdId(5), DEVICE.id, "temperature", None, 70.0, Severity.WARNING)
LIVE = GreySources(
    device=DEVICE,
    tag=TAG,
    quantities=THE_SIX,
    state=DeviceState(DEVICE.id, DeviceStatus.ONLINE, "", datetime.fromtimestamp(NOW - 0.4, UTC)),
    health=HEALTH,
    is_told_here=True,
    station_name="Hall A",
    is_station_alive=True,
    thresholds=(LIMIT,),
    alerts=(),
    report=REPORT,
    database_trouble="",
    stored_at=datetime.fromtimestamp(NOW - 1.5, UTC),
    is_stored_known=True,
    now_unix=NOW,
)
NO_ANSWER = "No answer from 10.0.0.7:502 unit 3 within 1.0 s; check cable, power and unit id."


def told(**changes: Any) -> DeviceHealth:
    """Figures of a connection that does well, but for this."""
    return msgspec.structs.replace(HEALTH, **changes)


def sources(**changes: Any) -> GreySources:
    """What is known of a value that is live, but for this."""
    return replace(LIVE, **changes)


def reading(**changes: Any) -> GreySources:
    """As `sources`, with another decoded value."""
    return sources(health=told(tags=(msgspec.structs.replace(READ, **changes),)))
