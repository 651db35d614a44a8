"""A rollout: one firmware version brought to many devices, wave by wave; `models/rollout_states.py` moves it.

rollout ──< wave ──< deployment          one device, one version, one try after the other
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from models.records.device import DeviceId, JsonValue
from models.records.firmware import StoredPermit

RolloutId = NewType("RolloutId", int)
WaveId = NewType("WaveId", int)
DeploymentId = NewType("DeploymentId", int)


class RolloutState(StrEnum):
    """Where a rollout stands as a whole."""

    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting approval"
    APPROVED = "approved"
    RUNNING = "running"
    PAUSED = "paused"
    HALTED = "halted"
    COMPLETED = "completed"
    COMPLETED_WITH_FAILURES = "completed with failures"
    ABORTED = "aborted"


class WaveState(StrEnum):
    """Where a wave stands."""

    PLANNED = "planned"
    DEPLOYING = "deploying"
    SETTLING = "settling"
    SOAKING = "soaking"
    JUDGING = "judging"
    PASSED = "passed"
    HELD = "held"
    FAILED = "failed"


class DeploymentStatus(StrEnum):
    """The seed's four."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"


class Step(StrEnum):
    """What is being done to a device. A step of the second group ends a try."""

    QUEUED = "queued"
    PREFLIGHT = "preflight"
    STAGING = "staging"
    PREPARING = "preparing"
    TRANSFERRING = "transferring"
    INSTALLING = "installing"
    REBOOTING = "rebooting"
    VERIFYING = "verifying"
    CONFIRMING = "confirming"

    DONE = "done"
    RETRY = "retry"
    ROLLED_BACK = "rolled back"
    FAILED = "failed"
    NEEDS_PERSON = "needs a person"


class Outcome(StrEnum):
    """What came of a deployment that is over."""

    UPDATED = "updated"
    ALREADY = "already up to date"
    ROLLED_BACK = "rolled back"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    REFUSED = "refused"
    NEEDS_PERSON = "needs a person"
    NOT_BEGUN = "not begun"


@dataclass(frozen=True, slots=True)
class StepTimes:
    """How long each step may take in seconds; beyond it the try has failed."""

    preflight_s: float = 30.0
    staging_s: float = 600.0
    preparing_s: float = 60.0
    transferring_s: float = 1800.0
    installing_s: float = 600.0
    rebooting_s: float = 300.0
    verifying_s: float = 120.0
    confirming_s: float = 60.0


@dataclass(frozen=True, slots=True)
class InstallWindow:
    """When devices may be installed and rebooted, in the site's own time; a transfer may run earlier.

    Attributes:
        weekdays: 0 = Monday; the day on which it opens.
        opens, closes: "HH:MM"; one that closes before it opens ends on the next day.
    """

    weekdays: tuple[int, ...]
    opens: str
    closes: str


@dataclass(frozen=True, slots=True)
class GateRules:
    """What makes a wave pass; see `console/station/rollouts/gate.py`.

    Attributes:
        failure_share: At most this share of the devices tried so far may fail.
        failure_sample: Not judged below so many tries.
        p_value, ratio: Alert episodes a device-hour: halt below this p at or above this ratio.
        reading_limits: Quantity key → how far its difference in differences may move, in its unit.
        least_device_hours: Less than this, updated and in comparison each, is inconclusive: held.
    """

    failure_share: float = 0.1
    failure_sample: int = 5
    p_value: float = 0.01
    ratio: float = 1.5
    reading_limits: Mapping[str, float] = field(default_factory=dict[str, float])
    least_device_hours: float = 1.0


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """How a rollout goes about it.

    Attributes:
        wave_sizes: After the canaries: so many devices each ("10"), or a share of all ("25 %"); the last
            takes the rest.
        canaries: Devices of each product and hardware in the first wave.
        concurrency: So many devices under way at once, over all stations.
        budget: So many devices of one location away at once; 0 = as many as there are.
        soak_s: How long a wave is watched after its last device.
        retries: Further tries after a failed one, `retry_s` apart and doubling.
        waits_for_critical: Whether a device with an open critical alert waits.
        idle_quantity, idle_below: A device may be installed only while this quantity is below that: a drive
            that turns is not rebooted. Empty = always.
        window: None = at any time.
        is_transfer_early: Whether bytes may be sent outside the window.
    """

    wave_sizes: tuple[str, ...] = ("10 %", "30 %", "100 %")
    canaries: int = 1
    concurrency: int = 10
    budget: int = 0
    soak_s: float = 3600.0
    retries: int = 2
    retry_s: float = 60.0
    waits_for_critical: bool = True
    idle_quantity: str = ""
    idle_below: float = 0.0
    window: InstallWindow | None = None
    is_transfer_early: bool = True
    times: StepTimes = field(default_factory=StepTimes)
    gate: GateRules = field(default_factory=GateRules)


@dataclass(frozen=True, slots=True)
class PlannedDevice:
    """One device of a plan, with the reason why it is in or out.

    Attributes:
        wave: Number of its wave from 0; None = left out.
        is_canary: Stands for its product and hardware in the first wave.
    """

    device: DeviceId
    wave: int | None
    reason: str
    is_canary: bool = False


@dataclass(frozen=True, slots=True)
class RolloutPlan:
    """What is approved: version, devices and settings, frozen. Its hash is of its canonical JSON."""

    version_id: int
    settings: PlanSettings
    devices: tuple[PlannedDevice, ...]
    undoes: RolloutId | None = None
    """The rollout that this one takes back, restricted to what it changed."""


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody's yes to the plan with that hash, or to going on after a halt."""

    person_id: int
    person: str
    kind: str
    plan_hash: bytes
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Rollout:
    """A rollout as stored.

    Attributes:
        plan_hash: SHA-256 of the stored plan's bytes.
        reason: Why it stands where it does: who paused it, what halted it.
        conductor: Station that conducts it, empty where none does at this moment.
        edited_by: Who wrote the plan last; neither they nor its creator can approve it.
    """

    id: RolloutId
    name: str
    version_id: int
    version: str
    state: RolloutState
    reason: str
    created_by: int | None
    creator: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    plan: RolloutPlan
    plan_hash: bytes
    approvals: tuple[Approval, ...]
    conductor: str = ""
    undoes: RolloutId | None = None
    edited_by: int | None = None


@dataclass(frozen=True, slots=True)
class RolloutHead:
    """A rollout as lists show it.

    Attributes:
        devices: So many are in it; of those that have begun, as many as this login sees.
        done, failed: So many of them; one that was given up before its turn is neither.
        is_held: The gate could not decide about a wave: somebody has to.
    """

    id: RolloutId
    name: str
    version: str
    state: RolloutState
    reason: str
    created_at: datetime
    devices: int
    done: int
    failed: int
    is_held: bool


@dataclass(frozen=True, slots=True)
class UpdateFacts:
    """What updates so far say of a device.

    Attributes:
        running: Version that it told last, empty where it never did.
        is_busy: A rollout has not done with it.
        is_changed: Changed by the rollout that is asked about.
    """

    running: str = ""
    is_busy: bool = False
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Wave:
    """A wave as stored. `evidence` is the gate's, frozen when it judged."""

    id: WaveId
    rollout: RolloutId
    place: int
    state: WaveState
    since: datetime
    reason: str
    evidence: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue], repr=False)


@dataclass(frozen=True, slots=True)
class Deployment:
    """One device of a rollout that has begun.

    Attributes:
        serial: What the device said of itself when the update began.
        epoch: The lease of the device under which it was last worked on.
        waits_for: One clause what it waits for, empty where it does not wait.
        error: One sentence what went wrong last, empty where nothing did.
        deadline_at: When the present step has failed.
    """

    id: DeploymentId
    rollout: RolloutId
    wave: WaveId
    device: DeviceId
    status: DeploymentStatus
    step: Step
    outcome: Outcome | None
    attempt: int
    progress_percent: int
    bytes_sent: int
    from_version: str
    observed_version: str
    serial: str
    waits_for: str
    error: str
    station_id: int | None
    epoch: int
    started_at: datetime | None
    completed_at: datetime | None
    deadline_at: datetime | None
    next_attempt_at: datetime | None


@dataclass(frozen=True, slots=True)
class RolloutEvent:
    """One line of a rollout's journal: who or which station did what."""

    at: datetime
    who: str
    kind: str
    text: str
    device: DeviceId | None = None


@dataclass(frozen=True, slots=True)
class SiteTerms:
    """What the site asks of a version.

    Attributes:
        now: The database's clock.
        needed: Signatures by different keys.
        permits: Of a product and version.
        time_zone: IANA name.
    """

    now: datetime
    needed: int
    permits: tuple[StoredPermit, ...]
    time_zone: str


@dataclass(frozen=True, slots=True)
class DeploymentOrder:
    """What a station is to do now: a deployment of a device that it polls, claimed or taken over.

    Attributes:
        is_adopted: It was begun by somebody else; ask the device first.
        version: With its product, "2.1.0+drive-a".
        manifest, signatures: As stored; verified by the station before anything else.
        sequence_floor: Highest sequence that the database knows this device ran.
        is_draining: Begin nothing irreversible more: paused or halted; bring the device to a safe end.
    """

    deployment: Deployment
    settings: PlanSettings
    version: str
    firmware_url: str
    manifest: bytes
    signatures: Mapping[str, str]
    sequence_floor: int
    is_adopted: bool
    is_draining: bool
