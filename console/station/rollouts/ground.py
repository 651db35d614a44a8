"""What every update of a station stands on."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from pydantic import BaseModel

from console.station.clocks.clock import Clock
from console.station.rollouts.pace import Pace
from console.station.rollouts.stillness import Stillness
from console.station.rollouts.store import UpdateStore
from drivers.driver import DriverSpec
from drivers.firmware.target import FirmwareTarget, FirmwareWay
from models.records.device import Device, DeviceId
from models.records.rollout import Deployment


@dataclass(frozen=True, slots=True)
class Reach:
    """How a device is reached."""

    device: Device
    spec: DriverSpec
    settings: BaseModel


@dataclass(frozen=True, slots=True)
class Ground:
    """What every update of a station stands on.

    Attributes:
        reach: How a device is reached; raises KeyError for one that cannot be.
        target: Makes the target of a device.
        may_go_on: Whether the device is still this station's, under the lease of the deployment; asked
            before every block, so it must be quick.
        ways: The way of a kind; raises KeyError.
        fetching: Held while an image is fetched: a wave wants the same one at the same moment, and a slow
            store must not take every thread of the station.
    """

    store: UpdateStore
    clock: Clock
    stillness: Stillness
    reach: Callable[[DeviceId], Reach]
    target: Callable[[Reach, FirmwareWay, BaseModel], Awaitable[FirmwareTarget]]
    may_go_on: Callable[[Deployment], bool]
    ways: Callable[[str], FirmwareWay]
    pace: Pace
    fetching: asyncio.Lock = field(default_factory=asyncio.Lock)
