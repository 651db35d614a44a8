"""The bench of frames measures both sides; small, for correctness and not for figures."""

from console.bench.figure import BenchSize
from console.bench.frames import BENCH


def test_the_small_bench_measures_ours_against_the_baseline(qapp):
    figures = BENCH.run(BenchSize(is_small=True))
    assert [figure.name for figure in figures] == ["frames.p50_ms", "frames.p99_ms"]
    assert all(figure.value > 0 and figure.baseline for figure in figures)
