"""When somebody must be told: the thresholds of each kind of machine.

Chosen so that a healthy plant is quiet (ISA-101): every limit lies beyond what load, cycle, wander and noise
reach together. Vibration follows ISO 20816-3 for medium machines on flexible foundations: zone C begins at
4.5 mm/s, zone D at 7.1 mm/s.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """One threshold of the import document.

    Attributes:
        severity: "critical", "warning" or "info".
        deadband: How far inside the limit the value must come back, in the metric's unit.
    """

    metric: str
    severity: str
    min_value: float | None = None
    max_value: float | None = None
    deadband: float = 0.0
    on_delay_s: float = 0.0
    off_delay_s: float = 0.0


def _too_hot(warning: float, critical: float, deadband: float = 0.5) -> tuple[Limit, ...]:
    return (
        Limit("temperature", "warning", max_value=warning, deadband=deadband, on_delay_s=2.0),
        Limit("temperature", "critical", max_value=critical, deadband=deadband, on_delay_s=1.0),
    )


def _shaking(warning: float = 4.5, critical: float = 7.1) -> tuple[Limit, ...]:
    return (
        Limit("vibration", "warning", max_value=warning, deadband=0.3, on_delay_s=3.0, off_delay_s=5.0),
        Limit("vibration", "critical", max_value=critical, deadband=0.3, on_delay_s=2.0, off_delay_s=5.0),
    )


def _standing() -> tuple[Limit, ...]:
    return (Limit("rpm", "info", min_value=10.0, deadband=20.0, on_delay_s=5.0),)


LIMITS: dict[str, tuple[Limit, ...]] = {
    "drive": (
        *_too_hot(70.0, 80.0),
        *_shaking(),
        Limit("power_consumption", "warning", max_value=8500.0, deadband=200.0, on_delay_s=10.0),
    ),
    "pump": (
        *_too_hot(62.0, 72.0),
        *_shaking(),
        Limit("pressure", "warning", min_value=340.0, deadband=5.0, on_delay_s=5.0),
        Limit("pressure", "critical", min_value=250.0, deadband=5.0, on_delay_s=5.0),
    ),
    "compressor": (
        *_too_hot(95.0, 105.0),
        *_shaking(),
        Limit("pressure", "warning", min_value=600.0, deadband=8.0, on_delay_s=5.0),
        Limit("pressure", "critical", min_value=480.0, deadband=8.0, on_delay_s=5.0),
    ),
    "hvac": (
        Limit("temperature", "warning", max_value=28.0, deadband=0.5, on_delay_s=10.0),
        Limit("humidity", "info", max_value=58.0, deadband=1.0, on_delay_s=5.0),
        Limit("humidity", "warning", max_value=68.0, deadband=1.0, on_delay_s=5.0),
    ),
    "climate-sensor": (
        Limit("temperature", "warning", max_value=30.0, deadband=0.5, on_delay_s=10.0),
        Limit("humidity", "info", max_value=58.0, deadband=1.0, on_delay_s=5.0),
        Limit("humidity", "warning", max_value=70.0, deadband=1.0, on_delay_s=5.0),
    ),
    "press": (
        *_too_hot(62.0, 72.0),
        *_shaking(6.5, 9.0),
        Limit("pressure", "critical", max_value=22_500.0, deadband=300.0, on_delay_s=1.0),
        *_standing(),
    ),
    "oven": _too_hot(205.0, 218.0, deadband=2.0),
    "dryer": (
        *_too_hot(94.0, 104.0),
        *_shaking(),
        Limit("humidity", "warning", max_value=30.0, deadband=1.0, on_delay_s=10.0),
    ),
    "mixer": (
        *_too_hot(50.0, 58.0),
        *_shaking(),
        Limit("pressure", "warning", max_value=180.0, deadband=3.0, on_delay_s=3.0),
        *_standing(),
    ),
    "chiller": (
        *_too_hot(10.5, 13.0, deadband=0.3),
        *_shaking(),
        Limit("pressure", "warning", min_value=780.0, max_value=1050.0, deadband=10.0, on_delay_s=5.0),
    ),
}
