"""A plant to look at: areas, devices, minutes of samples, alerts in every state, devices in trouble."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from console.bridge.live_store import ReadingArrays
from console.bridge.series_buffer import Samples
from models.metrics import METRIC_COUNT, METRICS
from models.records.alert import Alert, AlertId, AlertStatus
from models.records.device import Device, DeviceId, DeviceState, DeviceStatus, Tag
from models.records.threshold import Severity, Threshold, ThresholdId
from tests.unit.console.fake_bridge import FakeBridge

NOW = 1_800_000_000.0
OFFLINE, STALE, ERROR = DeviceId(5), DeviceId(9), DeviceId(14)

_KINDS = (
    ("Press", "press", ("temperature", "pressure", "power_consumption", "rpm")),
    ("Drive", "drive", ("temperature", "vibration", "power_consumption", "rpm")),
    ("Dryer", "dryer", ("temperature", "humidity", "power_consumption")),
    ("Compressor", "compressor", ("temperature", "pressure", "vibration", "power_consumption", "rpm")),
)
_AREAS = ("Hall A", "Hall B", "Paint shop", "Utilities")
_LEVELS = {
    "temperature": (58.0, 70.0),
    "humidity": (41.0, 65.0),
    "pressure": (620.0, 800.0),
    "vibration": (2.3, 4.5),
    "power_consumption": (4200.0, 6500.0),
    "rpm": (1480.0, 1600.0),
}


def make_device(number: int, period_s: float = 1.0) -> Device:
    """Device `number`, 1-based."""
    word, kind, metrics = _KINDS[number % len(_KINDS)]
    is_modbus = number % 2 == 0
    return Device(
        id=DeviceId(number),
        device_id=f"{kind.upper()}-{number:02d}",
        name=f"{word} {number}" if number != 7 else "Compressor 7 of the north-west ventilation plant",
        type=kind,
        location=_AREAS[number % len(_AREAS)],
        driver="modbus-tcp" if is_modbus else "opcua",
        connection={"host": "127.0.0.1", "port": 1502, "unit": number, "timeout_s": 1.0}
        if is_modbus
        else {"endpoint": "opc.tcp://127.0.0.1:4841/plant", "security": "None"},
        period_s=period_s,
        tags=tuple(
            Tag(
                metric,
                f"holding:{3200 + 2 * index}:uint16"
                if is_modbus
                else f"nsu=urn:plant;s={word}{number}.{metric}",
                0.1 if is_modbus else 1.0,
            )
            for index, metric in enumerate(metrics)
        ),
    )


def make_thresholds(device: Device) -> list[Threshold]:
    """A warning on each metric, and a critical one on temperature."""
    found = [
        Threshold(
            ThresholdId(device.id * 100 + index),
            device.id,
            tag.metric,
            _LEVELS[tag.metric][0] * 0.5 if tag.metric in ("pressure", "rpm") else None,
            _LEVELS[tag.metric][1],
            Severity.WARNING,
            deadband=1.0,
            on_delay_s=2.0,
        )
        for index, tag in enumerate(device.tags)
    ]
    return [
        *found,
        Threshold(ThresholdId(device.id * 100 + 50), device.id, "temperature", None, 85.0, Severity.CRITICAL),
    ]


def make_alert(number: int, device: Device, severity: Severity, ago_s: float, **facts: object) -> Alert:
    """An alert about the device's temperature; `facts` replace fields."""
    at = datetime.fromtimestamp(NOW - ago_s, UTC)
    limit = 85.0 if severity is Severity.CRITICAL else 70.0
    alert = Alert(
        id=AlertId(number),
        device=device.id,
        device_name=device.name,
        location=device.location,
        threshold=ThresholdId(device.id * 100),
        user_id=None,
        user_email=None,
        metric="temperature",
        severity=severity,
        message=f"Temperature {limit + 1.8:.1f} °C is above its limit of {limit:g} °C.",
        status=AlertStatus.ACTIVE,
        triggered_at=at,
        acknowledged_at=None,
        acknowledged_by=None,
        cleared_at=None,
        resolved_at=None,
        value_at_trigger=limit + 1.8,
        limit_at_trigger=limit,
    )
    return replace(alert, **facts)


def make_alerts(devices: list[Device]) -> list[Alert]:
    """Open ones in every state, worst first."""
    at = datetime.fromtimestamp(NOW - 400, UTC)
    return [
        make_alert(1, devices[2], Severity.CRITICAL, 75),
        make_alert(2, devices[10], Severity.WARNING, 260),
        make_alert(3, devices[2], Severity.WARNING, 300),
        make_alert(
            4,
            devices[6],
            Severity.CRITICAL,
            4000,
            status=AlertStatus.ACKNOWLEDGED,
            acknowledged_at=at,
            acknowledged_by="m.berg",
        ),
        make_alert(5, devices[15], Severity.WARNING, 900, cleared_at=at + timedelta(seconds=200)),
        make_alert(6, devices[19], Severity.INFO, 50),
        make_alert(
            7,
            devices[19],
            Severity.INFO,
            90_000,
            metric=None,
            message="The device's clock is 4 min behind.",
            value_at_trigger=None,
            limit_at_trigger=None,
        ),
    ]


def fill(bridge: FakeBridge, count: int, *, seconds: int = 600, has_alerts: bool = True) -> list[Device]:
    """Put `count` devices with history into a bridge whose clock stands at NOW."""
    devices = [make_device(number) for number in range(1, count + 1)]
    bridge.now_unix = NOW
    bridge.set_catalogue(devices, [limit for device in devices for limit in make_thresholds(device)])
    generator = np.random.default_rng(4)
    for device in devices:
        until = {OFFLINE: NOW - 190.0, STALE: NOW - 25.0}.get(device.id, NOW)
        times = until - np.arange(seconds)[::-1] - (device.id % 10) / 20
        samples = Samples(times, samples_of(device, times, generator))
        bridge.live.add_history(device.id, samples)
        bridge.live.add(
            ReadingArrays(
                np.array([device.id], dtype=np.int64),
                times[-1:] + 0.04,
                samples.values[-1:],
                np.array([0], dtype=np.int16),
            )
        )
    seen = datetime.fromtimestamp(NOW, UTC)
    bridge.set_states(
        *(DeviceState(device.id, DeviceStatus.ONLINE, "", seen) for device in devices),
    )
    trouble = (
        (
            OFFLINE,
            DeviceStatus.OFFLINE,
            "No answer from 127.0.0.1:1502 unit 5 within 1.0 s; check cable and power.",
        ),
        (ERROR, DeviceStatus.ERROR, "Unit 14 refuses address 3204 (illegal data address); correct the tag."),
    )
    bridge.set_states(
        *(
            DeviceState(id, status, text, seen - timedelta(seconds=190))
            for id, status, text in trouble
            if id <= count
        )
    )
    bridge.set_alerts(make_alerts(devices) if has_alerts else [])
    return devices


def samples_of(device: Device, times: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Plausible values, shape (n, METRIC_COUNT), NaN where the device has no tag."""
    values = np.full((times.size, METRIC_COUNT), np.nan)
    for index, metric in enumerate(METRICS):
        if metric.key in {tag.metric for tag in device.tags}:
            level, limit = _LEVELS[metric.key]
            swing = np.sin(times / (40 + device.id * 3) + index) * (limit - level) * 0.5
            noise = generator.normal(0, (limit - level) * 0.06, times.size)
            values[:, index] = level + swing + noise
    if device.id == 3:
        values[:, 0] += np.clip(np.arange(80 - times.size, 80), 0, 60) * 0.5
    return values
