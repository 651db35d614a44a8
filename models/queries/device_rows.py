"""Devices and thresholds between records and rows; of `metadata` knows `models/device_metadata.py`."""

import math
from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import RowMapping

from models.device_metadata import device_from_metadata, metadata_from_device
from models.records.device import Device, DeviceId, DeviceStatus
from models.records.threshold import Guidance, RuleKind, Severity, Threshold, ThresholdId

_LARGEST_LIMIT = 1e30


def device_from_row(row: RowMapping | Mapping[str, Any]) -> Device:
    """Make the record."""
    return device_from_metadata(
        row["metadata"],
        id=DeviceId(row["id"]),
        device_id=row["device_id"],
        name=row["name"],
        type=row["type"],
        location=row["location"],
        user_id=row["user_id"],
        status=DeviceStatus(row["status"]),
        status_detail=row["status_detail"],
        last_seen_at=row["last_seen"],
    )


def row_from_device(device: Device) -> dict[str, Any]:
    """Make the columns that an import decides on."""
    return {
        "device_id": device.device_id,
        "name": device.name,
        "type": device.type,
        "location": device.location,
        "metadata": metadata_from_device(device),
    }


def threshold_from_row(row: RowMapping | Mapping[str, Any]) -> Threshold:
    """Make the record."""
    return Threshold(
        id=ThresholdId(row["id"]),
        device=DeviceId(row["device_id"]),
        metric=row["metric_type"],
        min_value=_limit(row["min_value"]),
        max_value=_limit(row["max_value"]),
        severity=Severity(row["severity"]),
        enabled=row["enabled"],
        deadband=_finite(row["deadband"]),
        on_delay_s=_finite(row["on_delay_s"]),
        off_delay_s=_finite(row["off_delay_s"]),
        user_id=row["user_id"],
        rule=RuleKind(row["rule"]),
        amount=_limit(row["amount"]),
        is_latching=row["latching"],
        requires_comment=row["requires_comment"],
        realarm_s=row["realarm_s"],
        guidance=Guidance(row["cause"], row["consequence"], row["operator_action"], row["respond_within_s"]),
        disabled_reason=row["disabled_reason"],
        disabled_by=row["disabled_by"],
        disabled_at=row["disabled_at"],
    )


def row_from_threshold(threshold: Threshold) -> dict[str, Any]:
    """Make the columns that an import decides on."""
    return {
        "metric_type": threshold.metric,
        "min_value": threshold.min_value,
        "max_value": threshold.max_value,
        "severity": threshold.severity.value,
        "enabled": threshold.enabled,
        "deadband": threshold.deadband,
        "on_delay_s": threshold.on_delay_s,
        "off_delay_s": threshold.off_delay_s,
        "rule": threshold.rule.value,
        "amount": threshold.amount,
        "latching": threshold.is_latching,
        "requires_comment": threshold.requires_comment,
        "realarm_s": threshold.realarm_s,
        "cause": threshold.guidance.cause,
        "consequence": threshold.guidance.consequence,
        "operator_action": threshold.guidance.action,
        "respond_within_s": threshold.guidance.respond_within_s,
        # Who and when are the database's own to say.
        "disabled_reason": "" if threshold.enabled else threshold.disabled_reason,
    }


def _limit(value: float | None) -> float | None:
    """Return a limit that a value can reach; arithmetic with one beyond, or infinite, overflows."""
    return value if value is not None and abs(value) <= _LARGEST_LIMIT else None


def _finite(seconds_or_width: float) -> float:
    """Return the number; of one that is none, or without end, nothing: an alert comes rather than never."""
    return seconds_or_width if math.isfinite(seconds_or_width) else 0.0
