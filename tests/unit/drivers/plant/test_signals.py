import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.plant.kinds import METRIC_INDEX, METRIC_KEYS
from drivers.plant.limits import LIMITS, Limit
from drivers.plant.plan import PlantPlan
from drivers.plant.signals import Signals
from drivers.plant.upsets import TRIP_AFTER_S, Upset, UpsetBoard
from models.metrics import METRICS

PLAN = PlantPlan(devices=24)
HEALTHY = UpsetBoard.healthy(24)
TEMPERATURE, VIBRATION, SPEED, POWER = (
    METRIC_INDEX[key] for key in ("temperature", "vibration", "rpm", "power_consumption")
)


def row_of(device_id: str) -> int:
    return PLAN.by_device_id[device_id].row


def is_violated(limit: Limit, values: np.ndarray) -> bool:
    highest = np.inf if limit.max_value is None else limit.max_value
    lowest = -np.inf if limit.min_value is None else limit.min_value
    return bool((values > highest).any() or (values < lowest).any())


def test_same_seed_and_moment_give_the_same_values_in_any_order_of_asking():
    first, second = Signals(PLAN), Signals(PLAN)
    late = first.sample(500.0, HEALTHY)
    for time_s in (3.0, 900.0, 41.5):
        second.sample(time_s, HEALTHY)
    np.testing.assert_array_equal(late, second.sample(500.0, HEALTHY))


def test_another_seed_gives_other_machines():
    other = Signals(PlantPlan(devices=24, seed=2))
    assert not np.allclose(
        Signals(PLAN).sample(60.0, HEALTHY), other.sample(60.0, HEALTHY), equal_nan=True, rtol=1e-4
    )


def test_a_slice_measures_what_the_whole_plant_measures():
    signals = Signals(PLAN)
    np.testing.assert_array_equal(
        signals.sample(77.0, HEALTHY)[6:11], signals.sample(77.0, HEALTHY, slice(6, 11))
    )


def test_machines_measure_exactly_the_metrics_of_their_kind():
    values = Signals(PLAN).sample(10.0, HEALTHY)
    for machine in PLAN.machines:
        measured = {
            key for key, value in zip(METRIC_KEYS, values[machine.row], strict=True) if value == value
        }
        assert measured == set(machine.kind.shapes)


@settings(max_examples=60, deadline=None)
@given(
    time_s=st.floats(0.0, 400_000.0),
    seed=st.integers(0, 1000),
    upset=st.sampled_from(Upset),
    since=st.floats(0, 600),
)
def test_values_stay_plausible_whatever_happens_to_the_machines(time_s, seed, upset, since):
    board = UpsetBoard.healthy(24)
    for row in range(24):
        board.begin(row, upset, max(0.0, time_s - since))
    values = Signals(PlantPlan(devices=24, seed=seed)).sample(time_s, board)
    for column, metric in enumerate(METRICS):
        present = values[:, column][~np.isnan(values[:, column])]
        assert np.isfinite(present).all()
        assert (present >= metric.plausible[0]).all()
        assert (present <= metric.plausible[1]).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_healthy_plant_is_quiet_but_for_planned_stops(seed):
    plan = PlantPlan(devices=24, seed=seed)
    signals = Signals(plan)
    seen = np.array([signals.sample(float(time_s), HEALTHY) for time_s in range(0, 3600, 2)])
    alarmed = {
        (limit.metric, limit.severity)
        for machine in plan.machines
        for limit in LIMITS[machine.kind.key]
        if is_violated(limit, seen[:, machine.row, METRIC_INDEX[limit.metric]])
    }
    assert alarmed <= {("rpm", "info")}


def test_cold_machine_starts_and_warms_up_monotonously():
    row = row_of("DRIVE-04")
    signals = Signals(PLAN)
    # A minute apart the rise is larger than noise and wander, until it has settled.
    temperatures = [signals.sample(float(t), HEALTHY)[row, TEMPERATURE] for t in range(0, 241, 40)]
    assert temperatures[0] == pytest.approx(23.0, abs=1.0)
    assert temperatures == sorted(temperatures)
    assert temperatures[-1] > 45.0
    assert signals.sample(0.0, HEALTHY)[row, SPEED] < 20.0
    assert signals.sample(40.0, HEALTHY)[row, SPEED] > 1300.0


def test_seizing_machine_heats_shakes_trips_and_cools():
    row = row_of("PUMP-01")
    signals, board = Signals(PLAN), UpsetBoard.healthy(24)
    board.begin(row, Upset.SEIZE, 100.0)
    before, seizing, tripped, cooled = (
        signals.sample(100.0 + s, board)[row]
        for s in (0.0, TRIP_AFTER_S - 1.0, TRIP_AFTER_S + 30.0, TRIP_AFTER_S + 400.0)
    )
    assert seizing[TEMPERATURE] > before[TEMPERATURE] + 20.0
    assert seizing[VIBRATION] > before[VIBRATION] + 4.0
    assert tripped[SPEED] < 20.0
    assert tripped[POWER] < 200.0
    assert cooled[TEMPERATURE] < 26.0


def test_repaired_machine_starts_again_from_the_warmth_it_has_left():
    row = row_of("DRIVE-01")
    signals, board = Signals(PLAN), UpsetBoard.healthy(24)
    board.begin(row, Upset.STOPPED, 100.0)
    stopped = signals.sample(160.0, board)[row]
    board.end(row, 160.0, PLAN.machines[row].kind.warm_up_s)
    restarted = signals.sample(160.0, board)[row]
    running = signals.sample(220.0, board)[row]
    assert restarted[TEMPERATURE] == pytest.approx(stopped[TEMPERATURE], abs=0.5)
    assert restarted[SPEED] < 20.0
    assert running[SPEED] > 1300.0
    assert running[TEMPERATURE] > restarted[TEMPERATURE] + 3.0


def test_temperature_never_jumps_between_two_seconds():
    signals = Signals(PLAN)
    values = np.array([signals.sample(float(t), HEALTHY)[:, TEMPERATURE] for t in range(600)])
    assert np.abs(np.diff(values, axis=0)).max() < 4.0


def test_wear_lets_vibration_grow_over_hours_until_the_bearing_fails_and_is_replaced():
    row = row_of("PUMP-02")
    signals = Signals(PLAN)

    def vibration(hour: float) -> float:
        moments = hour * 3600.0 + np.arange(0.0, 600.0, 20.0)
        return float(np.mean([signals.sample(t, HEALTHY)[row, VIBRATION] for t in moments]))

    course = [vibration(hour) for hour in np.arange(0.0, 95.0, 2.0)]
    assert max(course) > 1.5 * min(course)
    worst = int(np.argmax(course))
    assert min(course[worst : worst + 5] + course[-1:]) < 0.75 * course[worst]


def test_noise_differs_from_second_to_second():
    signals = Signals(PLAN)
    values = [signals.sample(t, HEALTHY)[row_of("DRIVE-01"), VIBRATION] for t in (10.0, 11.0, 12.0)]
    assert len(set(values)) == 3
