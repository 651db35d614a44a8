"""One device of the plant and a store that only remembers, for tests of one update."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from pydantic import BaseModel

from console.station.clocks.clock import SystemClock
from console.station.rollouts.ground import Ground, Reach
from console.station.rollouts.pace import Pace
from console.station.rollouts.stillness import Stillness
from console.station.rollouts.store import End, Terms, Told
from console.station.rollouts.update import Update
from drivers.driver import DriverHub
from drivers.firmware.registry import way_of
from drivers.firmware.target import FirmwareTarget, FirmwareWay, Standing
from drivers.plant.firmware.image import make_image
from drivers.plant.firmware.products import FILE_PROFILE
from drivers.registry import spec_of
from models.firmware.manifest import manifest_bytes
from models.firmware.signing import sign_manifest, texts_from_signatures
from models.records.device import Device, DeviceId
from models.records.firmware import Manifest, StoredPermit
from models.records.rollout import (
    Deployment,
    DeploymentId,
    DeploymentOrder,
    DeploymentStatus,
    PlanSettings,
    RolloutId,
    RolloutState,
    SiteTerms,
    Step,
    StepTimes,
    WaveId,
)
from tests.contract.firmware.updatable import Updatable
from tests.firmware_parts import RELEASE_KEY, trusted

DEVICE = DeviceId(7)
NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)
IMAGE = make_image("drive-a", "2.0.0", 3001)
MANIFEST = Manifest(
    product="drive-a",
    hardware=("A1",),
    version="2.0.0",
    sequence=2,
    minimum_from="",
    size=len(IMAGE),
    sha256=hashlib.sha256(IMAGE).digest(),
    expires_at=datetime(2999, 1, 1, tzinfo=UTC),
    way="modbus-file-record",
    profile=FILE_PROFILE,
)
QUICK = StepTimes(2.0, 2.0, 2.0, 4.0, 2.0, 2.0, 2.0, 2.0)
PACE = Pace(look_s=0.02, tell_s=0.02, wait_s=0.02, settle_s=0.3, dispatch_s=0.05, again_s=0.1, good_polls=2)


@dataclass
class Memory:
    """Remembers what it was told, and answers as it is set to."""

    state: RolloutState = RolloutState.RUNNING
    hindrances: list[str] = field(default_factory=list)
    data: bytes = IMAGE
    told: list[Told] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)
    permits: tuple[StoredPermit, ...] = ()
    trusted_keys: object = field(default_factory=lambda: trusted(RELEASE_KEY))
    floors: dict[tuple[str, str], int] = field(default_factory=dict)
    updated: list[DeploymentOrder] = field(default_factory=list)
    seen: list[Standing] = field(default_factory=list)
    on_told: Callable[[Told], None] = lambda _: None

    def is_idle(self) -> bool:
        return False

    def claim(self, incarnation: int, most: int, preflight_s: float) -> list[DeploymentOrder]:
        return []

    def adopt(self, incarnation: int) -> list[DeploymentOrder]:
        return []

    def terms(self, device_id: str, product: str, version: str) -> Terms:
        floor = self.floors.get((device_id, product), 0)
        return Terms(SiteTerms(NOW, 1, self.permits, "UTC"), self.trusted_keys, floor)  # pyright: ignore[reportArgumentType]

    def saw(self, device_id: str, manifest: Manifest) -> None:
        self.floors[device_id, manifest.product] = manifest.sequence

    def second_looks(self) -> list[DeploymentOrder]:
        return self.updated

    def tell_second_look(self, deployment: Deployment, standing: Standing) -> None:
        self.seen.append(standing)

    def image(self, url: str, manifest: Manifest) -> bytes:
        return self.data

    def tell(self, told: Told) -> RolloutState:
        self.told.append(told)
        self.on_told(told)
        return self.state

    def begin_install(self, deployment: Deployment, deadline_s: float) -> str:
        return self.hindrances.pop(0) if self.hindrances else ""

    def end(self, deployment: Deployment, end: End) -> None:
        self.ends.append(end)

    @property
    def steps(self) -> list[Step]:
        """The steps told, each once in a row."""
        found: list[Step] = []
        for told in self.told:
            if not found or found[-1] is not told.step:
                found.append(told.step)
        return found


class Polls:
    """Polling that answers at once, and remembers who had to stand still."""

    def __init__(self) -> None:
        self.still: list[frozenset[DeviceId]] = []
        self.is_answering = True

    def stand_still(self, devices) -> None:
        self.still.append(frozenset(devices))

    def answered(self, device: DeviceId) -> int:
        return 100 if self.is_answering and device not in self.still[-1] else 0


class Bench:
    """A device of the plant, and updates of it."""

    def __init__(self, device: Updatable, hub: DriverHub) -> None:
        self.device = device
        self.hub = hub
        self.store = Memory()
        self.polls = Polls()
        self.is_ours = True

    def order(
        self,
        manifest: Manifest = MANIFEST,
        signatures: dict[str, str] | None = None,
        settings: PlanSettings | None = None,
        is_adopted: bool = False,
        sequence_floor: int = 0,
        **changes: object,
    ) -> DeploymentOrder:
        data = manifest_bytes(manifest)
        made = texts_from_signatures([sign_manifest(data, RELEASE_KEY)])
        return DeploymentOrder(
            deployment=replace(DEPLOYMENT, **changes),
            settings=settings or PlanSettings(times=QUICK, retries=0, soak_s=0),
            version=manifest.full_version,
            firmware_url="s3://fw/x",
            manifest=data,
            signatures=made if signatures is None else signatures,
            sequence_floor=sequence_floor,
            is_adopted=is_adopted,
            is_draining=False,
        )

    async def update(self, order: DeploymentOrder | None = None) -> End:
        """Try once; returns how it ended."""
        await Update(order or self.order(), self.ground()).run()
        return self.store.ends[-1]

    def ground(self) -> Ground:
        async def target(reach: Reach, way: FirmwareWay, profile: BaseModel) -> FirmwareTarget:
            return way.make(self.hub, reach.settings, profile)

        return Ground(
            store=self.store,
            clock=SystemClock(),
            stillness=Stillness(self.polls, lambda _: {DEVICE: ""}),
            reach=lambda _: Reach(RECORD, spec_of("modbus-tcp"), self.device.settings()),
            target=target,
            may_go_on=lambda _: self.is_ours,
            ways=way_of,
            pace=PACE,
        )


RECORD = Device(DEVICE, "D-7", "Drive 7", "drive", "Hall A", "modbus-tcp", {}, 1.0, ())
DEPLOYMENT = Deployment(
    id=DeploymentId(1),
    rollout=RolloutId(2),
    wave=WaveId(3),
    device=DEVICE,
    status=DeploymentStatus.IN_PROGRESS,
    step=Step.PREFLIGHT,
    outcome=None,
    attempt=1,
    progress_percent=0,
    bytes_sent=0,
    from_version="",
    observed_version="",
    serial="",
    waits_for="",
    error="",
    station_id=1,
    epoch=1,
    started_at=None,
    completed_at=None,
    deadline_at=None,
    next_attempt_at=None,
)
