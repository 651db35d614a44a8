"""Devices that break the protocol in every way while their neighbours keep it."""

import itertools
import time

from console.bench.faults_figures import at_most, told
from console.bench.faults_judgement import judged
from console.bench.faults_scene import Scene
from console.bench.faults_site import PERIOD_S, fault_site
from console.bench.faults_witness import Witnessed
from console.bench.figure import Figure
from drivers.plant.faults import FAULTS, FaultKind

_KINDS = (
    FaultKind.SILENT,
    FaultKind.SLOW,
    FaultKind.EXCEPTION,
    FaultKind.GARBAGE,
    FaultKind.WRONG_FUNCTION,
    FaultKind.WRONG_UNIT,
    FaultKind.WRONG_COUNT,
    FaultKind.WRONG_TRANSACTION,
    FaultKind.SHORT,
    FaultKind.DRIP,
    FaultKind.FLOOD,
    FaultKind.RESET,
    FaultKind.NAN,
    FaultKind.INFINITY,
)
_GOOD = 4
_EXCEPTION = 4.0
"""Server device failure: it passes. An illegal address does not, and is asked for again only every minute."""
_BAD_S = 4.0
_HEALED_WITHIN_S = 5.0
_TIMEOUT_S = 3.0


def run(scene: Scene) -> list[Figure]:
    """Let fourteen devices misbehave at once, each in its own way, beside four that do not."""
    rounds = 1 if scene.is_small else 10
    healed_s: list[float] = []
    gap_s = 0.0
    with fault_site(scene, "plc", devices=len(_KINDS) + _GOOD) as site:
        site.add_station("A")
        for number in range(rounds):
            site.await_news()
            began = time.time()
            for index in range(len(_KINDS)):
                kind = _KINDS[(index + number) % len(_KINDS)]
                value = _EXCEPTION if kind is FaultKind.EXCEPTION else FAULTS[kind].default
                site.misbehave(index, kind, value, _BAD_S)
            time.sleep(_BAD_S)
            ended = time.time()
            site.await_polls(ended)
            witnessed = site.witnessed()
            gap_s = max(gap_s, *_gaps_s(witnessed, range(len(_KINDS), site.count), began, ended))
            healed_s += _healed_s(witnessed, len(_KINDS), ended)
        return [
            told("plc", "faults", rounds * len(_KINDS), "faults"),
            *judged("plc", site),
            # A device whose line is in doubt is asked again after its own time-out.
            at_most("plc", "healed_max", max(healed_s), "s", _HEALED_WITHIN_S + _TIMEOUT_S),
            at_most(
                "plc", "longest_gap_of_others", gap_s, "s", 5 * PERIOD_S if scene.is_small else 3 * PERIOD_S
            ),
        ]


def _gaps_s(witnessed: Witnessed, devices: range, began: float, ended: float) -> list[float]:
    """Return the longest time for which each device was not asked."""
    gaps: list[float] = []
    for device in devices:
        times = [answer.unix for answer in witnessed.answers[device] if began <= answer.unix <= ended]
        gaps.append(max(after - before for before, after in itertools.pairwise(times)))
    return gaps


def _healed_s(witnessed: Witnessed, count: int, ended: float) -> list[float]:
    return [
        next(answer.unix for answer in witnessed.answers[device] if answer.unix > ended) - ended
        for device in range(count)
    ]
