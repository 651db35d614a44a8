"""What is typed into a plan, read: figures with their ranges, waves, limits of values. Pure."""

import re
from collections.abc import Mapping

from console.catalogue.rollout_plan import ImpossiblePlan, wave_sizes
from console.catalogue.rollout_typed import NotTyped
from console.catalogue.typed_number import NotANumber, number_from_text
from models.quantities import Quantities

_LIMIT = re.compile(r"\s*([A-Za-z][A-Za-z0-9_.-]*)\s+(\S.*)")


def sizes_from_text(typed: str) -> tuple[str, ...]:
    """Return the sizes of waves meant: "10 %, 30 %, 100 %". Raises NotTyped."""
    sizes = tuple(part.strip() for part in re.split(r"[,;]", typed) if part.strip())
    try:
        wave_sizes(sizes, 1, 1)
    except ImpossiblePlan as fault:
        raise NotTyped(str(fault)) from fault
    return sizes


def number_between(typed: str, low: float, high: float, unit: str = "") -> float:
    """Return a figure of a plan. Raises NotTyped with its range."""
    within = f"{low:g} to {high:g}{' ' if unit else ''}{unit}"
    try:
        value = number_from_text(typed)
    except NotANumber as fault:
        raise NotTyped(f"{fault} Write {within}.") from fault
    if not low <= value <= high:
        raise NotTyped(f"{typed.strip()} is outside of {within}.")
    return value


def limits_from_text(typed: str, quantities: Quantities) -> Mapping[str, float]:
    """Return by quantity how far it may move: "temperature 2; vibration 0.5". Raises NotTyped."""
    found: dict[str, float] = {}
    for part in filter(str.strip, re.split(r"[;\n]", typed)):
        match = _LIMIT.fullmatch(part)
        if match is None:
            raise NotTyped(
                f"{part.strip()!r} names no quantity with a limit; write temperature 2; vibration 0.5."
            )
        key = match[1]
        if quantities.find(key) is None:
            known = ", ".join(one.key for one in quantities.all[:8])
            raise NotTyped(f"Nothing measured here is called {key!r}; there are {known}.")
        found[key] = number_between(match[2], 0.0, 1e9)
    return found


def text_from_limits(limits: Mapping[str, float]) -> str:
    """Return limits as they are typed."""
    return "; ".join(f"{key} {limit:g}" for key, limit in limits.items())
