"""What rollouts ask of database and image store: blocking, each call on a thread that may wait."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from console.station.rollouts.conducting import Conclude, MoveWave
from drivers.firmware.target import Standing
from models.firmware.trusted_keys import TrustedKeys
from models.records.device import JsonValue
from models.records.firmware import Manifest
from models.records.rollout import (
    Deployment,
    DeploymentOrder,
    Outcome,
    RolloutId,
    RolloutState,
    SiteTerms,
    Step,
    WaveId,
    WaveState,
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a version has to be held to.

    Attributes:
        site: What the site asks.
        trusted: Whom this computer believes.
        floor: Highest sequence that this station saw the device run; 0 = none.
    """

    site: SiteTerms
    trusted: TrustedKeys
    floor: int = 0


class UpdateStore(Protocol):
    """What a station asks to update its devices. Every method blocks and raises StorageError."""

    def is_idle(self) -> bool:
        """Return whether nothing is under way, anywhere: no rollout goes on, no device is in the middle."""
        ...

    def claim(self, incarnation: int, most: int, preflight_s: float) -> list[DeploymentOrder]:
        """Return devices of this station whose turn it is, claimed."""
        ...

    def adopt(self, incarnation: int) -> list[DeploymentOrder]:
        """Return what others left in the middle of this station's devices, taken over."""
        ...

    def terms(self, device_id: str, product: str, version: str) -> Terms:
        """Return what a version has to be held to now, at the device with that hardware id."""
        ...

    def image(self, url: str, manifest: Manifest) -> bytes:
        """Return the image of a verified manifest, checked."""
        ...

    def tell(self, told: "Told") -> RolloutState:
        """Tell where an update stands; raises LeaseLost where the device is another station's."""
        ...

    def begin_install(self, deployment: Deployment, deadline_s: float) -> str:
        """Return what the installation waits for; empty = it has begun."""
        ...

    def end(self, deployment: Deployment, end: "End") -> None:
        """End a try."""
        ...

    def saw(self, device_id: str, manifest: Manifest) -> None:
        """Remember, on this computer, that a device runs a version."""
        ...

    def second_looks(self) -> list[DeploymentOrder]:
        """Return the devices of this station that are updated, of every rollout that is under way."""
        ...

    def tell_second_look(self, deployment: Deployment, standing: Standing) -> None:
        """Tell what one of them says by now; raises LeaseLost where it is another station's."""
        ...


class ConductStore(Protocol):
    """What a station asks to conduct rollouts. Every method blocks and raises StorageError."""

    def conduct(self, incarnation: int) -> Mapping[RolloutId, int]:
        """Return the rollouts that are this station's to conduct, with their epochs."""
        ...

    def next_move(self, rollout: RolloutId) -> MoveWave | Conclude | None:
        """Return what is to be done with a rollout now."""
        ...

    def move_wave(
        self,
        rollout: RolloutId,
        epoch: int,
        wave: WaveId,
        source: WaveState,
        target: WaveState,
        reason: str,
        evidence: Mapping[str, JsonValue] | None,
    ) -> None:
        """Move a wave on."""
        ...

    def conclude(self, rollout: RolloutId, epoch: int, target: RolloutState, reason: str) -> None:
        """Halt a rollout, or say that it is over."""
        ...


class RolloutStore(UpdateStore, ConductStore, Protocol):
    """Both."""


@dataclass(frozen=True, slots=True)
class Told:
    """Where an update stands."""

    deployment: Deployment
    step: Step
    deadline_s: float
    bytes_sent: int = 0
    percent: int = 0
    from_version: str = ""
    observed_version: str = ""
    serial: str = ""
    waits_for: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """The end of a try."""

    step: Step
    outcome: Outcome | None
    error: str = ""
    observed_version: str = ""
    again_s: float = 0.0
