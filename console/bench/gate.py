"""How often a rollout is stopped by its health gate, against what the statistics promise.

Fifty devices, episodes of alerts by chance (Poisson, 0.5 a device and look). *Stopped* is a wave whose first
look found too many alerts, so that nothing goes on; *halted* one where fresh data showed it again. The rest
of what was stopped waits for people: the station passes nothing that it once suspected.
"""

import random
from collections.abc import Iterator, Sequence

from console.bench.figure import Bench, BenchSize, Figure
from console.bench.gate_promise import by_chance, promised
from console.bench.gate_trial import Build, Ending, Trial
from models.records.rollout import GateRules, RolloutState

_DEVICES = 50
_WAVES = (1, 10, 25, 14)
_MEAN = 0.5
_RISE = 3.0
_SEED = 7
"""Every run of the bench sees the same chance; another one is another number here."""
_RULES = GateRules()


def _run(size: BenchSize) -> list[Figure]:
    runs = 100 if size.is_small else 2000
    dice = random.Random(_SEED)
    figures = [figure for updated in (3, 10, 25) for figure in _one_look(dice, runs, updated)]
    return [*figures, *_whole(dice, runs), *_tripwires(dice, min(runs, 200))]


def _trials(dice: random.Random, runs: int, build: Build, waves: Sequence[int], most: int) -> list[Ending]:
    return [Trial(dice, build, waves, _MEAN).run(most) for _ in range(runs)]


def _one_look(dice: random.Random, runs: int, updated: int) -> Iterator[Figure]:
    """Measure a threefold rise on so many of fifty devices, in one wave."""
    endings = _trials(dice, runs, Build(rise=_RISE), (updated, _DEVICES - updated), 1)
    promise = promised(updated, _DEVICES - updated, _MEAN, _RISE, _RULES)
    yield _as_promised(f"stopped_{updated}", sum(one.suspected for one in endings), runs, promise)
    # Fresh data know nothing of the first look, so both chances multiply.
    yield _as_promised(f"halted_{updated}", _count(endings, RolloutState.HALTED), runs, promise**2)


def _whole(dice: random.Random, runs: int) -> Iterator[Figure]:
    """Measure whole rollouts, of a build that is good and of one that triples the alerts of every device."""
    good = _trials(dice, runs, Build(), _WAVES, len(_WAVES))
    bad = _trials(dice, runs, Build(rise=_RISE), _WAVES, len(_WAVES))
    yield _none("good_halted", _count(good, RolloutState.HALTED), f"of {runs} rollouts")
    yield _told("good_looked_at_twice", sum(bool(one.suspected) for one in good) / runs)
    yield _told("bad_stopped", sum(bool(one.suspected) for one in bad) / runs)
    yield _told("bad_halted", _count(bad, RolloutState.HALTED) / runs)
    yield _told("bad_completed", _count(bad, RolloutState.COMPLETED) / runs)
    yield _none("passed_after_suspicion", sum(one.passed_all_the_same for one in (*good, *bad)), "waves")


def _tripwires(dice: random.Random, runs: int) -> Iterator[Figure]:
    critical = _trials(dice, runs, Build(is_critical=True), _WAVES, len(_WAVES))
    unseen = _trials(dice, runs, Build(is_watched=False), _WAVES, len(_WAVES))
    at_canary = sum(one.state is RolloutState.HALTED and one.updated == _WAVES[0] for one in critical)
    yield Figure(
        "gate.critical_halted", at_canary / runs, "share", 1.0, at_canary / runs, "1", at_canary == runs
    )
    yield _none("unseen_passed", sum(one.updated > _WAVES[0] for one in unseen), f"of {runs} rollouts")


def _count(endings: Sequence[Ending], state: RolloutState) -> int:
    return sum(one.state is state for one in endings)


def _as_promised(name: str, count: int, runs: int, promise: float) -> Figure:
    low, high = by_chance(runs, promise)
    share = count / runs
    return Figure(
        f"gate.{name}",
        share,
        "share",
        promise,
        share / promise,
        f"{low:.3f}–{high:.3f}, as promised",
        low <= share <= high,
    )


def _none(name: str, value: int, unit: str) -> Figure:
    return Figure(f"gate.{name}", value, unit, None, None, "0", met=not value)


def _told(name: str, value: float) -> Figure:
    return Figure(f"gate.{name}", value, "share", None, None, "for information", met=True)


BENCH = Bench("gate", "how often the health gate stops a bad rollout, and a good one", _run)
