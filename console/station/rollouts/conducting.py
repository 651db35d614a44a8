"""How a rollout goes on: pure. From where it stands, to at most one move at a time.

The conductor makes the move and looks again: what the database refuses was somebody else's by then.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from console.station.rollouts.gate import Evidence, judge, tripwire
from models.records.device import JsonValue
from models.records.rollout import (
    Deployment,
    DeploymentStatus,
    Outcome,
    PlanSettings,
    RolloutState,
    Wave,
    WaveId,
    WaveState,
)

SETTLE_S = 60.0
"""After its last device a wave has this long to calm down, before what happens counts."""

_SUSPECTED = "suspected_at"

Gather = Callable[[datetime | None], Evidence]

_OPEN = frozenset({DeploymentStatus.PENDING, DeploymentStatus.IN_PROGRESS})
_WATCHED = frozenset({WaveState.DEPLOYING, WaveState.SETTLING, WaveState.SOAKING, WaveState.JUDGING})


@dataclass(frozen=True, slots=True)
class MoveWave:
    """A wave goes on."""

    wave: WaveId
    source: WaveState
    target: WaveState
    reason: str = ""
    evidence: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])


@dataclass(frozen=True, slots=True)
class Conclude:
    """The rollout is halted or over."""

    target: RolloutState
    reason: str


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a rollout stands, at a moment of the database's clock."""

    state: RolloutState
    settings: PlanSettings
    waves: Sequence[Wave]
    deployments: Sequence[Deployment]
    now: datetime
    overridden_at: datetime | None = None
    """When two persons last said that it goes on: what went wrong before is settled."""

    def counted(self) -> list[Deployment]:
        """Return the deployments that are over and not settled."""
        after = self.overridden_at
        return [
            one
            for one in self.deployments
            if one.status not in _OPEN
            and (after is None or (one.completed_at is not None and one.completed_at > after))
        ]


def next_move(stand: Stand, evidence: Gather) -> MoveWave | Conclude | None:
    """Return what to do now; None = wait.

    Args:
        stand: Read in one transaction.
        evidence: Gathers what the gate needs, of the time since a moment (None = all of it); asked only where
            something may come of it.
    """
    if stand.state not in (RolloutState.RUNNING, RolloutState.PAUSED):
        return None
    current = next((wave for wave in stand.waves if wave.state is not WaveState.PASSED), None)
    if current is None:
        return _over(stand)
    if current.state is WaveState.FAILED:
        # Whoever found it died before saying so.
        return Conclude(RolloutState.HALTED, current.reason)
    if current.state in _WATCHED and (wrong := _wrong(stand, evidence)):
        if current.state is WaveState.JUDGING:
            return MoveWave(
                current.id,
                current.state,
                WaveState.FAILED,
                wrong,
                judge(evidence(None), stand.settings.gate).record,
            )
        return MoveWave(current.id, current.state, WaveState.FAILED, wrong)
    if stand.state is RolloutState.PAUSED:
        return None
    return _onward(stand, current, evidence)


def _onward(stand: Stand, current: Wave, evidence: Gather) -> MoveWave | None:
    passed_s = (stand.now - current.since).total_seconds()
    mine = [one for one in stand.deployments if one.wave == current.id]
    match current.state:
        case WaveState.PLANNED:
            return MoveWave(current.id, current.state, WaveState.DEPLOYING)
        case WaveState.DEPLOYING if all(one.status not in _OPEN for one in mine):
            return MoveWave(current.id, current.state, WaveState.SETTLING)
        case WaveState.SETTLING if passed_s >= min(SETTLE_S, stand.settings.soak_s):
            return MoveWave(current.id, current.state, WaveState.SOAKING)
        case WaveState.SOAKING if passed_s >= stand.settings.soak_s:
            return MoveWave(current.id, current.state, WaveState.JUDGING)
        case WaveState.JUDGING:
            verdict = judge(evidence(_suspected_at(current)), stand.settings.gate)
            record = dict(verdict.record)
            if verdict.looks_again:
                record[_SUSPECTED] = stand.now.isoformat()
            return MoveWave(current.id, current.state, verdict.state, verdict.reason, record)
        case WaveState.HELD if _suspected_at(current) is not None:
            return MoveWave(current.id, current.state, WaveState.SOAKING, current.reason)
        case _:
            return None


def _suspected_at(wave: Wave) -> datetime | None:
    """Return since when fresh data are gathered for a second look; None where there is no suspicion."""
    found = wave.evidence.get(_SUSPECTED)
    return datetime.fromisoformat(found) if isinstance(found, str) else None


def _wrong(stand: Stand, evidence: Gather) -> str:
    """Return why the rollout must halt, whatever its wave is doing; empty where nothing says so."""
    counted = stand.counted()
    strange = next((one for one in counted if one.outcome is Outcome.NEEDS_PERSON), None)
    if strange is not None:
        return f"A device needs a person. {strange.error}"
    if any(one.status not in _OPEN for one in stand.deployments):
        return tripwire(evidence(None), stand.settings.gate)
    return ""


def _over(stand: Stand) -> Conclude | None:
    if any(one.status in _OPEN for one in stand.deployments):
        return None
    failures = sum(one.status is DeploymentStatus.FAILED for one in stand.deployments)
    if failures:
        return Conclude(
            RolloutState.COMPLETED_WITH_FAILURES, f"{failures} of {len(stand.deployments)} devices failed."
        )
    return Conclude(RolloutState.COMPLETED, "")
