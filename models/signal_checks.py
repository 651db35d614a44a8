"""What a signal must be before it is stored, field by field: a form says it where it was typed. Pure.

The database holds the same; here each fault has a sentence of its own.
"""

import math
import re
from dataclasses import dataclass

from models.metrics import METRIC_KEYS
from models.records.signal import LONGEST_KEY, Signal
from models.records.threshold import DEVICE_METRIC

LONGEST_LABEL, LONGEST_UNIT, LONGEST_STATE = 100, 20, 40
MOST_DECIMALS, MOST_STATES = 6, 256
LARGEST_STATE = 2**53
"""Beyond, a value read as a number is no certain integer any more."""
_LARGEST = 1e30
_KEY = re.compile("[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class SignalFault:
    """What is wrong with one field of a signal.

    Attributes:
        field: An attribute of `Signal`.
        sentence: For whoever typed it.
    """

    field: str
    sentence: str


def signal_faults(signal: Signal) -> list[SignalFault]:
    """Return everything that is wrong with a signal, in the order of its fields; empty where nothing is."""
    found = (
        ("key", _of_key(signal.key)),
        ("label", _of_words(signal.label, "A signal's label", LONGEST_LABEL)),
        ("unit", _of_words(signal.unit, "A signal's unit", LONGEST_UNIT) if signal.unit else ""),
        (
            "decimals",
            ""
            if 0 <= signal.decimals <= MOST_DECIMALS
            else f"A signal is shown with 0 to {MOST_DECIMALS} decimals, not {signal.decimals}.",
        ),
        ("plausible", _of_range(signal.plausible, "The plausible range")),
        ("span", _of_range(signal.span, "The range shown")),
        ("states", _of_states(signal.states)),
    )
    return [SignalFault(field, sentence) for field, sentence in found if sentence]


def _of_key(key: str) -> str:
    if not _KEY.fullmatch(key) or len(key) > LONGEST_KEY:
        return (
            f"A signal's key has 1 to {LONGEST_KEY} lower-case letters, digits and underscores and begins "
            f"with a letter{f'; {key!r} does not' if key else ''}."
        )
    if key in METRIC_KEYS:
        return f"{key} is one of the six metrics; call the signal something else."
    return (
        f"{key} stands for the whole device; call the signal something else." if key == DEVICE_METRIC else ""
    )


def _of_words(words: str, what: str, longest: int) -> str:
    if not words.strip() or len(words) > longest or not words.isprintable():
        return f"{what} has 1 to {longest} printable characters."
    return ""


def _of_range(range_: tuple[float, float], what: str) -> str:
    low, high = range_
    if not (math.isfinite(low) and math.isfinite(high) and max(abs(low), abs(high)) <= _LARGEST):
        return f"{what} needs two finite numbers."
    return "" if low < high else f"{what} must begin below its end: {low:g} is not below {high:g}."


def _of_states(states: tuple[tuple[int, str], ...]) -> str:
    if len(states) > MOST_STATES:
        return f"A signal has names for at most {MOST_STATES} values."
    for value, name in states:
        if fault := _of_words(name, f"The name of the value {value}", LONGEST_STATE):
            return fault
    values = [value for value, _ in states]
    if any(abs(value) > LARGEST_STATE for value in values):
        return f"A value that has a name is at most {LARGEST_STATE}."
    if len(set(values)) < len(values):
        return f"The value {next(v for v in values if values.count(v) > 1)} has two names."
    names = [name.strip().casefold() for _, name in states]
    return "Two values have the same name." if len(set(names)) < len(names) else ""
