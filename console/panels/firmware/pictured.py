"""Rollouts in every state for the pictures of the tour: over the devices that there are, stored nowhere."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from console.panels.firmware.firmware_questions import RolloutNow
from models.records.device import DeviceId, JsonValue
from models.records.rollout import (
    Approval,
    Deployment,
    DeploymentId,
    DeploymentStatus,
    GateRules,
    InstallWindow,
    Outcome,
    PlannedDevice,
    PlanSettings,
    Rollout,
    RolloutEvent,
    RolloutHead,
    RolloutId,
    RolloutPlan,
    RolloutState,
    Step,
    Wave,
    WaveId,
    WaveState,
)

DRAFT, APPROVAL, RUNNING, HALTED, COMPLETED = "draft", "approval", "running", "halted", "completed"
NAMES = (DRAFT, APPROVAL, RUNNING, HALTED, COMPLETED)
PLANNER, APPROVER = 9001, 9002

_HASH = bytes(32)
SETTINGS = PlanSettings(
    wave_sizes=("25 %", "100 %"),
    canaries=3,
    concurrency=4,
    budget=2,
    soak_s=3600.0,
    window=InstallWindow((0, 1, 2, 3, 4), "22:00", "05:00"),
    idle_quantity="rpm",
    idle_below=5.0,
    gate=GateRules(reading_limits={"temperature": 2.0, "vibration": 0.5}),
)
_STATES = {
    DRAFT: RolloutState.DRAFT,
    APPROVAL: RolloutState.AWAITING_APPROVAL,
    RUNNING: RolloutState.RUNNING,
    HALTED: RolloutState.HALTED,
    COMPLETED: RolloutState.COMPLETED_WITH_FAILURES,
}
_TITLES = {
    DRAFT: "Ovens, autumn release",
    APPROVAL: "Mixers 1.8.2",
    RUNNING: "Drives 2.1.0",
    HALTED: "Presses 3.0.0",
    COMPLETED: "Drives 2.0.3",
}
_VERSIONS = {
    DRAFT: "4.2.0+oven",
    APPROVAL: "1.8.2+mixer",
    RUNNING: "2.1.0+drive-a",
    HALTED: "3.0.0+press",
    COMPLETED: "2.0.3+drive-a",
}
_HALT = (
    "Alerts came 3.4 times as often after the update: 11 in 36.0 device-hours against 8 in 90.0 "
    "(p = 0.0071). vibration moved by +0.81 against the devices without the update; 0.5 is allowed."
)


def pictured_heads(devices: Sequence[DeviceId], now_unix: float) -> list[RolloutHead]:
    """Return one rollout in each state."""
    return [_head(pictured_rollout(name, devices, now_unix)) for name in NAMES]


def pictured_rollout(name: str, devices: Sequence[DeviceId], now_unix: float) -> RolloutNow:
    """Return one of `NAMES` in full; the more devices there are, the more it shows."""
    now = datetime.fromtimestamp(now_unix, UTC)
    number = NAMES.index(name) + 1
    plan = RolloutPlan(1, SETTINGS, _planned(devices))
    has_begun = name in (RUNNING, HALTED, COMPLETED)
    rollout = Rollout(
        id=RolloutId(number),
        name=_TITLES[name],
        version_id=1,
        version=_VERSIONS[name],
        state=_STATES[name],
        reason=_HALT if name == HALTED else "",
        created_by=PLANNER,
        creator="Uwe Engel",
        created_at=now - timedelta(hours=30 + number),
        started_at=now - timedelta(hours=6) if has_begun else None,
        ended_at=now - timedelta(hours=1) if name == COMPLETED else None,
        plan=plan,
        plan_hash=_HASH,
        approvals=_approvals(now, has_begun=has_begun, is_halted=name == HALTED),
        conductor="Hall A" if name == RUNNING else "",
        edited_by=PLANNER,
    )
    if not has_begun:
        return RolloutNow(rollout, (), (), _events(now, name))
    waves = _waves(name, now)
    deployments = _deployments(name, plan, waves, now)
    return RolloutNow(rollout, waves, deployments, _events(now, name))


def _head(now: RolloutNow) -> RolloutHead:
    one = now.rollout
    return RolloutHead(
        one.id,
        one.name,
        one.version,
        one.state,
        one.reason,
        one.created_at,
        len(now.deployments) or sum(device.wave is not None for device in one.plan.devices),
        sum(each.status is DeploymentStatus.COMPLETED for each in now.deployments),
        sum(each.status is DeploymentStatus.FAILED for each in now.deployments),
        is_held=False,
    )


def _planned(devices: Sequence[DeviceId]) -> tuple[PlannedDevice, ...]:
    out = max(1, len(devices) // 6)
    left, fit = devices[:out], devices[out:]
    second = 3 + max(1, len(fit) // 4)
    reasons = ("it runs 2.1.0 already", "its product and hardware are not known; enter them at the device")
    return (
        *(PlannedDevice(one, None, reasons[place % 2]) for place, one in enumerate(left)),
        *(PlannedDevice(one, 0, "canary of drive-a, hardware A1", is_canary=True) for one in fit[:3]),
        *(PlannedDevice(one, 1, "wave 2 of 3") for one in fit[3:second]),
        *(PlannedDevice(one, 2, "wave 3 of 3") for one in fit[second:]),
    )


def _approvals(now: datetime, *, has_begun: bool, is_halted: bool) -> tuple[Approval, ...]:
    found: list[Approval] = []
    if has_begun:
        at = now - timedelta(hours=20)
        found.append(Approval(APPROVER, "Eva Lind", "plan", _HASH, "Tried on the test bench.", at))
    if is_halted:
        why = "The alerts came from a loose sensor of Drive 7, which is replaced."
        found.append(Approval(PLANNER, "Uwe Engel", "override asked", _HASH, why, now - timedelta(minutes=9)))
    return tuple(found)


def _events(now: datetime, name: str) -> tuple[RolloutEvent, ...]:
    lines = [("Uwe Engel", "planned", "20 devices", 1800)]
    if name != DRAFT:
        lines.append(("Uwe Engel", "submitted", "", 1790))
    if name not in (DRAFT, APPROVAL):
        lines += [
            ("Eva Lind", "approved", "Tried on the test bench.", 1200),
            ("Uwe Engel", "started", "", 360),
            ("Hall A", "wave passed", "Wave 1 of 3: Nothing speaks against the update.", 200),
        ]
    if name == HALTED:
        lines += [
            ("Hall A", "halted", _HALT, 20),
            ("Uwe Engel", "override asked", "The alerts came from a loose sensor.", 9),
        ]
    return tuple(
        RolloutEvent(now - timedelta(minutes=ago), who, kind, words)
        for who, kind, words, ago in reversed(lines)
    )


def _waves(name: str, now: datetime) -> tuple[Wave, ...]:
    states = {
        RUNNING: (WaveState.PASSED, WaveState.DEPLOYING, WaveState.PLANNED),
        HALTED: (WaveState.PASSED, WaveState.FAILED, WaveState.PLANNED),
        COMPLETED: (WaveState.PASSED, WaveState.PASSED, WaveState.PASSED),
    }[name]
    fine = "Nothing speaks against the update."
    return tuple(
        Wave(
            WaveId(place + 1),
            RolloutId(1),
            place,
            state,
            now - timedelta(minutes=140 - 60 * place),
            _HALT if state is WaveState.FAILED else fine if state is WaveState.PASSED else "",
            _evidence(is_bad=state is WaveState.FAILED)
            if state in (WaveState.PASSED, WaveState.FAILED)
            else {},
        )
        for place, state in enumerate(states)
    )


def _evidence(*, is_bad: bool) -> dict[str, JsonValue]:
    shifts: list[JsonValue] = [
        _shift("temperature", 0.4, 2.0),
        _shift("vibration", 0.81 if is_bad else -0.07, 0.5),
    ]
    return {
        "tried": 6 if is_bad else 3,
        "failed": 1 if is_bad else 0,
        "failure_share": 0.1,
        "updated": {"episodes": 11 if is_bad else 1, "hours": 36.0 if is_bad else 9.0},
        "control": {"episodes": 8, "hours": 90.0},
        "is_own_past": False,
        "p": 0.0071 if is_bad else 0.58,
        "ratio": 3.4 if is_bad else 1.25,
        "p_limit": 0.01,
        "ratio_limit": 1.5,
        "shifts": shifts,
        "halts": [_HALT] if is_bad else [],
        "holds": [],
    }


def _shift(quantity: str, moved: float, limit: float) -> JsonValue:
    return {
        "quantity": quantity,
        "difference": moved,
        "limit": limit,
        "frozen": [],
        "bad_before": 0.0,
        "bad_after": 0.0,
    }


def _deployments(
    name: str, plan: RolloutPlan, waves: Sequence[Wave], now: datetime
) -> tuple[Deployment, ...]:
    found: list[Deployment] = []
    for one in plan.devices:
        if one.wave is None:
            continue
        in_wave = sum(each.wave == waves[one.wave].id for each in found)
        blank = _deployment(len(found) + 1, waves[one.wave].id, one.device, now)
        found.append(_told(blank, waves[one.wave].state, in_wave, is_over=name == COMPLETED))
    return tuple(found)


def _told(one: Deployment, wave: WaveState, place: int, *, is_over: bool) -> Deployment:
    """Put a device where one of its wave may stand."""
    failed = replace(
        one,
        status=DeploymentStatus.FAILED,
        step=Step.FAILED,
        outcome=Outcome.TIMED_OUT,
        error="It did not come back within 5 min after its restart.",
    )
    done = replace(
        one, status=DeploymentStatus.COMPLETED, step=Step.DONE, outcome=Outcome.UPDATED, progress_percent=100
    )
    if wave is WaveState.PLANNED:
        return one
    if wave is WaveState.PASSED:
        return failed if is_over and one.id == 7 else done
    if wave is WaveState.FAILED:
        return (failed, done, done)[place] if place < 3 else replace(one, waits_for="the rollout to go on")
    if place == 0:
        return failed
    if place < 3:
        busy = replace(one, status=DeploymentStatus.IN_PROGRESS, attempt=1)
        if place == 1:
            return replace(busy, step=Step.TRANSFERRING, progress_percent=64)
        return replace(busy, step=Step.REBOOTING, progress_percent=100, attempt=2)
    return replace(one, waits_for="its window, 22:00 to 05:00") if place < 6 else done


def _deployment(number: int, wave: WaveId, device: DeviceId, now: datetime) -> Deployment:
    return Deployment(
        id=DeploymentId(number),
        rollout=RolloutId(1),
        wave=wave,
        device=device,
        status=DeploymentStatus.PENDING,
        step=Step.QUEUED,
        outcome=None,
        attempt=1,
        progress_percent=0,
        bytes_sent=0,
        from_version="2.0.3",
        observed_version="",
        serial="",
        waits_for="",
        error="",
        station_id=None,
        epoch=0,
        started_at=now - timedelta(hours=2),
        completed_at=None,
        deadline_at=None,
        next_attempt_at=None,
    )
