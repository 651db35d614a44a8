"""What a bench reports, and the contract of one."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """One measured figure; printed as one line of JSON.

    Attributes:
        name: "bench.figure", e.g. "ingest.rows_per_s".
        value: As measured in this run.
        unit: Of `value` and `baseline`.
        baseline: The comparison, measured in this run as well; None where the target is absolute.
        ratio: value / baseline; None without one.
        target: In words, e.g. "≥ 0.5 × COPY".
        met: Whether the target was reached in this run.
    """

    name: str
    value: float
    unit: str
    baseline: float | None
    ratio: float | None
    target: str
    met: bool


@dataclass(frozen=True, slots=True)
class BenchSize:
    """How much to measure.

    Attributes:
        is_small: Keeps a run below 20 s: for correctness, not for figures.
        days: Days of readings to load first, for a bench that `takes_days`; None for its own choice.
        only: One part of a bench that `takes_only`, by name; empty for all.
    """

    is_small: bool
    days: int | None = None
    only: str = ""


@dataclass(frozen=True, slots=True)
class Bench:
    """One entry of `main.py bench`."""

    name: str
    summary: str
    run: Callable[[BenchSize], list[Figure]]
    takes_days: bool = False
    takes_only: tuple[str, ...] = ()
