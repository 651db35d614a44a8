"""When somebody must be told: the thresholds of each kind of machine.

Chosen so that a healthy plant is quiet (ISA-101): every limit lies beyond what load, cycle, wander and noise
reach together. Vibration follows ISO 20816-3 for medium machines on flexible foundations: zone C begins at
4.5 mm/s, zone D at 7.1 mm/s. Deadbands and delays begin where ISA-18.2-2016 (table 4 and 5) does: of
temperatures 1 % of the span and a minute, of pressures 2 % and a quarter of a minute; what is critical waits
for seconds only.
"""

from dataclasses import dataclass

from drivers.plant.advice import (
    HUMID,
    LOAD,
    NO_ADVICE,
    OVEN_HOT,
    OVERHEATED,
    PRESSURE_HIGH,
    PRESSURE_LOW,
    PUMP_DRY,
    STANDING,
    VIBRATION,
    WARM,
    Advice,
)

_TEMPERATURE_DELAY_S = 60.0
_PRESSURE_DELAY_S = 15.0
_CRITICAL_DELAY_S = 5.0


@dataclass(frozen=True, slots=True)
class Limit:
    """One threshold of the import document.

    Attributes:
        severity: "critical", "warning" or "info".
        deadband: How far inside the limit the value must come back, in the metric's unit.
        latching: Stays until somebody resets it.
        requires_comment: Acknowledging it needs words.
        realarm_s: So long after it was acknowledged, it asks again; 0 = never.
    """

    metric: str
    severity: str
    min_value: float | None = None
    max_value: float | None = None
    deadband: float = 0.0
    on_delay_s: float = 0.0
    off_delay_s: float = 0.0
    latching: bool = False
    requires_comment: bool = False
    realarm_s: float = 0.0
    advice: Advice = NO_ADVICE


def _too_hot(
    warning: float,
    critical: float,
    deadband: float = 1.0,
    advice: tuple[Advice, Advice] = (WARM, OVERHEATED),
    *,
    latching: bool = False,
) -> tuple[Limit, ...]:
    return (
        Limit(
            "temperature", "warning", max_value=warning, deadband=deadband,
            on_delay_s=_TEMPERATURE_DELAY_S, off_delay_s=10.0, advice=advice[0],
        ),
        Limit(
            "temperature", "critical", max_value=critical, deadband=deadband, on_delay_s=_CRITICAL_DELAY_S,
            latching=latching, realarm_s=900.0, advice=advice[1],
        ),
    )  # fmt: skip


def _shaking(warning: float = 4.5, critical: float = 7.1) -> tuple[Limit, ...]:
    return (
        Limit(
            "vibration", "warning", max_value=warning, deadband=0.3, on_delay_s=10.0, off_delay_s=10.0,
            advice=VIBRATION,
        ),
        Limit(
            "vibration", "critical", max_value=critical, deadband=0.3, on_delay_s=2.0, off_delay_s=5.0,
            advice=VIBRATION,
        ),
    )  # fmt: skip


def _too_low(
    warning: float, critical: float, deadband: float, advice: Advice, *, requires_comment: bool = False
) -> tuple[Limit, ...]:
    return (
        Limit(
            "pressure", "warning", min_value=warning, deadband=deadband, on_delay_s=_PRESSURE_DELAY_S,
            requires_comment=requires_comment, advice=advice,
        ),
        Limit(
            "pressure", "critical", min_value=critical, deadband=deadband, on_delay_s=_CRITICAL_DELAY_S,
            advice=advice,
        ),
    )  # fmt: skip


def _humid(note: float, warning: float) -> tuple[Limit, ...]:
    return (
        Limit("humidity", "info", max_value=note, deadband=1.0, on_delay_s=10.0, advice=HUMID),
        Limit("humidity", "warning", max_value=warning, deadband=1.0, on_delay_s=10.0, advice=HUMID),
    )


def _standing() -> tuple[Limit, ...]:
    return (Limit("rpm", "info", min_value=10.0, deadband=20.0, on_delay_s=5.0, advice=STANDING),)


LIMITS: dict[str, tuple[Limit, ...]] = {
    "drive": (
        *_too_hot(70.0, 80.0),
        *_shaking(),
        Limit(
            "power_consumption", "warning", max_value=8500.0, deadband=200.0, on_delay_s=10.0, advice=LOAD
        ),
    ),
    "pump": (*_too_hot(62.0, 72.0), *_shaking(), *_too_low(340.0, 250.0, 12.0, PUMP_DRY)),
    "compressor": (
        *_too_hot(95.0, 105.0),
        *_shaking(),
        *_too_low(600.0, 480.0, 20.0, PRESSURE_LOW, requires_comment=True),
    ),
    "hvac": (
        Limit(
            "temperature", "warning", max_value=28.0, deadband=0.5, on_delay_s=_TEMPERATURE_DELAY_S,
            advice=WARM,
        ),
        *_humid(58.0, 68.0),
    ),
    "climate-sensor": (
        Limit(
            "temperature", "warning", max_value=30.0, deadband=0.5, on_delay_s=_TEMPERATURE_DELAY_S,
            advice=WARM,
        ),
        *_humid(58.0, 70.0),
    ),
    "press": (
        *_too_hot(62.0, 72.0),
        *_shaking(6.5, 9.0),
        Limit(
            "pressure", "critical", max_value=22_500.0, deadband=400.0, on_delay_s=1.0, advice=PRESSURE_HIGH
        ),
        *_standing(),
    ),
    # After such heat somebody has to look before it may count as over.
    "oven": _too_hot(205.0, 218.0, deadband=2.5, advice=(OVEN_HOT, OVEN_HOT), latching=True),
    "dryer": (
        *_too_hot(94.0, 104.0),
        *_shaking(),
        Limit("humidity", "warning", max_value=30.0, deadband=1.0, on_delay_s=10.0, advice=HUMID),
    ),
    "mixer": (
        *_too_hot(50.0, 58.0),
        *_shaking(),
        Limit(
            "pressure", "warning", max_value=180.0, deadband=4.0, on_delay_s=_PRESSURE_DELAY_S,
            advice=PRESSURE_HIGH,
        ),
        *_standing(),
    ),
    "chiller": (
        *_too_hot(10.5, 13.0, deadband=0.3),
        *_shaking(),
        Limit(
            "pressure", "warning", min_value=780.0, max_value=1050.0, deadband=20.0,
            on_delay_s=_PRESSURE_DELAY_S, advice=PRESSURE_LOW,
        ),
    ),
}  # fmt: skip
