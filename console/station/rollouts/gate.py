"""Whether a wave may pass: the plant's own alerts and readings against the new firmware. Pure.

Four layers, the hardest word counts: tripwires halt at once; too many failed updates halt; more alert
episodes a device-hour than devices without the update halt; readings that moved halt. Where there is not
enough to compare the wave is held: no data is never a pass. `rate_test.py` holds the statistics.

A rate that is too high at the first look is a suspicion: the wave is soaked once more, and only what is seen
again in fresh data halts. A limit of p < 0.01 is passed by chance once in 200 judgements, twice in a row once
in 30,000; a rollout of five waves would otherwise halt for nothing once in fifty. What is not seen again is
held for people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from console.station.rollouts.rate_test import Exposure, p_value, rate_ratio
from models.records.device import JsonValue
from models.records.rollout import GateRules, WaveState

BAD_SHARE = 0.1
"""So much more of the time without a good value than the others is too much."""


@dataclass(frozen=True, slots=True)
class Shift:
    """How one quantity moved: means over the same length of time before and after the update.

    Attributes:
        updated_before, updated_after, control_before, control_after: In the quantity's unit; None where
            nothing good was read.
        frozen: Hardware ids of updated devices whose value did not move at all since, and did before.
        bad_before, bad_after: Share of the updated devices' readings without a good value.
        bad_control: The same share of the others, after.
    """

    quantity: str
    updated_before: float | None
    updated_after: float | None
    control_before: float | None
    control_after: float | None
    frozen: tuple[str, ...] = ()
    bad_before: float = 0.0
    bad_after: float = 0.0
    bad_control: float = 0.0

    @property
    def difference(self) -> float | None:
        """Difference in differences; None where one of the four is unknown."""
        if (
            self.updated_before is None
            or self.updated_after is None
            or self.control_before is None
            or self.control_after is None
        ):
            return None
        return (self.updated_after - self.updated_before) - (self.control_after - self.control_before)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known when a wave is judged.

    Attributes:
        tripped: One sentence each tripwire.
        tried, failed: Devices of the rollout whose update is over, and those of them that failed.
        updated, control: Alert episodes and device-hours of the updated devices since their update, and of
            devices of the same product that are not updated in the same time.
        is_own_past: No device is left to compare with: `control` is the updated devices' own time before.
        is_second_look: All of it is of the time since the rate was first too high.
    """

    tripped: Sequence[str]
    tried: int
    failed: int
    updated: Exposure
    control: Exposure
    is_own_past: bool
    shifts: Sequence[Shift] = ()
    is_second_look: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a wave, and everything it rests on, to be kept and drawn.

    Attributes:
        state: PASSED, HELD or FAILED.
        reason: One sentence or more, for people.
        looks_again: Held for no more than another soak.
        record: As `ota_waves.evidence` keeps it.
    """

    state: WaveState
    reason: str
    record: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    looks_again: bool = False


def tripwire(evidence: Evidence, rules: GateRules) -> str:
    """Return why the rollout must halt now, whatever the time; empty where nothing says so."""
    if evidence.tripped:
        return " ".join(evidence.tripped)
    return _failures(evidence, rules)


def judge(evidence: Evidence, rules: GateRules) -> Verdict:
    """Judge a wave at the end of its soak."""
    halts: list[str] = []
    holds: list[str] = []
    if wrong := tripwire(evidence, rules):
        halts.append(wrong)
    p, ratio = p_value(evidence.updated, evidence.control), rate_ratio(evidence.updated, evidence.control)
    least = rules.least_device_hours
    is_suspicious = False
    if evidence.updated.hours < least or evidence.control.hours < least:
        holds.append(
            f"There is too little to compare: {evidence.updated.hours:.1f} device-hours with the update and "
            f"{evidence.control.hours:.1f} without; {least:g} of each are asked for."
        )
    elif is_suspicious := p < rules.p_value and ratio >= rules.ratio:
        (halts if evidence.is_second_look else holds).append(_too_often(evidence, p, ratio))
    elif evidence.is_second_look:
        holds.append(
            "Alerts came too often at the first look and do not at the second; people have to decide."
        )
    for shift in evidence.shifts:
        _look_at(shift, rules, halts, holds)
    state = WaveState.FAILED if halts else WaveState.HELD if holds else WaveState.PASSED
    reason = " ".join(halts or holds) or "Nothing speaks against the update."
    looks_again = is_suspicious and not evidence.is_second_look and not halts
    if looks_again:
        reason += " The wave is watched once more before that is believed."
    return Verdict(state, reason, _record(evidence, rules, p, ratio, halts, holds), looks_again)


def _too_often(evidence: Evidence, p: float, ratio: float) -> str:
    times = "infinitely many" if ratio == float("inf") else f"{ratio:.1f}"
    return (
        f"Alerts came {times} times as often after the update: {evidence.updated.episodes} in "
        f"{evidence.updated.hours:.1f} device-hours against {evidence.control.episodes} in "
        f"{evidence.control.hours:.1f} (p = {p:.2g})."
    )


def _failures(evidence: Evidence, rules: GateRules) -> str:
    if evidence.tried < rules.failure_sample or not evidence.failed:
        return ""
    share = evidence.failed / evidence.tried
    if share <= rules.failure_share:
        return ""
    return (
        f"{evidence.failed} of {evidence.tried} updates failed, and {rules.failure_share:.0%} are the most "
        "that the plan allows."
    )


def _look_at(shift: Shift, rules: GateRules, halts: list[str], holds: list[str]) -> None:
    limit = rules.reading_limits.get(shift.quantity)
    moved = shift.difference
    if limit is not None and moved is None:
        holds.append(f"Nobody knows how {shift.quantity} moved: there are not enough good values.")
    elif limit is not None and moved is not None and abs(moved) > limit:
        halts.append(
            f"{shift.quantity} moved by {moved:+.3g} against the devices without the update; {limit:g} is "
            "allowed."
        )
    if shift.frozen:
        shown = ", ".join(shift.frozen[:3]) + (
            f" and {len(shift.frozen) - 3} more" if len(shift.frozen) > 3 else ""
        )
        halts.append(f"{shift.quantity} does not move any more at {shown}.")
    if shift.bad_after - max(shift.bad_before, shift.bad_control) > BAD_SHARE:
        halts.append(
            f"{shift.bad_after:.0%} of the values of {shift.quantity} are not good since the update, "
            f"{shift.bad_before:.0%} were not before."
        )


def _record(
    evidence: Evidence,
    rules: GateRules,
    p: float,
    ratio: float,
    halts: Sequence[str],
    holds: Sequence[str],
) -> Mapping[str, JsonValue]:
    shifts: list[JsonValue] = [
        {
            "quantity": shift.quantity,
            "updated_before": shift.updated_before,
            "updated_after": shift.updated_after,
            "control_before": shift.control_before,
            "control_after": shift.control_after,
            "difference": shift.difference,
            "limit": rules.reading_limits.get(shift.quantity),
            "frozen": list(shift.frozen),
            "bad_before": shift.bad_before,
            "bad_after": shift.bad_after,
            "bad_control": shift.bad_control,
        }
        for shift in evidence.shifts
    ]
    return {
        "tried": evidence.tried,
        "failed": evidence.failed,
        "failure_share": rules.failure_share,
        "updated": {"episodes": evidence.updated.episodes, "hours": evidence.updated.hours},
        "control": {"episodes": evidence.control.episodes, "hours": evidence.control.hours},
        "is_own_past": evidence.is_own_past,
        "is_second_look": evidence.is_second_look,
        "p": p,
        # JSON has no infinity: no episode at all to compare with.
        "ratio": ratio if ratio != float("inf") else None,
        "p_limit": rules.p_value,
        "ratio_limit": rules.ratio,
        "shifts": shifts,
        "halts": list(halts),
        "holds": list(holds),
    }
