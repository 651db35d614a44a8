"""Who agreed and what devices wait for, as command line and report say it. Pure."""

from collections import Counter
from collections.abc import Sequence

from models.records.rollout import Approval, Deployment, DeploymentStatus

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
