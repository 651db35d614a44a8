"""The benches that start processes of their own, small: that they measure what they say."""

import pytest

from console.bench import alert_flood, alert_latency, latency, memory, opcua
from console.bench.figure import BenchSize, Figure


def _figures(bench) -> dict[str, Figure]:
    return {figure.name: figure for figure in bench.run(BenchSize(is_small=True))}


@pytest.mark.slow
def test_latency_is_measured_of_both_protocols_on_every_way():
    figures = _figures(latency.BENCH)
    expected = {
        f"latency.{way}_{kind}_p{percentile}"
        for way in ("arrived", "feed", "durable", "alert")
        for kind in ("modbus-tcp", "opcua")
        for percentile in (50, 99)
    }
    assert figures.keys() == expected
    # Ages of a clock that wraps: a stamp taken for another, or one of the future, would be near 1,000 s.
    assert all(0 < figure.value < 10_000 for figure in figures.values())


def test_alerts_are_measured_in_the_database_and_on_the_screen():
    figures = _figures(alert_latency.BENCH)
    assert figures.keys() == {
        f"alert-latency.{where}_{kind}_p{percentile}"
        for where in ("stored", "painted")
        for kind in ("modbus-tcp", "opcua")
        for percentile in (50, 99)
    }
    assert all(0 < figure.value < 10_000 for figure in figures.values())


def test_a_flood_is_stored_once_and_listed_whole():
    figures = _figures(alert_flood.BENCH)
    assert figures["alert-flood.episodes"].value == 100
    assert figures["alert-flood.episodes"].met
    assert 0 < figures["alert-flood.longest_stall"].value < 10_000


def test_opcua_counts_every_value_on_both_sides():
    figures = _figures(opcua.BENCH)
    assert figures["opcua.values_per_s"].baseline == pytest.approx(1000, rel=0.2)
    assert figures["opcua.values_per_s"].value == pytest.approx(1000, rel=0.2)
    assert figures["opcua.cpu_per_value"].ratio == pytest.approx(
        figures["opcua.cpu_per_value"].value / figures["opcua.cpu_per_value"].baseline
    )


@pytest.mark.slow
def test_memory_is_that_of_station_and_window_together():
    figures = _figures(memory.BENCH)
    parts = figures["memory.pss_station"].value + figures["memory.pss_window"].value
    assert figures["memory.pss"].value == pytest.approx(parts)
    assert figures["memory.rss"].value >= figures["memory.pss"].value > 50
