"""Units that displays use, and how each becomes the unit of a quantity. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DisplayUnit:
    """A unit on a display: in the quantity's own unit, value = shown × factor + offset."""

    label: str
    factor: float = 1.0
    offset: float = 0.0


_OTHERS: dict[str, tuple[DisplayUnit, ...]] = {
    "°C": (DisplayUnit("°F", 5 / 9, -160 / 9), DisplayUnit("K", 1.0, -273.15)),
    # NIST SP 811: 1 bar = 100 kPa exactly; 1 psi = 6.894 757 kPa.
    "kPa": (
        DisplayUnit("bar", 100.0),
        DisplayUnit("mbar", 0.1),
        DisplayUnit("Pa", 0.001),
        DisplayUnit("MPa", 1000.0),
        DisplayUnit("psi", 6.894757),
    ),
    "mm/s": (DisplayUnit("m/s", 1000.0), DisplayUnit("in/s", 25.4)),
    "W": (DisplayUnit("kW", 1000.0), DisplayUnit("MW", 1e6), DisplayUnit("hp", 745.69987)),
    "rpm": (DisplayUnit("Hz (turns a second)", 60.0),),
    "kWh": (DisplayUnit("Wh", 0.001), DisplayUnit("MWh", 1000.0)),
    "m³/h": (DisplayUnit("l/min", 0.06), DisplayUnit("l/s", 3.6)),
    "A": (DisplayUnit("mA", 0.001), DisplayUnit("kA", 1000.0)),
    "V": (DisplayUnit("mV", 0.001), DisplayUnit("kV", 1000.0)),
}


def units_for(unit: str) -> tuple[DisplayUnit, ...]:
    """Return the quantity's own unit, then what a display may show instead."""
    return (DisplayUnit(unit), *_OTHERS.get(unit, ()))
