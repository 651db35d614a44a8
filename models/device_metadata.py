"""What lies in `devices.metadata`: a device's driver, connection, period, tags, what others keep. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from models.records.device import Device, DeviceId, DeviceStatus, JsonValue, Tag

_DRIVER, _CONNECTION, _PERIOD, _TAGS = "driver", "connection", "period_s", "tags"
_OURS = (_DRIVER, _CONNECTION, _PERIOD, _TAGS)
_DEFAULT_PERIOD_S = 1.0
_NOBODY = DeviceId(0)


def device_from_metadata(
    value: object,
    *,
    id: DeviceId = _NOBODY,
    device_id: str = "",
    name: str = "",
    type: str = "",
    location: str = "",
    user_id: int | None = None,
    status: DeviceStatus = DeviceStatus.OFFLINE,
    status_detail: str = "",
    last_seen_at: datetime | None = None,
) -> Device:
    """Make the record. What another program wrote may lack settings: it then has no driver and no tags.

    Args:
        value: The column, decoded.
        id, device_id, name, type, location, user_id, status, status_detail, last_seen_at: The other columns;
            those of nobody where only settings are looked at.
    """
    metadata = cast("Mapping[str, JsonValue]", value if isinstance(value, dict) else {})
    connection, period, tags = metadata.get(_CONNECTION), metadata.get(_PERIOD), metadata.get(_TAGS)
    return Device(
        id=id,
        device_id=device_id,
        name=name,
        type=type,
        location=location,
        driver=str(metadata.get(_DRIVER) or ""),
        connection=connection if isinstance(connection, dict) else {},
        period_s=float(period) if isinstance(period, int | float) and period > 0 else _DEFAULT_PERIOD_S,
        tags=tuple(_tag(tag) for tag in tags if isinstance(tag, dict)) if isinstance(tags, list) else (),
        user_id=user_id,
        status=status,
        status_detail=status_detail,
        last_seen_at=last_seen_at,
        extra={key: value for key, value in metadata.items() if key not in _OURS},
    )


def metadata_from_device(device: Device) -> dict[str, Any]:
    """Return what lies there of a device."""
    tags = [
        {
            "metric": tag.metric,
            "address": tag.address,
            "scale": tag.scale,
            "offset": tag.offset,
            # Left out where it says nothing new: a device stored before is then the same as before.
            **({"writable": True} if tag.is_writable else {}),
        }
        for tag in device.tags
    ]
    return {
        **device.extra,
        _DRIVER: device.driver,
        _CONNECTION: dict(device.connection),
        _PERIOD: device.period_s,
        _TAGS: tags,
    }


def _tag(tag: Mapping[str, JsonValue]) -> Tag:
    scale, offset = tag.get("scale"), tag.get("offset")
    return Tag(
        metric=str(tag.get("metric", "")),
        address=str(tag.get("address", "")),
        scale=float(scale) if isinstance(scale, int | float) else 1.0,
        offset=float(offset) if isinstance(offset, int | float) else 0.0,
        is_writable=tag.get("writable") is True,
    )
