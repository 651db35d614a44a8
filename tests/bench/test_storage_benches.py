"""The storage benches, small: that they measure what they say, not how fast this computer is."""

import pytest

from console.bench import alert_store, back_test, history, ingest, overview, rls, spool
from console.bench.figure import BenchSize


@pytest.mark.parametrize(
    "bench",
    [ingest.BENCH, history.BENCH, back_test.BENCH, overview.BENCH, rls.BENCH],
    ids=lambda bench: bench.name,
)
def test_a_bench_gives_figures_with_a_baseline_of_the_same_run(bench):
    figures = bench.run(BenchSize(is_small=True))
    assert figures
    for figure in figures:
        assert figure.name.startswith(f"{bench.name}.")
        assert figure.value > 0
        assert figure.ratio == pytest.approx(figure.value / figure.baseline)


def test_the_store_of_alerts_is_measured_for_everybody_who_looks():
    figures = alert_store.BENCH.run(BenchSize(is_small=True))
    assert [figure.name.rpartition(".")[2] for figure in figures].count("operator") == 5
    assert all(figure.value > 0 for figure in figures)


def test_an_absence_is_made_good_row_by_row():
    figures = {figure.name: figure for figure in spool.BENCH.run(BenchSize(is_small=True))}
    assert list(figures) == ["spool.bytes", "spool.append", "spool.drain", "spool.live_delay", "spool.rows"]
    assert figures["spool.rows"].met
    assert figures["spool.bytes"].met
