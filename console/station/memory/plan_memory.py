"""What the station did when it last ran, kept on its disk: so that it can begin while the database is away.

Three files of one folder, because they change at different times: the plan, the tenure (who this station is,
which devices it holds), and the open alerts. Secrets of devices are kept sealed, as they come.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import msgspec
from msgspec import structs

from console.station.memory.memory_file import MemoryFile
from console.station.store import Plan
from models.quantities import Quantities
from models.records.alert import OpenEpisode
from models.records.device import Device, DeviceId, JsonValue, Tag
from models.records.key import KeyId
from models.records.lease import Tenure
from models.records.signal import Signal
from models.records.station_alert import StationAlert, StationAlerts
from models.records.threshold import Threshold
from models.secrets import NO_KEYS, SecretBox

FOLDER = "memory"
"""Within the data folder; the tickets' digests lie there, too."""

_VERSION = 1


class KeptTenure(msgspec.Struct, frozen=True):
    """What the last renewal of leases brought.

    Attributes:
        own: This station's number (`stations.id`).
        tenure: As loaded, its episodes are those of the alerts that were open.
        wall_ahead_s: By how much the computer's clock was ahead of the database's (`SiteClock`).
        gained_unix: When devices were last taken over, Unix seconds by the site's clock; 0 = never.
    """

    own: int
    tenure: Tenure
    wall_ahead_s: float
    gained_unix: float = 0.0


@dataclass(frozen=True, slots=True)
class RememberedPlan:
    """Everything that was kept.

    Attributes:
        plan: Its episodes are those of `alerts`.
        alerts: Open ones, as the station knew them.
        kept_unix: When the plan was kept, by the site's clock, Unix seconds.
    """

    plan: Plan
    alerts: StationAlerts
    kept_unix: float


class _KeptDevice(msgspec.Struct, frozen=True):
    """A device as configured; what is known of its state is found anew. Settings as JSON."""

    id: int
    device_id: str
    name: str
    type: str
    location: str
    driver: str
    connection: bytes
    period_s: float
    tags: tuple[Tag, ...]
    user_id: int | None
    extra: bytes


class _KeptPlan(msgspec.Struct, frozen=True):
    """A plan; `keys` are the ids of those that opened its devices' secrets, never the keys."""

    devices: tuple[_KeptDevice, ...]
    thresholds: tuple[Threshold, ...]
    keys: tuple[str, ...]
    kept_unix: float
    signals: tuple[Signal, ...] = ()


class PlanMemory:
    """The three files. Blocks; one thread at a time."""

    def __init__(self, data_dir: Path, site: str) -> None:
        """Keep where; touches nothing.

        Args:
            data_dir: The data folder.
            site: Which database; what was kept of another is not remembered.
        """
        folder = data_dir / FOLDER
        self._plan = MemoryFile(folder / "plan", _KeptPlan, _VERSION, site)
        self._tenure = MemoryFile(folder / "tenure", KeptTenure, _VERSION, site)
        self._alerts = MemoryFile(folder / "alerts", StationAlerts, _VERSION, site)

    def load(
        self, open_box: Callable[[Collection[KeyId]], SecretBox] = lambda _: NO_KEYS
    ) -> RememberedPlan | None:
        """Return what was kept; None where there is no plan.

        Args:
            open_box: Gives the box of keys by their ids, as far as this computer holds them.
        """
        kept = self._plan.load()
        if kept is None:
            return None
        keys = [KeyId(key) for key in kept.keys]
        alerts = self._alerts.load() or StationAlerts()
        plan = Plan(
            devices=tuple(_device(device) for device in kept.devices),
            thresholds=kept.thresholds,
            episodes=tuple(_episode(alert) for alert in alerts.alerts),
            secrets=open_box(keys) if keys else NO_KEYS,
            quantities=Quantities(kept.signals),
            is_remembered=True,
        )
        return RememberedPlan(plan, alerts, kept.kept_unix)

    def load_tenure(self) -> KeptTenure | None:
        """Return what was kept of leases, and the episodes that were open: needed before anything else."""
        kept, alerts = self._tenure.load(), self._alerts.load() or StationAlerts()
        if kept is None:
            return None
        episodes = tuple(_episode(alert) for alert in alerts.alerts)
        return structs.replace(kept, tenure=replace(kept.tenure, episodes=episodes))

    def keep_plan(self, plan: Plan, now_unix: float) -> None:
        """Replace the plan. Raises OSError, as the others do."""
        devices = tuple(_kept(device) for device in plan.devices)
        keys, signals = tuple(plan.secrets.held), plan.quantities.signals
        self._plan.keep(_KeptPlan(devices, plan.thresholds, keys, now_unix, signals))

    def keep_tenure(self, tenure: KeptTenure) -> None:
        """Replace what is known of leases."""
        self._tenure.keep(tenure)

    def keep_alerts(self, alerts: StationAlerts) -> None:
        """Replace the open alerts."""
        self._alerts.keep(alerts)


def _episode(alert: StationAlert) -> OpenEpisode:
    return OpenEpisode(
        alert.threshold, alert.device, alert.triggered_unix, is_cleared=alert.cleared_unix is not None
    )


def _kept(device: Device) -> _KeptDevice:
    return _KeptDevice(
        id=device.id,
        device_id=device.device_id,
        name=device.name,
        type=device.type,
        location=device.location,
        driver=device.driver,
        connection=msgspec.json.encode(device.connection),
        period_s=device.period_s,
        tags=device.tags,
        user_id=device.user_id,
        extra=msgspec.json.encode(device.extra),
    )


def _device(kept: _KeptDevice) -> Device:
    return Device(
        id=DeviceId(kept.id),
        device_id=kept.device_id,
        name=kept.name,
        type=kept.type,
        location=kept.location,
        driver=kept.driver,
        connection=_settings(kept.connection),
        period_s=kept.period_s,
        tags=kept.tags,
        user_id=kept.user_id,
        extra=_settings(kept.extra),
    )


def _settings(data: bytes) -> dict[str, JsonValue]:
    return cast(dict[str, JsonValue], msgspec.json.decode(data))
