"""What the firmware screen asks the database. Runs on worker threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.panels.firmware.seals import VersionRow, judged
from models.records.device import Device
from models.records.rollout import (
    Deployment,
    PlannedDevice,
    PlanSettings,
    Rollout,
    RolloutEvent,
    RolloutHead,
    RolloutId,
    RolloutPlan,
    Wave,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.firmware_release import Judge
    from models.records.firmware import FirmwareVersion

LISTED = 200
JOURNAL_LINES = 500


@dataclass(frozen=True, slots=True)
class RolloutNow:
    """Everything of one rollout, of one moment."""

    rollout: Rollout
    waves: tuple[Wave, ...]
    deployments: tuple[Deployment, ...]
    events: tuple[RolloutEvent, ...]


@dataclass(frozen=True, slots=True)
class AskHeads:
    """All rollouts, as the list shows them."""

    def __call__(self, connection: Connection) -> list[RolloutHead]:
        """Return them, the newest first. Raises StorageError."""
        from models.queries.rollout_list import load_heads

        return load_heads(connection, LISTED)


@dataclass(frozen=True, slots=True)
class AskRollout:
    """One rollout in full."""

    rollout: RolloutId

    def __call__(self, connection: Connection) -> RolloutNow:
        """Return it. Raises StorageError."""
        from models.queries import rollouts

        return RolloutNow(
            rollouts.load_rollout(connection, self.rollout),
            tuple(rollouts.load_waves(connection, self.rollout)),
            tuple(rollouts.load_deployments(connection, self.rollout)),
            tuple(rollouts.load_events(connection, self.rollout, JOURNAL_LINES)),
        )


@dataclass(frozen=True, slots=True)
class VersionsNow:
    """All versions, with what this computer says of their signatures.

    Attributes:
        needed: So many signatures are asked for at a release.
        fault: Why this computer cannot say whom it believes; empty where it can.
    """

    rows: tuple[VersionRow, ...]
    needed: int
    fault: str = ""


@dataclass(frozen=True, slots=True)
class AskVersions:
    """All versions.

    Attributes:
        judge: Reads whom this computer believes; None where the run was given no way to.
    """

    judge: Callable[[], Judge] | None

    def __call__(self, connection: Connection) -> VersionsNow:
        """Return them, with every signature tried. Raises StorageError."""
        from models.errors import NeedsSetup
        from models.firmware.trusted_keys import TrustedKeys
        from models.queries.firmware_versions import load_versions, signing_rule

        versions, rule = load_versions(connection), signing_rule(connection)
        trusted, least, fault = TrustedKeys({}), 1, ""
        if self.judge is not None:
            try:
                judge = self.judge()
                trusted, least = judge.trusted, judge.least_signatures
            except NeedsSetup as error:
                fault = str(error)
        rows = tuple(
            VersionRow(one, judged(one.manifest, one.signatures, trusted), rule.now) for one in versions
        )
        return VersionsNow(rows, max(rule.needed, least), fault)


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """What became of an attempt to plan.

    Attributes:
        plan: None where it is impossible.
        fault: Why; empty where there is a plan.
        devices: Every device with its reason, also where there is no plan.
    """

    plan: RolloutPlan | None
    fault: str
    devices: tuple[PlannedDevice, ...]


@dataclass(frozen=True, slots=True)
class AskPlan:
    """A plan for these devices, as they are now."""

    version: FirmwareVersion
    devices: tuple[Device, ...]
    settings: PlanSettings
    undoes: RolloutId | None

    def __call__(self, connection: Connection) -> PlanDraft:
        """Plan it. Raises StorageError."""
        from console.catalogue.rollout_candidates import candidates_from
        from console.catalogue.rollout_plan import ImpossiblePlan, plan_rollout
        from drivers.firmware.registry import way_of
        from models.firmware.manifest import manifest_from_bytes
        from models.queries.rollout_list import update_facts

        if self.version.manifest is None:
            return PlanDraft(
                None, f"{self.version.version} has no manifest, so nobody knows what it is for.", ()
            )
        manifest = manifest_from_bytes(self.version.manifest)
        try:
            reaches = frozenset(way_of(manifest.way).drivers)
        except KeyError:
            return PlanDraft(None, f"This program delivers nothing by {manifest.way!r}; a newer one may.", ())
        candidates = candidates_from(self.devices, update_facts(connection, self.undoes))
        try:
            plan = plan_rollout(self.version.id, manifest, reaches, candidates, self.settings, self.undoes)
        except ImpossiblePlan as error:
            return PlanDraft(None, str(error), error.left_out)
        return PlanDraft(plan, "", plan.devices)
