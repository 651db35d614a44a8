"""What somebody sees in the first half minute of the demonstration."""

from collections import Counter

import pytest

from drivers.plant.demo_faults import demo_faults
from drivers.plant.faults import Layer
from drivers.plant.kinds import METRIC_INDEX
from drivers.plant.limits import LIMITS
from drivers.plant.plan import PlantPlan
from drivers.plant.signals import Signals
from drivers.plant.upsets import UpsetBoard


def violated_since(plan: PlantPlan, until_s: int) -> dict[tuple[str, str, str], int]:
    """Return since how many seconds each threshold has been violated without a break, by its name."""
    signals, board = Signals(plan), UpsetBoard.healthy(plan.devices)
    for fault in demo_faults(plan):
        if fault.info.layer is Layer.MACHINE:
            board.begin(plan.by_device_id[fault.device_id].row, fault.info.upset, 0.0)
    lasted: Counter[tuple[str, str, str]] = Counter()
    for second in range(until_s):
        values = signals.sample(float(second), board)
        for machine in plan.machines:
            for limit in LIMITS[machine.kind.key]:
                value = values[machine.row, METRIC_INDEX[limit.metric]]
                is_high = limit.max_value is not None and value > limit.max_value
                is_low = limit.min_value is not None and value < limit.min_value
                name = (machine.device_id, limit.metric, limit.severity)
                lasted[name] = lasted[name] + 1 if is_high or is_low else 0
    return {name: seconds for name, seconds in lasted.items() if seconds > 0}


@pytest.mark.parametrize("seed", [1, 2, 7])
def test_demonstration_passes_its_limits_within_20_seconds(seed):
    lasted = violated_since(PlantPlan(seed=seed), until_s=21)
    standing = {name for name, seconds in lasted.items() if seconds >= 2}
    expected = {
        ("OVEN-02", "temperature", "critical"),
        ("OVEN-02", "temperature", "warning"),
        ("DRIVE-03", "vibration", "warning"),
        ("COMPRESSOR-01", "pressure", "warning"),
    }
    assert standing == expected
    assert lasted["OVEN-02", "temperature", "critical"] >= 3
