"""The rule that turns what a poll brought into a device's status. Pure.

answered, all values good                   online
answered, some values without good quality  online, with a detail that names them
answered, no value of good quality          error, with a detail that names them
whatever was answered: alerts that cannot be judged are named at the end of the detail
nobody answered (LineLost)                  offline, with the driver's sentence
anything that waits for a person, was refused, or is a mistake of ours      error, with its sentence
"""

from collections.abc import Sequence

from drivers.errors import LineLost
from models.records.device import DeviceStatus

_NAMED_AT_MOST = 3


def status_from_answer(
    tag_count: int, faults: Sequence[str], notes: Sequence[str] = ()
) -> tuple[DeviceStatus, str]:
    """Return status and detail of a device that answered.

    Args:
        tag_count: How many values were asked for, at least 1.
        faults: One clause a value without good quality.
        notes: One sentence an alert that cannot be judged.
    """
    status, detail = _status_from_faults(tag_count, faults)
    return status, " ".join([*([detail] if detail else ()), *_few(notes)])


def _few(notes: Sequence[str]) -> list[str]:
    more = len(notes) - _NAMED_AT_MOST
    return [*notes[:_NAMED_AT_MOST], *([f"And {more} more."] if more > 0 else ())]


def _status_from_faults(tag_count: int, faults: Sequence[str]) -> tuple[DeviceStatus, str]:
    if not faults:
        return DeviceStatus.ONLINE, ""
    named = _named(faults)
    if len(faults) >= tag_count:
        return DeviceStatus.ERROR, f"Answers, but without a usable value: {named}."
    verb = "is" if len(faults) == 1 else "are"
    return DeviceStatus.ONLINE, f"{len(faults)} of {tag_count} values {verb} not usable: {named}."


def _named(faults: Sequence[str]) -> str:
    """Return the first values by what is wrong with them: what six have in common is said once."""
    by_reason: dict[str, list[str]] = {}
    for fault in faults:
        name, _, reason = fault.partition(" (")
        by_reason.setdefault(reason, []).append(name)
    parts: list[str] = []
    for reason, names in list(by_reason.items())[:_NAMED_AT_MOST]:
        more = len(names) - _NAMED_AT_MOST
        said = ", ".join(names[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
        parts.append(f"{said} ({reason}" if reason else said)
    rest = sum(len(names) for names in list(by_reason.values())[_NAMED_AT_MOST:])
    return "; ".join(parts) + (f"; and {rest} more" if rest else "")


def status_from_failure(error: Exception) -> tuple[DeviceStatus, str]:
    """Return status and detail of a device whose poll failed as a whole."""
    status = DeviceStatus.OFFLINE if isinstance(error, LineLost) else DeviceStatus.ERROR
    return status, str(error) or "The device could not be read; see the station's log."
