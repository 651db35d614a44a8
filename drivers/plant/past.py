"""The demonstration plant's past: what its sensors would have measured before the plant was started.

The same signals as live ones, with upsets drawn from the plan's seed: each machine fails about three times a
day, and one has a loose contact for a while. Pure: the same plan and length give the same past.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from drivers.plant.plan import Machine, PlantPlan
from drivers.plant.signals import Signals
from drivers.plant.upsets import Array, Upset, UpsetBoard

_BEGINS_S = 200_000.0
"""Plant time of the first sample: every machine has run for days, and a bearing fails now and then."""
_UPSETS_A_DAY = 3.0
_SHORTEST_S, _LONGEST_S = 180.0, 1500.0
_LOOSE_FOR_S, _LOOSE_ON_S = 2400.0, 30.0
_STREAM = 4  # of the generator; `signals` uses 1 to 3

_NEEDS = (
    (Upset.OVERHEAT, "temperature"),
    (Upset.WORN, "vibration"),
    (Upset.LEAK, "pressure"),
    (Upset.STOPPED, "rpm"),
    (Upset.DAMP, "humidity"),
)


@dataclass(frozen=True, slots=True)
class _Spell:
    """One upset of one machine, in seconds since the past begins."""

    row: int
    upset: Upset
    begins_s: float
    ends_s: float


def past_values(plan: PlantPlan, length_s: float, step_s: float) -> Iterator[tuple[float, Array]]:
    """Yield (seconds since the past begins, values) from 0 to `length_s` in steps.

    Values are float64 of shape (machines, 6), columns as in METRIC_KEYS, in the metrics' units; NaN where a
    machine does not measure a metric.
    """
    signals = Signals(plan)
    board = UpsetBoard.healthy(len(plan.machines))
    spells = sorted(_spells(plan, length_s), key=lambda spell: spell.begins_s)
    running: list[_Spell] = []
    for number in range(int(length_s / step_s)):
        at_s = number * step_s
        for spell in [spell for spell in running if spell.ends_s <= at_s]:
            board.end(spell.row, _BEGINS_S + at_s, plan.machines[spell.row].kind.warm_up_s)
            running.remove(spell)
        while spells and spells[0].begins_s <= at_s:
            spell = spells.pop(0)
            board.begin(spell.row, spell.upset, _BEGINS_S + at_s)
            running.append(spell)
        yield at_s, signals.sample(_BEGINS_S + at_s, board)


def _spells(plan: PlantPlan, length_s: float) -> list[_Spell]:
    """Return the upsets of the whole past; those of one machine never overlap."""
    spells: list[_Spell] = []
    for machine in plan.machines:
        draw = np.random.Generator(np.random.Philox(key=plan.seed, counter=[0, 0, _STREAM, machine.row]))
        at_s = draw.exponential(86_400.0 / _UPSETS_A_DAY)
        while at_s < length_s:
            lasts_s = draw.uniform(_SHORTEST_S, _LONGEST_S)
            possible = _possible(machine)
            upset = possible[int(draw.integers(len(possible)))]
            spells.append(_Spell(machine.row, upset, at_s, at_s + lasts_s))
            at_s += lasts_s + draw.exponential(86_400.0 / _UPSETS_A_DAY)
    loose = _loose_contact(plan, length_s)
    its_rows = {spell.row for spell in loose}
    return [*loose, *(spell for spell in spells if spell.row not in its_rows)]


def _possible(machine: Machine) -> list[Upset]:
    return [upset for upset, metric in _NEEDS if metric in machine.kind.shapes] or [Upset.NONE]


def _loose_contact(plan: PlantPlan, length_s: float) -> list[_Spell]:
    """Return a pressure that drops out every minute for a while, on the first machine that measures one."""
    machine = next((each for each in plan.machines if "pressure" in each.kind.shapes), None)
    if machine is None or length_s < 4 * _LOOSE_FOR_S:
        return []
    begins_s = length_s - 3 * _LOOSE_FOR_S
    return [
        _Spell(machine.row, Upset.LEAK, at_s, at_s + _LOOSE_ON_S)
        for at_s in np.arange(begins_s, begins_s + _LOOSE_FOR_S, 2 * _LOOSE_ON_S).tolist()
    ]
