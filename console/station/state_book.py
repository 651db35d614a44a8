"""What is known of every device right now: status, why, and when it was last heard of.

Used from the event loop only. A change goes out at once; `last_seen` alone goes out in batches.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from models.records.device import Device, DeviceId, DeviceState, DeviceStatus


class _Entry:
    """State of one device, mutable because it changes with every poll."""

    __slots__ = ("detail", "is_seen_since_written", "last_seen_unix", "status")

    def __init__(self, status: DeviceStatus, detail: str, last_seen_unix: float | None) -> None:
        self.status = status
        self.detail = detail
        self.last_seen_unix = last_seen_unix
        self.is_seen_since_written = False


class StateBook:
    """The states of all configured devices, and which of them are news."""

    def __init__(self) -> None:
        """Begin without devices."""
        self._entries: dict[DeviceId, _Entry] = {}
        self._changed: dict[DeviceId, None] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def set_devices(self, devices: Iterable[Device]) -> None:
        """Take the configured devices; those that stay keep their state, new ones begin as last written."""
        entries: dict[DeviceId, _Entry] = {}
        for device in devices:
            seen = None if device.last_seen_at is None else device.last_seen_at.timestamp()
            entries[device.id] = self._entries.get(device.id) or _Entry(
                device.status, device.status_detail, seen
            )
        self._entries = entries
        self._changed = {device: None for device in self._changed if device in entries}

    def seen(self, device: DeviceId, at_unix: float) -> None:
        """Note a sign of life."""
        entry = self._entries.get(device)
        if entry is not None:
            entry.last_seen_unix = at_unix
            entry.is_seen_since_written = True

    def found(self, device: DeviceId, status: DeviceStatus, detail: str) -> bool:
        """Note status and detail of a device; returns whether that is a change."""
        entry = self._entries.get(device)
        if entry is None or (entry.status is status and entry.detail == detail):
            return False
        entry.status = status
        entry.detail = detail
        self._changed[device] = None
        return True

    def take_changed(self) -> list[DeviceState]:
        """Return states whose status or detail changed since the last call."""
        changed = [self._state(device) for device in self._changed]
        self._changed.clear()
        return changed

    def take_seen(self) -> list[DeviceState]:
        """Return states of devices heard of since the last call: for the slow writing of `last_seen`."""
        taken: list[DeviceState] = []
        for device, entry in self._entries.items():
            if entry.is_seen_since_written:
                entry.is_seen_since_written = False
                taken.append(self._state(device))
        return taken

    def all(self) -> list[DeviceState]:
        """Return every device's state."""
        return [self._state(device) for device in self._entries]

    def count_seen_since(self, oldest_unix: dict[DeviceId, float]) -> int:
        """Count the devices heard of since the moment given for each, in Unix seconds."""
        never = float("inf")
        return sum(
            1
            for device, entry in self._entries.items()
            if entry.last_seen_unix is not None and entry.last_seen_unix >= oldest_unix.get(device, never)
        )

    def _state(self, device: DeviceId) -> DeviceState:
        entry = self._entries[device]
        seen = entry.last_seen_unix
        seen_at = None if seen is None else datetime.fromtimestamp(seen, UTC)
        return DeviceState(device, entry.status, entry.detail, seen_at)
