"""What some machines measure beside the six metrics: flow, level, current, energy, the state of a pump.

A site names such quantities itself, so the plant offers them where it is asked to (`PlantPlan.has_gauges`).
They follow from what the machine does: a pump delivers with its speed, a motor draws current with its power.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from drivers.plant.advice import LEVEL, PUMP_DRY, STANDING
from drivers.plant.kinds import METRIC_INDEX, METRIC_KEYS, MODBUS_KINDS, OPCUA_KINDS
from drivers.plant.limits import Limit
from drivers.plant.plan import PlantPlan
from drivers.plant.wiring import MODBUS_GAUGES, OPCUA_GAUGES

_POWER, _PRESSURE, _SPEED = (METRIC_INDEX[key] for key in ("power_consumption", "pressure", "rpm"))


@dataclass(frozen=True, slots=True)
class Gauge:
    """One quantity, as a site describes its own.

    Attributes:
        plausible: Values outside are a sensor's mistake.
        span: What a bar shows.
        states: Names of whole values; empty for a measurement.
    """

    key: str
    label: str
    unit: str
    decimals: int
    plausible: tuple[float, float]
    span: tuple[float, float]
    states: tuple[tuple[int, str], ...] = ()


STOPPED, STARTING, RUNNING = 0, 1, 2
GAUGES: tuple[Gauge, ...] = (
    Gauge("flow", "Flow", "m³/h", 1, (0.0, 200.0), (0.0, 80.0)),
    Gauge("level", "Level", "%", 1, (0.0, 100.0), (0.0, 100.0)),
    Gauge("motor_current", "Motor current", "A", 2, (0.0, 10_000.0), (0.0, 40.0)),
    Gauge("energy", "Energy", "kWh", 1, (0.0, 400_000_000.0), (0.0, 20_000.0)),
    Gauge(
        "pump_state", "Pump state", "", 0, (0.0, 2.0), (0.0, 2.0),
        ((STOPPED, "Stopped"), (STARTING, "Starting"), (RUNNING, "Running")),
    ),
)  # fmt: skip
GAUGE_LIMITS: dict[str, tuple[Limit, ...]] = {
    "pump": (
        Limit("flow", "warning", min_value=30.0, deadband=2.0, on_delay_s=15.0, advice=PUMP_DRY),
        Limit("pump_state", "info", min_value=0.5, on_delay_s=5.0, advice=STANDING),
    ),
    "mixer": (
        Limit(
            "level", "warning", min_value=15.0, max_value=92.0, deadband=1.0, on_delay_s=10.0, advice=LEVEL
        ),
    ),
}
"""By kind of machine; a healthy plant keeps them."""

_VOLTS_AND_FACTOR = math.sqrt(3.0) * 400.0 * 0.85
_RATED_FLOW, _RATED_SPEED, _RATED_PRESSURE = 58.0, 2950.0, 420.0
_MOST_W = {
    kind.key: 1.3 * shape.running + abs(shape.swing) + abs(shape.cycle) if shape else 0.0
    for kind in (*MODBUS_KINDS, *OPCUA_KINDS)
    for shape in (kind.shapes.get("power_consumption"),)
}
_TURNS, _AT_SPEED = 30.0, 0.9 * _RATED_SPEED
_FILLING_S = 600.0


class Gauges:
    """Reads the gauges of a plan's machines. Energy is counted from one call to the next."""

    def __init__(self, plan: PlantPlan, ahead_s: float = 0.0) -> None:
        """Set every counter to what it shows when a plant starts.

        Args:
            plan: The plant.
            ahead_s: Set them lower by what a machine may use in this time: for a past that ends before that.
        """
        self._wired = [
            bool(MODBUS_GAUGES.get(m.kind.key) or OPCUA_GAUGES.get(m.kind.key)) for m in plan.machines
        ]
        self._energy_kwh = [
            8_000.0 + 731.5 * (row % 11) - _MOST_W[machine.kind.key] * ahead_s / 3.6e6
            for row, machine in enumerate(plan.machines)
        ]
        self._read_s = [math.nan] * len(plan.machines)

    def read(self, row: int, metrics: Sequence[float], time_s: float) -> list[float]:
        """Return the gauges of the machine in `row`, in GAUGES' order; nothing where it has none.

        Args:
            row: Of the machine.
            metrics: What it measures at `time_s`, in METRIC_KEYS' order.
            time_s: Plant time; not before that of the last call for this machine.
        """
        if not self._wired[row]:
            return []
        power, speed, pressure = metrics[_POWER], metrics[_SPEED], metrics[_PRESSURE]
        since_s = time_s - self._read_s[row]
        if since_s > 0.0 and power > 0.0:
            self._energy_kwh[row] += power * since_s / 3.6e6
        self._read_s[row] = time_s
        lift = 0.9 + 0.1 * pressure / _RATED_PRESSURE
        state = STOPPED if speed < _TURNS else RUNNING if speed >= _AT_SPEED else STARTING
        return [
            max(0.0, _RATED_FLOW * speed / _RATED_SPEED * lift),
            54.0 + 26.0 * math.sin(2.0 * math.pi * time_s / _FILLING_S + row),
            max(0.0, power / _VOLTS_AND_FACTOR),
            self._energy_kwh[row],
            float(state),
        ]


COLUMN_KEYS: tuple[str, ...] = (*METRIC_KEYS, *(gauge.key for gauge in GAUGES))
"""Columns of a row of the factory: the metrics, then the gauges."""
COLUMN_INDEX: dict[str, int] = {key: index for index, key in enumerate(COLUMN_KEYS)}
