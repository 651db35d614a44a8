"""Faults in their long form, an hour in all; on demand: `pytest -m faults_long tests/faults`."""

import pytest

from console.bench.faults import BENCH
from console.bench.figure import BenchSize

pytestmark = [pytest.mark.faults_long, pytest.mark.timeout(3600)]


@pytest.mark.parametrize("name", BENCH.takes_only)
def test_nothing_is_lost_however_often_it_happens(name: str) -> None:
    figures = BENCH.run(BenchSize(is_small=False, only=name))
    assert [figure for figure in figures if not figure.met] == []
