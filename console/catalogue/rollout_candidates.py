"""Devices as a plan of a rollout sees them: configuration, and what updates so far say of each. Pure."""

from collections.abc import Iterable, Mapping

from console.catalogue.rollout_plan import Candidate
from models.records.device import Device, DeviceId
from models.records.rollout import UpdateFacts

PRODUCT, HARDWARE = "product", "hardware"
"""Keys of a device's further data (`Device.extra`) that say what it is."""

_NOTHING = UpdateFacts()


def candidates_from(devices: Iterable[Device], facts: Mapping[DeviceId, UpdateFacts]) -> list[Candidate]:
    """Return what a plan must know of each device.

    Args:
        devices: Every device that the planner sees.
        facts: Of those that an update was ever tried on; `models.queries.rollout_list.update_facts`.
    """
    return [
        Candidate(
            device.id,
            device.device_id,
            device.location,
            device.driver,
            _told(device, PRODUCT),
            _told(device, HARDWARE),
            known.running,
            known.is_busy,
            known.is_changed,
        )
        for device in devices
        for known in (facts.get(device.id, _NOTHING),)
    ]


def _told(device: Device, key: str) -> str:
    value = device.extra.get(key, "")
    return value.strip() if isinstance(value, str) else ""
