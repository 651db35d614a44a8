"""What is wrong in the demonstration plant from its first second, so that there is something to see.

Within three minutes each kind of alert has come, nine in all: one critical and latching, four warnings (one
asks for a comment, one is a device that does not answer), and notes on a value that stands still, one that
stays away, a sensor that failed, and a machine that was started cold.
"""

from drivers.plant.faults import Fault, FaultKind, fault_of
from drivers.plant.plan import PlantPlan

_DEMO: tuple[tuple[str, FaultKind], ...] = (
    ("OVEN-02", FaultKind.OVERHEAT),  # the critical one, latching, then the warning
    ("DRIVE-03", FaultKind.WORN),  # warning
    ("COMPRESSOR-01", FaultKind.LEAK),  # warning, asks for a comment
    ("MIXER-02", FaultKind.FROZEN),  # info
    ("DRYER-02", FaultKind.BAD_STATUS),  # info, bad quality
    ("HVAC-01", FaultKind.NAN),  # info, no data of one metric
    ("PUMP-03", FaultKind.SILENT),  # warning, offline; on the second gateway
)


def demo_faults(plan: PlantPlan) -> tuple[Fault, ...]:
    """Return the faults of the demonstration, as far as this plant has the devices."""
    return tuple(
        fault_of(plan, device_id, kind) for device_id, kind in _DEMO if device_id in plan.by_device_id
    )
