import math

import pytest

from console.station.assignment import assignment_from_plan
from console.station.store import Plan


@pytest.mark.parametrize("period_s", [math.inf, 1e308, 3601.0])
def test_a_period_that_no_timer_keeps_stops_its_own_device_alone(make_device, period_s):
    plan = Plan((make_device(1, period_s=period_s), make_device(2)), (), ())
    assert assignment_from_plan(plan).faults == {
        1: f"Drive 1: a period of {period_s:g} s is impossible; use 0.1 to 3600."
    }
