"""How a plan of a rollout is typed: windows and what idle means. Pure."""

import re

from console.catalogue.typed_number import NotANumber, number_from_text
from models.records.rollout import InstallWindow

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_IDLE = re.compile(r"\s*([A-Za-z][A-Za-z0-9_.-]*)\s*<\s*(.+)")


class NotTyped(ValueError):
    """The text means nothing that a plan knows; the sentence has an example."""


def window_from_text(typed: str) -> InstallWindow:
    """Return the window meant: "22:00-05:00", "mon-fri 22:00-05:00", "sat,sun 06:00-18:00".

    Raises:
        NotTyped: It is none.
    """
    days, _, times = typed.strip().casefold().rpartition(" ")
    opens, _, closes = times.partition("-")
    if not _TIME.fullmatch(opens) or not _TIME.fullmatch(closes):
        raise NotTyped(f"{typed!r} is no window; write 22:00-05:00, or mon-fri 22:00-05:00.")
    if opens.zfill(5) == closes.zfill(5):
        raise NotTyped(
            f"{typed!r} opens and closes at the same time; leave the window out to install at any."
        )
    return InstallWindow(_days(days, typed), opens.zfill(5), closes.zfill(5))


def idle_from_text(typed: str) -> tuple[str, float]:
    """Return a quantity and below what it must be: "rpm<5". Raises NotTyped."""
    found = _IDLE.fullmatch(typed)
    try:
        if found is not None:
            return found[1], number_from_text(found[2])
    except NotANumber as fault:
        raise NotTyped(f"{typed!r}: {fault}") from fault
    raise NotTyped(f"{typed!r} does not say when a device is idle; write a quantity and a limit, as rpm<5.")


def _days(typed: str, whole: str) -> tuple[int, ...]:
    if not typed.strip():
        return tuple(range(7))
    found: set[int] = set()
    for part in typed.replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        if first not in _DAYS or (dash and last not in _DAYS):
            raise NotTyped(f"{whole!r} names no days; write mon-fri, or sat,sun, before the times.")
        begin, end = _DAYS.index(first), _DAYS.index(last if dash else first)
        found.update(day % 7 for day in range(begin, end + 1 if begin <= end else end + 8))
    return tuple(sorted(found))
