"""How rollouts, waves and updates read: one place, so that screens and command line say it alike. Pure."""

from collections.abc import Sequence

from models.quantities import THE_SIX, Quantities
from models.records.rollout import (
    Approval,
    Deployment,
    InstallWindow,
    Outcome,
    PlanSettings,
    RolloutHead,
    RolloutState,
    Step,
    WaveState,
)
from models.threshold_words import amount_words, metric_label

ROLLOUT_WORDS = {
    RolloutState.DRAFT: "draft",
    RolloutState.AWAITING_APPROVAL: "needs approval",
    RolloutState.APPROVED: "approved, not started",
    RolloutState.RUNNING: "running",
    RolloutState.PAUSED: "paused",
    RolloutState.HALTED: "halted",
    RolloutState.COMPLETED: "completed",
    RolloutState.COMPLETED_WITH_FAILURES: "completed with failures",
    RolloutState.ABORTED: "given up",
}

WAVE_WORDS = {
    WaveState.PLANNED: "not begun",
    WaveState.DEPLOYING: "updating",
    WaveState.SETTLING: "settling",
    WaveState.SOAKING: "being watched",
    WaveState.JUDGING: "being judged",
    WaveState.PASSED: "passed",
    WaveState.HELD: "held: somebody has to decide",
    WaveState.FAILED: "failed",
}

STEP_WORDS = {
    Step.QUEUED: "waits for its turn",
    Step.PREFLIGHT: "checking the device",
    Step.STAGING: "fetching the image",
    Step.PREPARING: "preparing the device",
    Step.TRANSFERRING: "sending",
    Step.INSTALLING: "installing",
    Step.REBOOTING: "restarting",
    Step.VERIFYING: "verifying",
    Step.CONFIRMING: "confirming",
    Step.DONE: "done",
    Step.RETRY: "waits for another try",
    Step.ROLLED_BACK: "went back by itself",
    Step.FAILED: "failed",
    Step.NEEDS_PERSON: "needs a person",
}

OUTCOME_WORDS = {
    Outcome.UPDATED: "updated",
    Outcome.ALREADY: "up to date already",
    Outcome.ROLLED_BACK: "went back by itself",
    Outcome.FAILED: "failed",
    Outcome.TIMED_OUT: "timed out",
    Outcome.REFUSED: "refused by the device",
    Outcome.NEEDS_PERSON: "needs a person",
    Outcome.NOT_BEGUN: "not begun",
}

EVENT_WORDS = {
    "planned": "planned",
    "plan changed": "changed the plan",
    "submitted": "asked for approval",
    "approved": "approved",
    "returned": "sent back",
    "started": "started",
    "paused": "paused",
    "resumed": "resumed",
    "halted": "halted",
    "override asked": "asked to go on",
    "override agreed": "agreed to going on",
    "watched for longer": "had it watched for longer",
    "aborted": "gave up",
}
"""What persons did; what a station did is told in its own words."""

FEW_DEVICES = (
    "With few devices statistics find little: with 3 canaries a threefold rise of alerts is found in 25 % "
    "of cases, with 10 devices in 68 %, with 25 in 86 %. Critical alerts, silence and failures halt at once."
)

_URGENCY = (
    RolloutState.HALTED,
    RolloutState.AWAITING_APPROVAL,
    RolloutState.RUNNING,
    RolloutState.PAUSED,
    RolloutState.APPROVED,
    RolloutState.DRAFT,
)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def state_words(head: RolloutHead) -> str:
    """Return where a rollout stands, as lists say it."""
    return "held: somebody has to decide" if is_held(head) else ROLLOUT_WORDS[head.state]


def is_held(head: RolloutHead) -> bool:
    """Tell whether a rollout goes on only once somebody decides about a wave."""
    return head.is_held and head.state is RolloutState.RUNNING


def worst_first(heads: Sequence[RolloutHead]) -> list[RolloutHead]:
    """Return what needs somebody first, then what is under way, then what is over; each the newest first."""

    def place(head: RolloutHead) -> tuple[int, int]:
        if is_held(head):
            return 0, -head.id
        # Whatever is over stands together, in the order in which it was planned.
        return (_URGENCY.index(head.state) if head.state in _URGENCY else len(_URGENCY)), -head.id

    return sorted(heads, key=place)


def progress_words(head: RolloutHead) -> str:
    """Return how far a rollout has come: "12 of 50, 1 failed"."""
    if head.state in (RolloutState.DRAFT, RolloutState.AWAITING_APPROVAL, RolloutState.APPROVED):
        return f"{head.devices:,} device{'' if head.devices == 1 else 's'}"
    failed = f", {head.failed:,} failed" if head.failed else ""
    return f"{head.done:,} of {head.devices:,}{failed}"


def deployment_words(deployment: Deployment) -> str:
    """Return in one clause where a device stands: what it waits for, what is done to it, what came of it."""
    one = deployment
    if one.outcome is not None:
        words = OUTCOME_WORDS[one.outcome]
        return f"{words}: {one.error}" if one.error else words
    if one.waits_for:
        return f"waits for {one.waits_for}"
    words = STEP_WORDS[one.step]
    if one.step is Step.TRANSFERRING:
        words = f"{words}, {one.progress_percent} %"
    if one.step is Step.RETRY and one.error:
        words = f"{words}: {one.error}"
    return f"{words} (try {one.attempt})" if one.attempt > 1 else words


def wave_title(place: int, *, has_canaries: bool) -> str:
    """Return what a wave is called."""
    return f"Wave {place + 1}: canaries" if has_canaries and not place else f"Wave {place + 1}"


def approval_words(approvals: Sequence[Approval]) -> str:
    """Return who approved a plan; empty where nobody has."""
    return ", ".join(each.person or "somebody" for each in approvals if each.kind == "plan")


def override_asked(approvals: Sequence[Approval]) -> Approval | None:
    """Return the request to go on that waits for a second person."""
    return next((each for each in approvals if each.kind == "override asked"), None)


def window_words(window: InstallWindow | None) -> str:
    """Return when devices may be installed: "Mon to Fri, 22:00 to 05:00"."""
    if window is None:
        return "at any time"
    days = sorted(set(window.weekdays))
    if len(days) == 7:
        on = "every day"
    elif len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        on = f"{_DAYS[days[0]]} to {_DAYS[days[-1]]}"
    else:
        on = ", ".join(_DAYS[day] for day in days)
    return f"{on}, {window.opens} to {window.closes}"


def settings_words(settings: PlanSettings, quantities: Quantities = THE_SIX) -> list[tuple[str, str]]:
    """Return how a rollout goes about it, a name and a value each.

    Args:
        settings: Of its plan.
        quantities: What the site measures: people know labels and units, not keys.
    """
    gate = settings.gate
    idle = settings.idle_quantity
    while_below = (
        f"{metric_label(idle, quantities)} is below {amount_words(idle, settings.idle_below, quantities)}"
        if idle
        else "no condition"
    )
    moved = "; ".join(
        f"{metric_label(key, quantities)} moved by {amount_words(key, limit, quantities)}"
        for key, limit in gate.reading_limits.items()
    )
    early = ", bytes may be sent before" if settings.window and settings.is_transfer_early else ""
    return [
        (
            "Waves",
            f"{settings.canaries} of each kind first, then " + (", ".join(settings.wave_sizes) or "all"),
        ),
        ("At once", f"{settings.concurrency} devices"),
        ("Of one location", f"{settings.budget} away at once" if settings.budget else "as many as there are"),
        ("Watched", f"{minutes_words(settings.soak_s)} after each wave"),
        ("Further tries", f"{settings.retries}, the first after {minutes_words(settings.retry_s)}"),
        ("Install", window_words(settings.window) + early),
        ("Only while", while_below),
        ("Critical alert", "waits until it is over" if settings.waits_for_critical else "does not wait"),
        (
            "Halts",
            f"above {100 * gate.failure_share:.0f} % failed (from {gate.failure_sample} on); alerts "
            f"{gate.ratio:g} times as often with p below {gate.p_value:g}" + (f"; {moved}" if moved else ""),
        ),
        ("Compares", f"from {gate.least_device_hours:g} device-hours on; with less the wave is held"),
    ]


def minutes_words(seconds: float) -> str:
    """Return a length that somebody chose: "45 s", "15 min", "1 h 30 min"."""
    whole = round(seconds)
    parts = ((whole // 3600, "h"), (whole % 3600 // 60, "min"), (whole % 60, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"
