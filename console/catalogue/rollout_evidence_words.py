"""What a wave was judged by and what devices wait for, in words: for command line and report. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import cast

from models.records.device import JsonValue
from models.records.rollout import Approval, Deployment, DeploymentStatus, Wave

_URGENCY = (
    *(DeploymentStatus.FAILED, DeploymentStatus.IN_PROGRESS),
    *(DeploymentStatus.PENDING, DeploymentStatus.COMPLETED),
)
_DONE_BY = {
    "plan": "approved the plan",
    "override asked": "asked to go on",
    "override agreed": "agreed to going on",
}


def failures_first(deployments: Sequence[Deployment]) -> list[Deployment]:
    """Return failures, then what is under way, what waits, what is done; each in the order given."""
    return sorted(deployments, key=lambda one: _URGENCY.index(one.status))


def approved_words(approval: Approval) -> str:
    """Return who said yes to what, and why: "Anna approved the plan: tested in hall B"."""
    words = f"{approval.person or 'somebody'} {_DONE_BY.get(approval.kind, approval.kind)}"
    return f"{words}: {approval.reason}" if approval.reason else words


def waits_in(deployments: Sequence[Deployment]) -> list[str]:
    """Return a line for each thing that devices wait for, the most frequent first."""
    counts = Counter(one.waits_for for one in deployments if one.waits_for)
    return [
        f"1 device waits for {what}." if count == 1 else f"{count:,} devices wait for {what}."
        for what, count in counts.most_common()
    ]


def evidence_lines(wave: Wave) -> list[str]:
    """Return what a wave was judged by, a line each; none where it was not judged yet."""
    record = wave.evidence
    if "tried" not in record:
        return []
    updated, control = _counts(record.get("updated")), _counts(record.get("control"))
    ratio = record.get("ratio")
    times = "infinitely many times" if ratio is None else f"{_number(ratio):.2g} times"
    others = "of the same devices before" if record.get("is_own_past") else "of devices without it"
    return [
        f"Updates: {record.get('failed')} of {record.get('tried')} failed; "
        f"{_number(record.get('failure_share')):.0%} may.",
        f"Alerts: {updated[0]:.0f} in {updated[1]:.1f} device-hours with the update, {control[0]:.0f} in "
        f"{control[1]:.1f} {others}: {times} as often, p = {_number(record.get('p')):.2g}; "
        f"{_number(record.get('ratio_limit')):g} times with p < {_number(record.get('p_limit')):g} halts.",
        *(
            ["This was a second look, at what came since the first alone."]
            if record.get("is_second_look")
            else []
        ),
        *map(_moved, _list(record.get("shifts"))),
    ]


def _moved(value: JsonValue) -> str:
    shift = cast("Mapping[str, JsonValue]", value)
    moved, limit = shift.get("difference"), shift.get("limit")
    how = "nobody knows how it moved" if moved is None else f"moved by {_number(moved):+.3g}"
    allowed = "" if limit is None else f", {_number(limit):g} is allowed"
    frozen = ", ".join(map(str, _list(shift.get("frozen"))))
    still = f"; it does not move any more at {frozen}" if frozen else ""
    return (
        f"{shift.get('quantity')}: {how} against the others{allowed}; {_number(shift.get('bad_after')):.0%} "
        f"of its values are not good, {_number(shift.get('bad_before')):.0%} were not before{still}."
    )


def _counts(value: JsonValue) -> tuple[float, float]:
    known = value if isinstance(value, dict) else {}
    return _number(known.get("episodes")), _number(known.get("hours"))


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _number(value: JsonValue) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
