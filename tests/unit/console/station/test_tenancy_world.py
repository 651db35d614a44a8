"""No device is polled by two stations at once, whatever becomes of network, database and programs."""

import pytest

from tests.unit.console.station.tenancy_world import World


def clashes(seeds, seconds=40.0):
    return {seed: found for seed in seeds if (found := World(seed).run(seconds))}


def test_no_device_is_polled_twice_in_any_world():
    assert clashes(range(100)) == {}


@pytest.mark.faults_long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("first", range(0, 10_000, 1000))
def test_no_device_is_polled_twice_in_ten_thousand_worlds(first):
    assert clashes(range(first, first + 1000)) == {}
