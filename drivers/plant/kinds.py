"""The kinds of machine in the plant: what each measures, and how each behaves.

A metric of a machine follows one shape: it rests at `idle` while the machine stands, and settles at `running`
once it runs at its usual load; around that it swings with the load, repeats with the work cycle, wanders
slowly and carries the sensor's noise. Figures are those of ordinary industrial machines of 5 to 40 kW.
"""

from dataclasses import dataclass, field

METRIC_KEYS: tuple[str, ...] = (
    "temperature",
    "humidity",
    "pressure",
    "vibration",
    "power_consumption",
    "rpm",
)
"""Columns of every array of values in this room."""
METRIC_INDEX: dict[str, int] = {key: index for index, key in enumerate(METRIC_KEYS)}


@dataclass(frozen=True, slots=True)
class Shape:
    """How one metric behaves, in its own unit (°C, %, kPa, mm/s RMS, W, rpm).

    Attributes:
        idle: While the machine stands (for temperatures: of the hall around it).
        running: Settled, at the usual load.
        swing: Added at the top of the load's slow rise and fall, subtracted at the bottom.
        cycle: Added at the top of the work cycle, subtracted at the bottom.
        drift: Standard deviation of the slow wander.
        noise: Standard deviation of the sensor's noise.
    """

    idle: float
    running: float
    swing: float = 0.0
    cycle: float = 0.0
    drift: float = 0.0
    noise: float = 0.0


@dataclass(frozen=True, slots=True)
class MachineKind:
    """One kind of machine.

    Attributes:
        key: The device type in the import document.
        prefix: Of hardware ids, "DRIVE" in DRIVE-02.
        label: Of names, "Drive" in "Drive 2"; also of OPC UA nodes, "Press" in Press01.Temperature.
        area: "Hall A" and "Hall B" are numbered on in large plants, other areas are kept.
        shapes: By metric; a metric that is missing is not measured on this kind.
        warm_up_s: Time constant of the temperature.
        spin_up_s: From standstill to full speed.
        cycle_s: Length of one work cycle.
        run_s: How long it runs between two planned stops; 0 = continuously.
        stop_s: Length of a planned stop.
        overheat_rise: How far the temperature climbs when cooling fails, °C.
        starts_cold: Whether one in five of this kind is started together with the plant.
    """

    key: str
    prefix: str
    label: str
    area: str
    shapes: dict[str, Shape] = field(hash=False)
    warm_up_s: float = 90.0
    spin_up_s: float = 8.0
    cycle_s: float = 30.0
    run_s: float = 0.0
    stop_s: float = 0.0
    overheat_rise: float = 36.0
    starts_cold: bool = False

    @property
    def has_bearings(self) -> bool:
        """Whether something turns that can wear and seize."""
        return "vibration" in self.shapes and "rpm" in self.shapes


_HALL_TEMPERATURE = 23.0
_AIR_PRESSURE = 101.3

_DRIVE = MachineKind(
    key="drive",
    prefix="DRIVE",
    label="Drive",
    area="Hall A",
    shapes={
        "temperature": Shape(_HALL_TEMPERATURE, 52.0, swing=4.0, drift=0.4, noise=0.08),
        "vibration": Shape(0.04, 1.9, swing=0.2, drift=0.06, noise=0.05),
        "power_consumption": Shape(45.0, 5200.0, swing=800.0, cycle=120.0, drift=30.0, noise=25.0),
        "rpm": Shape(0.0, 1450.0, swing=45.0, noise=2.0),
    },
    warm_up_s=90.0,
    starts_cold=True,
)
_PUMP = MachineKind(
    key="pump",
    prefix="PUMP",
    label="Pump",
    area="Utilities",
    shapes={
        "temperature": Shape(_HALL_TEMPERATURE, 46.0, swing=2.5, drift=0.3, noise=0.08),
        "pressure": Shape(0.0, 420.0, swing=14.0, drift=2.0, noise=1.2),
        "vibration": Shape(0.03, 2.1, swing=0.15, drift=0.08, noise=0.06),
        "power_consumption": Shape(30.0, 7500.0, swing=450.0, drift=25.0, noise=30.0),
        "rpm": Shape(0.0, 2950.0, swing=-12.0, noise=1.5),
    },
    warm_up_s=70.0,
    spin_up_s=4.0,
    overheat_rise=34.0,
)
_COMPRESSOR = MachineKind(
    key="compressor",
    prefix="COMPRESSOR",
    label="Compressor",
    area="Utilities",
    shapes={
        "temperature": Shape(_HALL_TEMPERATURE, 78.0, swing=3.0, drift=0.5, noise=0.1),
        # Two-point control of the receiver: loads below 665 kPa, unloads above 735 kPa.
        "pressure": Shape(0.0, 700.0, swing=4.0, cycle=35.0, drift=1.0, noise=0.8),
        "vibration": Shape(0.05, 2.6, swing=0.2, cycle=0.25, drift=0.06, noise=0.07),
        "power_consumption": Shape(80.0, 16_500.0, swing=400.0, cycle=2200.0, drift=50.0, noise=60.0),
        "rpm": Shape(0.0, 2960.0, cycle=-8.0, noise=1.5),
    },
    warm_up_s=150.0,
    cycle_s=48.0,
)
_HVAC = MachineKind(
    key="hvac",
    prefix="HVAC",
    label="Air handler",
    area="Utilities",
    shapes={
        "temperature": Shape(26.0, 21.5, swing=0.5, drift=0.25, noise=0.04),
        "humidity": Shape(52.0, 44.0, swing=1.5, drift=0.8, noise=0.12),
        "pressure": Shape(_AIR_PRESSURE, _AIR_PRESSURE + 0.4, drift=0.02, noise=0.01),
        "power_consumption": Shape(25.0, 2200.0, swing=350.0, drift=15.0, noise=12.0),
    },
    warm_up_s=240.0,
    overheat_rise=12.0,
)
_CLIMATE = MachineKind(
    key="climate-sensor",
    prefix="CLIMATE",
    label="Climate sensor",
    area="Hall B",
    shapes={
        "temperature": Shape(22.0, 22.4, swing=0.4, drift=0.3, noise=0.03),
        "humidity": Shape(46.0, 46.0, swing=1.0, drift=1.0, noise=0.1),
        "pressure": Shape(_AIR_PRESSURE, _AIR_PRESSURE, drift=0.04, noise=0.006),
    },
    overheat_rise=12.0,
)
_PRESS = MachineKind(
    key="press",
    prefix="PRESS",
    label="Press",
    area="Hall A",
    shapes={
        "temperature": Shape(_HALL_TEMPERATURE, 48.0, swing=2.5, drift=0.3, noise=0.08),
        "pressure": Shape(0.0, 14_500.0, swing=300.0, cycle=4200.0, drift=60.0, noise=40.0),
        "vibration": Shape(0.06, 2.8, swing=0.2, cycle=0.6, drift=0.08, noise=0.1),
        "power_consumption": Shape(180.0, 21_000.0, swing=900.0, cycle=6500.0, drift=120.0, noise=90.0),
        "rpm": Shape(0.0, 320.0, swing=-3.0, cycle=-9.0, noise=0.5),
    },
    warm_up_s=120.0,
    spin_up_s=14.0,
    cycle_s=19.0,
    run_s=10_800.0,
    stop_s=300.0,
)
_OVEN = MachineKind(
    key="oven",
    prefix="OVEN",
    label="Oven",
    area="Hall B",
    shapes={
        "temperature": Shape(_HALL_TEMPERATURE, 185.0, swing=1.5, cycle=1.2, drift=0.5, noise=0.15),
        "humidity": Shape(40.0, 7.0, swing=0.4, drift=0.3, noise=0.08),
        "pressure": Shape(_AIR_PRESSURE, _AIR_PRESSURE - 0.15, drift=0.02, noise=0.01),
        "power_consumption": Shape(120.0, 31_000.0, swing=1200.0, cycle=7000.0, drift=150.0, noise=80.0),
        "rpm": Shape(0.0, 1420.0, swing=-4.0, noise=1.0),
    },
    warm_up_s=180.0,
    cycle_s=75.0,
    overheat_rise=48.0,
    starts_cold=True,
)
_DRYER = MachineKind(
    key="dryer",
    prefix="DRYER",
    label="Dryer",
    area="Hall B",
    shapes={
        "temperature": Shape(_HALL_TEMPERATURE, 82.0, swing=1.5, cycle=0.8, drift=0.5, noise=0.1),
        "humidity": Shape(44.0, 18.0, swing=1.2, cycle=1.0, drift=0.5, noise=0.15),
        "pressure": Shape(_AIR_PRESSURE, _AIR_PRESSURE - 0.5, drift=0.02, noise=0.01),
        "vibration": Shape(0.04, 1.6, swing=0.15, drift=0.05, noise=0.05),
        "power_consumption": Shape(90.0, 14_000.0, swing=600.0, cycle=1500.0, drift=60.0, noise=50.0),
        "rpm": Shape(0.0, 960.0, swing=-4.0, noise=1.0),
    },
    warm_up_s=140.0,
    cycle_s=110.0,
    overheat_rise=30.0,
)
_MIXER = MachineKind(
    key="mixer",
    prefix="MIXER",
    label="Mixer",
    area="Hall B",
    shapes={
        "temperature": Shape(_HALL_TEMPERATURE, 38.0, swing=1.5, drift=0.3, noise=0.06),
        "pressure": Shape(_AIR_PRESSURE, 150.0, swing=2.0, drift=0.6, noise=0.3),
        "vibration": Shape(0.03, 1.4, swing=0.12, drift=0.05, noise=0.05),
        "power_consumption": Shape(60.0, 9000.0, swing=700.0, cycle=500.0, drift=60.0, noise=45.0),
        "rpm": Shape(0.0, 180.0, swing=-2.0, noise=0.4),
    },
    warm_up_s=110.0,
    cycle_s=64.0,
    overheat_rise=28.0,
    starts_cold=True,
)
_CHILLER = MachineKind(
    key="chiller",
    prefix="CHILLER",
    label="Chiller",
    area="Utilities",
    shapes={
        "temperature": Shape(18.0, 7.0, swing=0.4, cycle=0.3, drift=0.15, noise=0.04),
        "pressure": Shape(620.0, 905.0, swing=12.0, cycle=8.0, drift=2.0, noise=1.5),
        "vibration": Shape(0.04, 1.9, swing=0.15, drift=0.05, noise=0.05),
        "power_consumption": Shape(110.0, 26_000.0, swing=1800.0, cycle=900.0, drift=90.0, noise=70.0),
        "rpm": Shape(0.0, 2940.0, swing=-8.0, noise=1.2),
    },
    warm_up_s=160.0,
    cycle_s=90.0,
    overheat_rise=9.0,
)

MODBUS_KINDS: tuple[MachineKind, ...] = (
    *(_DRIVE,) * 4,
    *(_PUMP,) * 3,
    *(_COMPRESSOR,) * 2,
    _HVAC,
    *(_CLIMATE,) * 2,
)
"""One block of Modbus devices, in the order of their units; larger plants repeat it."""

OPCUA_KINDS: tuple[MachineKind, ...] = (
    *(_PRESS,) * 4,
    *(_OVEN,) * 3,
    *(_DRYER,) * 2,
    *(_MIXER,) * 2,
    _CHILLER,
)
"""One block of OPC UA devices; larger plants repeat it."""
