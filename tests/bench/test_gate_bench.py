"""The gate's bench, small: it measures the station's own gate, and its promise is the textbook's."""

import random
from dataclasses import replace

import pytest

from console.bench import gate
from console.bench.figure import BenchSize
from console.bench.gate_promise import by_chance, promised
from console.bench.gate_trial import Build, Ending, Trial
from console.station.rollouts import conducting
from console.station.rollouts.gate import judge
from models.records.rollout import GateRules, WaveState


def figures():
    return {figure.name: figure for figure in gate.BENCH.run(BenchSize(is_small=True))}


def test_a_bad_build_is_stopped_as_often_as_the_statistics_promise_and_a_good_one_never() -> None:
    found = figures()
    assert {f"gate.{what}_{updated}" for what in ("stopped", "halted") for updated in (3, 10, 25)} < set(
        found
    )
    assert [name for name, figure in found.items() if not figure.met] == []


def endings(build: Build, waves: tuple[int, ...], most: int) -> list[Ending]:
    dice = random.Random(3)
    return [Trial(dice, build, waves, 0.5).run(most) for _ in range(60)]


def test_a_gate_that_believes_less_does_not_keep_the_promise(monkeypatch) -> None:
    def hesitant(evidence, rules):
        return judge(evidence, replace(rules, p_value=rules.p_value / 20))

    low, _ = by_chance(60, promised(10, 40, 0.5, 3.0, GateRules()))
    assert sum(one.suspected for one in endings(Build(rise=3.0), (10, 40), 1)) / 60 >= low
    monkeypatch.setattr(conducting, "judge", hesitant)
    assert sum(one.suspected for one in endings(Build(rise=3.0), (10, 40), 1)) / 60 < low


def test_a_gate_that_passes_what_it_does_not_see_is_found_out(monkeypatch) -> None:
    def careless(evidence, rules):
        verdict = judge(evidence, rules)
        return replace(verdict, state=WaveState.PASSED) if verdict.state is WaveState.HELD else verdict

    monkeypatch.setattr(conducting, "judge", careless)
    assert all(one.updated == 10 for one in endings(Build(is_watched=False), (1, 9), 2))
    assert any(one.passed_all_the_same for one in endings(Build(rise=3.0), (10, 40), 1))


@pytest.mark.parametrize(("updated", "about"), [(3, 0.25), (10, 0.68), (25, 0.86)])
def test_the_promise_is_what_the_screen_says(updated: int, about: float) -> None:
    assert promised(updated, 50 - updated, 0.5, 3.0, GateRules()) == pytest.approx(about, abs=0.03)


def test_what_lies_within_chance() -> None:
    # 10 throws of a fair coin: 0 and 10 heads come once in 1,024, each tail is allowed one in 2,000.
    assert by_chance(10, 0.5) == (0.0, 1.0)
    # 20 throws: 3 or fewer come in 0.13 %, 2 or fewer in 0.02 %.
    assert by_chance(20, 0.5) == (3 / 20, 17 / 20)
