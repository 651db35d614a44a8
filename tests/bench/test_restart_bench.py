"""The bench of killed stations, once and small: for correctness, not for figures."""

import sys

import pytest

from console.bench.figure import BenchSize
from console.bench.restart import BENCH

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="signals and forks")]


def test_a_killed_station_polls_again_however_it_is_kept(qapp) -> None:
    figures = {figure.name: figure.value for figure in BENCH.run(BenchSize(is_small=True))}
    assert len(figures) == 12
    assert figures["restart.attached_first_max"] > 0.0
