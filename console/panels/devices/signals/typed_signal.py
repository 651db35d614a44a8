"""From what is typed about a signal to the signal that is meant, and back. Pure.

What is left empty has a meaning, so that the usual signal is a label and a unit.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from console.catalogue.typed_number import NotANumber, number_from_text, text_from_number
from models.metrics import METRIC_KEYS
from models.records.signal import LONGEST_KEY, Signal
from models.records.threshold import DEVICE_METRIC
from models.signal_checks import MOST_DECIMALS, signal_faults
from models.threshold_words import number_words

ANY_VALUE = (-1e9, 1e9)
"""Believed where no range is typed: nothing that a plant measures lies outside."""
USUAL_SPAN = (0.0, 100.0)
_USUAL_DECIMALS = 2
_TAKEN_ANYWAY = frozenset((*METRIC_KEYS, DEVICE_METRIC))
_LETTERS = str.maketrans({"ß": "ss", "ä": "ae", "ö": "oe", "ü": "ue"})
_STATE = re.compile(r"\s*([+-]?\d+)\s*[=:\t]\s*(.*\S)\s*")

Value = TypeVar("Value")
Pair = tuple[str, str]
"""A range as typed: from, to."""


@dataclass(frozen=True, slots=True)
class TypedSignal:
    """The fields as typed.

    Attributes:
        states: A line each: "0 = Off".
    """

    label: str = ""
    key: str = ""
    unit: str = ""
    decimals: str = ""
    plausible: Pair = ("", "")
    span: Pair = ("", "")
    states: str = ""


@dataclass(frozen=True, slots=True)
class MeantSignal:
    """What was typed, understood.

    Attributes:
        signal: As far as it can be read.
        faults: A sentence by field of `Signal`; empty = it can be stored.
    """

    signal: Signal
    faults: Mapping[str, str]


def typed_from_signal(signal: Signal) -> TypedSignal:
    """Return the fields of a signal as somebody would type them."""
    is_any = signal.plausible == ANY_VALUE and not signal.states
    low, high = ("", "") if is_any else map(text_from_number, signal.plausible)
    first, last = map(text_from_number, signal.span)
    return TypedSignal(
        signal.label,
        signal.key,
        signal.unit,
        str(signal.decimals),
        (low, high),
        (first, last),
        "\n".join(f"{value} = {name}" for value, name in signal.states),
    )


def meant_signal(
    typed: TypedSignal, known: Mapping[str, Signal], before: Signal | None = None
) -> MeantSignal:
    """Return what is meant, and what is wrong with it.

    Args:
        typed: The fields.
        known: The site's signals by key.
        before: The signal that is changed; None for a new one.
    """
    faults: dict[str, str] = {}
    states = _read(faults, "states", lambda: states_from_text(typed.states), ())
    usual_span = _span_of_states(states)
    plausible = _read(faults, "plausible", lambda: _range(typed.plausible), None)
    span = _read(faults, "span", lambda: _range(typed.span), None)
    believed = plausible or usual_span or ANY_VALUE
    usual = usual_span or (plausible if plausible not in (None, ANY_VALUE) else None) or USUAL_SPAN
    decimals = _read(
        faults, "decimals", lambda: _decimals(typed.decimals, 0 if states else _USUAL_DECIMALS), 0
    )
    key = typed.key.strip() if before is None else before.key
    meant = Signal(key, typed.label.strip(), typed.unit.strip(), decimals, believed, span or usual)
    meant = replace(meant, states=tuple(sorted(states)))
    if before is not None:
        meant = replace(meant, id=before.id, user_id=before.user_id)
    elif key in known:
        faults["key"] = f"There is a signal {key} already ({known[key].label}); choose another key."
    for fault in signal_faults(meant):
        faults.setdefault(fault.field, fault.sentence)
    return MeantSignal(meant, faults)


def key_from_label(label: str, known: Mapping[str, Signal]) -> str:
    """Return a key for a label that no other signal has: "Füllstand Tank 2" is `fuellstand_tank_2`."""
    plain = unicodedata.normalize("NFKD", label.casefold().translate(_LETTERS))
    words = re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode())
    key = "_".join(words)
    if key and not key[0].isalpha():
        key = f"s_{key}"
    key = key[:LONGEST_KEY].rstrip("_")
    number, free = 2, key
    while free and (free in known or free in _TAKEN_ANYWAY):
        tail = f"_{number}"
        free, number = f"{key[: LONGEST_KEY - len(tail)]}{tail}", number + 1
    return free


def states_from_text(text: str) -> tuple[tuple[int, str], ...]:
    """Return the names of values, in the order of the lines. Raises NotANumber naming the line."""
    found: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        match = _STATE.fullmatch(line)
        if match is None or len(match[1]) > len("+1000000000"):
            raise NotANumber(f"Line {number}: write a whole number and its name, as “1 = Running”.")
        found.append((int(match[1]), match[2]))
    return tuple(found)


def range_text(range_: tuple[float, float]) -> str:
    """Return a range in words: "0 to 120", "any value"."""
    if range_ == ANY_VALUE:
        return "any value"
    return " to ".join(map(number_words, range_))


def states_text(signal: Signal) -> str:
    """Return the names of values in a line: "0 = Off, 1 = Running"."""
    return ", ".join(f"{value} = {name}" for value, name in signal.states)


def _range(pair: Pair) -> tuple[float, float] | None:
    low, high = (text.strip() for text in pair)
    if not low and not high:
        return None
    if not low or not high:
        raise NotANumber("Type both ends of the range, or none.")
    return number_from_text(low), number_from_text(high)


def _decimals(text: str, usual: int) -> int:
    if not text.strip():
        return usual
    value = number_from_text(text)
    if value != int(value):
        raise NotANumber(f"Type a whole number, 0 to {MOST_DECIMALS}.")
    return int(value)


def _span_of_states(states: tuple[tuple[int, str], ...]) -> tuple[float, float] | None:
    values = [value for value, _ in states]
    return (float(min(values)), float(max(*values, min(values) + 1))) if values else None


def _read(faults: dict[str, str], field: str, read: Callable[[], Value], usual: Value) -> Value:
    """Return what a field says; what cannot be read counts as usual, and is told."""
    try:
        return read()
    except NotANumber as error:
        faults[field] = str(error)
        return usual
