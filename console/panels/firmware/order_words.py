"""What is said before something is asked of a rollout: consequence, verb, whether it needs a reason. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from console.bridge.rollout_commands import RolloutOrder
from console.catalogue.rollout_acts import Act
from console.catalogue.rollout_words import override_asked, settings_words, window_words
from console.panels.firmware.firmware_questions import RolloutNow
from console.panels.wording import count_text
from models.quantities import THE_SIX, Quantities
from models.records.device import DeviceId
from models.records.rollout import PlannedDevice, Rollout, WaveState

LABELS = {
    Act.SUBMIT: "Su&bmit for approval…",
    Act.APPROVE: "Appro&ve…",
    Act.SEND_BACK: "Send &back…",
    Act.START: "S&tart…",
    Act.RESUME: "&Resume…",
    Act.AGREE: "A&gree to going on…",
    Act.ASK_OVERRIDE: "Ask to &go on…",
    Act.SOAK_AGAIN: "&Watch for longer…",
    Act.PAUSE: "&Pause…",
    Act.HALT: "&Halt…",
    Act.EDIT: "&Edit plan…",
    Act.TAKE_BACK: "Ta&ke back…",
    Act.ABORT: "Give &up…",
}
TIPS = {
    Act.PAUSE: "No further device is begun until somebody resumes it.",
    Act.HALT: "No further device is begun; going on takes a reason and a second person.",
    Act.RESUME: "Devices are begun again.",
    Act.AGREE: "As the second person: it goes on.",
    Act.ASK_OVERRIDE: "A second person has to agree before it goes on.",
    Act.SOAK_AGAIN: "The wave that is held is watched once more, and judged again.",
    Act.EDIT: "Voids what was approved.",
    Act.TAKE_BACK: "Plans a rollout of another version for what this one changed.",
    Act.ABORT: "What has not begun never will.",
}
ORDERS = {
    Act.SUBMIT: RolloutOrder.SUBMIT,
    Act.APPROVE: RolloutOrder.APPROVE,
    Act.SEND_BACK: RolloutOrder.SEND_BACK,
    Act.START: RolloutOrder.START,
    Act.RESUME: RolloutOrder.RESUME,
    Act.AGREE: RolloutOrder.AGREE,
    Act.ASK_OVERRIDE: RolloutOrder.ASK_OVERRIDE,
    Act.SOAK_AGAIN: RolloutOrder.SOAK_AGAIN,
    Act.PAUSE: RolloutOrder.PAUSE,
    Act.HALT: RolloutOrder.HALT,
    Act.ABORT: RolloutOrder.ABORT,
}
_SAFE_END = "Devices in the middle of it still reach a safe end."


@dataclass(frozen=True, slots=True)
class Question:
    """What a dialog asks.

    Attributes:
        verb: What its button says.
        reason: Label of the reason; empty = none is asked for.
        needs_reason: Whether it may not be left empty.
        lines: What it is about, a line each; empty = nothing to list.
        said: What is said once it is done.
    """

    consequence: str
    verb: str
    said: str
    reason: str = ""
    needs_reason: bool = False
    lines: tuple[str, ...] = ()


def question_of(
    act: Act, now: RolloutNow, name_of: Callable[[DeviceId], str], quantities: Quantities = THE_SIX
) -> Question:
    """Return what is asked before an act."""
    one = now.rollout
    name, size = f"“{one.name}”", plan_size(one)
    match act:
        case Act.SUBMIT:
            return Question(
                f"A second person is asked to approve {name}: {one.version} for {size}. Whoever changes the "
                "plan afterwards voids the approval.",
                "Submit for approval",
                f"{name} waits for the approval of a second person.",
            )
        case Act.APPROVE:
            return Question(
                f"You agree that {name} of {one.creator or 'its planner'} brings {one.version} to {size}, "
                "exactly as listed here. Whoever may plan for these devices can start it then.",
                "Approve this plan",
                f"{name} is approved; it has not started.",
                "&Remark",
                lines=plan_lines(one, name_of, quantities),
            )
        case Act.SEND_BACK:
            return Question(
                f"{name} goes back to {one.creator or 'its planner'} as a draft, with your reason.",
                "Send back",
                f"{name} is a draft again.",
                "&What has to be changed",
                needs_reason=True,
            )
        case Act.START:
            first = sum(device.wave == 0 for device in one.plan.devices)
            return Question(
                f"{name} begins now: {count_text(first, 'device')} of the first wave "
                f"{'is' if first == 1 else 'are'} updated to {one.version} and restarted "
                f"({window_words(one.plan.settings.window)}). The other waves follow by themselves as long "
                "as nothing speaks against it.",
                "Start",
                f"{name} has started.",
            )
        case Act.RESUME:
            return Question(f"{name} goes on: devices are begun again.", "Resume", f"{name} goes on.")
        case Act.PAUSE:
            return Question(
                f"No further device of {name} is begun until somebody resumes it. {_SAFE_END}",
                "Pause",
                f"{name} is paused.",
                "&Why",
            )
        case Act.HALT:
            return Question(
                f"No further device of {name} is begun, and going on takes a reason and a second person. "
                f"{_SAFE_END}",
                "Halt",
                f"{name} is halted.",
                "&Why",
                needs_reason=True,
            )
        case Act.ASK_OVERRIDE:
            return Question(
                f"You ask to go on with {name} although: {_standstill(now)} Nothing happens until a second "
                "person agrees.",
                "Ask to go on",
                "It goes on once a second person agrees.",
                "&Why it may go on",
                needs_reason=True,
            )
        case Act.AGREE:
            asked = override_asked(one.approvals)
            who, why = (asked.person or "somebody", asked.reason) if asked else ("somebody", "")
            return Question(
                f"{name} goes on, although: {_standstill(now)} {who} asked for it because: {why}",
                "Agree: go on",
                f"{name} goes on.",
            )
        case Act.SOAK_AGAIN:
            return Question(
                f"The held wave of {name} is watched for once more its time, and then judged again.",
                "Watch for longer",
                "The wave is being watched.",
            )
        case Act.ABORT:
            waiting = sum(device.outcome is None for device in now.deployments)
            left = f" {count_text(waiting, 'device')} will not be updated by it." if now.waves else ""
            return Question(
                f"{name} is given up for good.{left} Devices that have the update keep it.",
                "Give up",
                f"{name} is given up.",
                "&Why",
                needs_reason=True,
            )
        case Act.EDIT | Act.TAKE_BACK:
            raise ValueError(f"{act} asks in its own dialog")


def plan_size(rollout: Rollout) -> str:
    """Return how many devices a plan has: "48 devices in 4 waves"."""
    waves = {one.wave for one in rollout.plan.devices if one.wave is not None}
    devices = sum(one.wave is not None for one in rollout.plan.devices)
    return f"{count_text(devices, 'device')} in {count_text(len(waves), 'wave')}"


def plan_lines(
    rollout: Rollout, name_of: Callable[[DeviceId], str], quantities: Quantities = THE_SIX
) -> tuple[str, ...]:
    """Return a plan as lines: how it goes about it, then every device with its wave or why it is out."""
    settings = [f"{label}: {value}" for label, value in settings_words(rollout.plan.settings, quantities)]
    return (*settings, "", *(device_line(one, name_of) for one in _by_wave(rollout.plan.devices)))


def device_line(one: PlannedDevice, name_of: Callable[[DeviceId], str]) -> str:
    """Return one device of a plan: "Wave 1: Drive 7, canary of drive-a, hardware A1"."""
    if one.wave is None:
        return f"Out: {name_of(one.device)}, {one.reason}"
    reason = f", {one.reason}" if one.is_canary else ""
    return f"Wave {one.wave + 1}: {name_of(one.device)}{reason}"


def _by_wave(devices: Sequence[PlannedDevice]) -> list[PlannedDevice]:
    last = 1 + max((one.wave for one in devices if one.wave is not None), default=0)
    return sorted(devices, key=lambda one: last if one.wave is None else one.wave)


def _standstill(now: RolloutNow) -> str:
    """Return why it does not go on, as a sentence."""
    reasons = [
        wave.reason for wave in now.waves if wave.state in (WaveState.HELD, WaveState.FAILED) and wave.reason
    ]
    words = now.rollout.reason or " ".join(reasons) or "nobody said why it stands still"
    return words if words.endswith((".", "!", "?")) else f"{words}."
