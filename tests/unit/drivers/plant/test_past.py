import numpy as np

from drivers.plant.past import past_values
from drivers.plant.plan import PlantPlan

HOURS_S = 3 * 3600.0


def whole(plan, length_s=HOURS_S, step_s=30.0):
    return np.stack([values for _, values in past_values(plan, length_s, step_s)])


def test_the_same_plan_has_the_same_past():
    assert np.array_equal(whole(PlantPlan(devices=6)), whole(PlantPlan(devices=6)), equal_nan=True)


def test_moments_begin_at_nothing_and_end_before_the_length():
    moments = [at_s for at_s, _ in past_values(PlantPlan(devices=2), 60.0, 3.0)]
    assert (moments[0], moments[-1], len(moments)) == (0.0, 57.0, 20)


def test_every_machine_measures_what_its_kind_measures_and_nothing_else():
    plan = PlantPlan(devices=6)
    measured = ~np.isnan(whole(plan)).all(axis=0)
    expected = [len(machine.kind.shapes) for machine in plan.machines]
    assert measured.sum(axis=1).tolist() == expected


def test_one_pressure_drops_out_again_and_again():
    plan = PlantPlan(devices=6)
    row = next(each.row for each in plan.machines if "pressure" in each.kind.shapes)
    pressure = whole(plan, step_s=5.0)[:, row, 2]
    is_low = pressure < 0.9 * np.median(pressure)
    assert np.count_nonzero(np.diff(is_low.astype(int)) == 1) > 20
