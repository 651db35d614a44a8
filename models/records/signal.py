"""A signal: a quantity that a site adds to the six metrics, with its unit and range, and no new column."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NewType

import msgspec

SignalId = NewType("SignalId", int)
"""`signals.id`, the database's own number."""

LONGEST_KEY = 40
MOST_SIGNALS = 1000


@dataclass(frozen=True, slots=True)
class Signal:
    """A quantity of this site: flow, level, current, a counter, a state with names.

    Its first six attributes are those of `models.metrics.Metric`, so that whoever shows or judges a quantity
    need not know which of the two it is.

    Attributes:
        key: The word in files, tags and thresholds: lower-case letters, digits and underscores, begins with
            a letter; none of the six metrics'.
        label: What people see.
        unit: Shown beside every value; may be empty.
        decimals: Digits after the point when shown, 0 to 6.
        plausible: Values outside (inclusive bounds, in `unit`) are judged a sensor's mistake: quality BAD.
        span: The range a bar or an empty chart shows where nothing else is known, in `unit`.
        id: 0 before it is stored.
        states: Names of whole values, by value, ascending: a state with names; empty for a measurement.
        user_id: Who added it (`users.id`).
    """

    key: str
    label: str
    unit: str
    decimals: int
    plausible: tuple[float, float]
    span: tuple[float, float]
    id: SignalId = SignalId(0)
    states: tuple[tuple[int, str], ...] = ()
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class SignalUses:
    """What refers to a signal, as far as a person may see it.

    Attributes:
        devices: Names of the devices that have a tag or a limit for it, by name.
        limits: How many limits there are on it, those out of service too.
    """

    devices: tuple[str, ...] = ()
    limits: int = 0


class SignalSample(msgspec.Struct, frozen=True, gc=False):
    """One value of one signal as a reading carries it.

    Attributes:
        value: None where there was no good value.
    """

    signal: SignalId
    value: float | None


def state_name(states: Iterable[tuple[int, str]], value: float | None) -> str:
    """Return the name of a value among named states; empty where it has none."""
    return next((name for number, name in states if number == value), "")
