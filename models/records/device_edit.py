"""A device as it is edited: what somebody decides of it, what hangs on it, what became of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from models.records.device import Device, DeviceId, DeviceStatus, JsonValue
from models.secret_names import Path, replaced

_SECRET: JsonValue = "secret"


@dataclass(frozen=True, slots=True)
class DeviceUses:
    """What else speaks of a device.

    Attributes:
        limits: How many thresholds it has.
        open_alerts: How many of its alerts are not resolved.
        children: Names of the devices that are reached through it, by name.
        first_reading: The day of its oldest reading that is kept, "2026-03-01"; empty where there is none.
    """

    limits: int
    open_alerts: int
    children: tuple[str, ...] = ()
    first_reading: str = ""


@dataclass(frozen=True, slots=True)
class SavedDevice:
    """A device as it is stored now.

    Attributes:
        was_removed: It had been removed, and is back with its history.
        note: What else happened, as that the first key was made; empty otherwise.
    """

    id: DeviceId
    was_removed: bool = False
    note: str = ""


def configuration(device: Device) -> Device:
    """Return what a person decides of a device: without states, and every secret the same word.

    Sealed values are others after a change of the key, which is nobody's change of the device.
    """

    def named(_path: Path, _value: JsonValue) -> JsonValue:
        return _SECRET

    return replace(
        device,
        status=DeviceStatus.OFFLINE,
        status_detail="",
        last_seen_at=None,
        connection=cast("Mapping[str, JsonValue]", replaced(dict(device.connection), named)),
        extra=cast("Mapping[str, JsonValue]", replaced(dict(device.extra), named)),
    )


def merged(base: Device, mine: Device, theirs: Device) -> Device:
    """Return what both changed: mine where I changed something, theirs everywhere else.

    Args:
        base: What both began with.
        mine: As typed here.
        theirs: As somebody else stored it meanwhile.
    """

    def of(name: str) -> object:
        own = getattr(mine, name)
        return own if own != getattr(base, name) else getattr(theirs, name)

    plain = ("device_id", "name", "type", "location", "driver", "period_s", "tags", "user_id")
    # Settings of one protocol mean nothing to another.
    is_same_protocol = mine.driver == base.driver == theirs.driver
    connection = (
        _merged(base.connection, mine.connection, theirs.connection)
        if is_same_protocol
        else dict(mine.connection if mine.driver != base.driver else theirs.connection)
    )
    extra = _merged(base.extra, mine.extra, theirs.extra)
    changes: dict[str, object] = {name: of(name) for name in plain}
    return replace(theirs, **changes, connection=connection, extra=extra)  # type: ignore[arg-type]


def _merged(
    base: Mapping[str, JsonValue], mine: Mapping[str, JsonValue], theirs: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {}
    for name in dict.fromkeys((*theirs, *mine)):
        source = mine if mine.get(name) != base.get(name) else theirs
        if name in source:
            found[name] = source[name]
    return found


def differs(stored: Device, typed: Device) -> bool:
    """Tell whether something typed is another; sealed secrets that were left alone are the very same."""
    return configuration(stored) != configuration(typed) or dict(stored.connection) != dict(typed.connection)
