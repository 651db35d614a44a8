"""Which moves of rollouts, waves and deployments are legal, as pure tables.

The database holds the same tables (`app.ota_moves`, migration 0019) and refuses every other move; a test
compares both. Source of the states: the project's firmware design; the loop of waves is a staged rollout
as in any staged software update: canary, deploy, soak, judge.
"""

from collections.abc import Mapping
from types import MappingProxyType

from models.records.rollout import DeploymentStatus, Outcome, RolloutState, Step, WaveState

_R = RolloutState
ROLLOUT_MOVES: Mapping[RolloutState, frozenset[RolloutState]] = MappingProxyType(
    {
        _R.DRAFT: frozenset({_R.AWAITING_APPROVAL, _R.ABORTED}),
        _R.AWAITING_APPROVAL: frozenset({_R.DRAFT, _R.APPROVED, _R.ABORTED}),
        _R.APPROVED: frozenset({_R.DRAFT, _R.RUNNING, _R.ABORTED}),
        _R.RUNNING: frozenset({_R.PAUSED, _R.HALTED, _R.COMPLETED, _R.COMPLETED_WITH_FAILURES}),
        _R.PAUSED: frozenset({_R.RUNNING, _R.HALTED}),
        _R.HALTED: frozenset({_R.RUNNING, _R.ABORTED}),
        _R.COMPLETED: frozenset(),
        _R.COMPLETED_WITH_FAILURES: frozenset(),
        _R.ABORTED: frozenset(),
    }
)

_W = WaveState
WAVE_MOVES: Mapping[WaveState, frozenset[WaveState]] = MappingProxyType(
    {
        _W.PLANNED: frozenset({_W.DEPLOYING}),
        _W.DEPLOYING: frozenset({_W.SETTLING, _W.FAILED}),
        _W.SETTLING: frozenset({_W.SOAKING, _W.FAILED}),
        _W.SOAKING: frozenset({_W.JUDGING, _W.FAILED}),
        _W.JUDGING: frozenset({_W.PASSED, _W.HELD, _W.FAILED}),
        # Somebody looked, said why, and a second person agreed; or it is watched for longer.
        _W.HELD: frozenset({_W.SOAKING, _W.PASSED, _W.FAILED}),
        _W.FAILED: frozenset({_W.DEPLOYING, _W.PASSED}),
        _W.PASSED: frozenset(),
    }
)

_S = Step
UNDER_WAY = (
    _S.PREFLIGHT,
    _S.STAGING,
    _S.PREPARING,
    _S.TRANSFERRING,
    _S.INSTALLING,
    _S.REBOOTING,
    _S.VERIFYING,
    _S.CONFIRMING,
)
"""In the order of a try that goes well."""

ENDS = frozenset({_S.DONE, _S.ROLLED_BACK, _S.FAILED, _S.NEEDS_PERSON})


def _step_moves() -> Mapping[Step, frozenset[Step]]:
    # A device may be ahead of its row: whoever takes over asks it, and goes on where it stands. It may be
    # behind as well, when a transfer has to start over. So between the steps of a try every move is legal;
    # what is not: to begin but through the preflight, to end twice, to go on after an end.
    within = frozenset(UNDER_WAY)
    over = ENDS | {_S.RETRY}
    moves = {step: (within - {step}) | over for step in UNDER_WAY}
    moves[_S.QUEUED] = frozenset({_S.PREFLIGHT, _S.FAILED})
    moves[_S.RETRY] = frozenset({_S.PREFLIGHT, _S.FAILED})
    moves |= {step: frozenset[Step]() for step in ENDS}
    return MappingProxyType(moves)


STEP_MOVES = _step_moves()

STATUS_OF_STEP: Mapping[Step, DeploymentStatus] = MappingProxyType(
    {
        _S.QUEUED: DeploymentStatus.PENDING,
        _S.RETRY: DeploymentStatus.PENDING,
        **dict.fromkeys(UNDER_WAY, DeploymentStatus.IN_PROGRESS),
        _S.DONE: DeploymentStatus.COMPLETED,
        _S.ROLLED_BACK: DeploymentStatus.FAILED,
        _S.FAILED: DeploymentStatus.FAILED,
        _S.NEEDS_PERSON: DeploymentStatus.FAILED,
    }
)
"""The seed's status is derived from the step, so that they cannot contradict each other."""

OUTCOMES_OF_STEP: Mapping[Step, frozenset[Outcome]] = MappingProxyType(
    {
        _S.DONE: frozenset({Outcome.UPDATED, Outcome.ALREADY}),
        _S.ROLLED_BACK: frozenset({Outcome.ROLLED_BACK}),
        _S.FAILED: frozenset({Outcome.FAILED, Outcome.TIMED_OUT, Outcome.REFUSED, Outcome.NOT_BEGUN}),
        _S.NEEDS_PERSON: frozenset({Outcome.NEEDS_PERSON}),
    }
)

MOVED_BY_PEOPLE: Mapping[RolloutState, frozenset[RolloutState]] = MappingProxyType(
    {
        _R.DRAFT: frozenset({_R.AWAITING_APPROVAL, _R.ABORTED}),
        _R.AWAITING_APPROVAL: frozenset({_R.DRAFT, _R.APPROVED, _R.ABORTED}),
        _R.APPROVED: frozenset({_R.DRAFT, _R.RUNNING, _R.ABORTED}),
        _R.RUNNING: frozenset({_R.PAUSED, _R.HALTED}),
        _R.PAUSED: frozenset({_R.RUNNING, _R.HALTED}),
        _R.HALTED: frozenset({_R.RUNNING, _R.ABORTED}),
    }
)
"""What a person may ask for; the conductor does the rest: RUNNING to HALTED and to both completed states."""
