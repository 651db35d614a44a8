"""Faults in their short form: three sites side by side suffer one after another, and nothing is lost.

The same in dozens to hundreds of each, with figures: `main.py bench faults`.
"""

import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from console.bench.faults import LONE, PAIR, SPECIAL, harm_together
from console.bench.faults_scene import Scene
from console.bench.figure import Figure

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="signals that Windows lacks"),
    pytest.mark.timeout(300),
]

# One station alone has the most to suffer: two such sites share it, or everybody would wait for one.
SITES = {
    "pair": (tuple(PAIR.values()), 2),
    "lone-1": (tuple(LONE.values())[::2], 1),
    "lone-2": (tuple(LONE.values())[1::2], 1),
}
Played = dict[str, "Future[list[Figure]]"]


@pytest.fixture(scope="module")
def played(short: Scene) -> Iterator[Played]:
    """All sites at once: most of the time they wait."""
    with ThreadPoolExecutor(len(SITES), "site") as sites:
        yield {
            name: sites.submit(harm_together, short, name, harms, stations)
            for name, (harms, stations) in SITES.items()
        }


def missed(figures: list[Figure]) -> list[str]:
    return [
        f"{figure.name}: {figure.value} {figure.unit}, not {figure.target}"
        for figure in figures
        if not figure.met
    ]


@pytest.mark.quiet
@pytest.mark.parametrize("name", SITES)
def test_nothing_is_lost_doubled_or_polled_twice(played: Played, name: str) -> None:
    assert missed(played[name].result()) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", SPECIAL)
def test_nothing_is_lost_where_the_surroundings_fail(short: Scene, name: str) -> None:
    if reason := SPECIAL[name].reason_not():
        pytest.skip(reason)
    assert missed(SPECIAL[name].run(short)) == []
