"""What is wrong in the demonstration plant from its first second, so that there is something to see.

Within half a minute: one critical alert, three warnings and two notes, and one device that does not answer.
"""

from drivers.plant.faults import Fault, FaultKind, fault_of
from drivers.plant.plan import PlantPlan

_DEMO: tuple[tuple[str, FaultKind], ...] = (
    ("OVEN-02", FaultKind.OVERHEAT),  # a warning, then the critical one
    ("DRIVE-03", FaultKind.WORN),  # warning
    ("COMPRESSOR-01", FaultKind.LEAK),  # warning
    ("PRESS-03", FaultKind.STOP),  # info
    ("CLIMATE-01", FaultKind.DAMP),  # info
    ("PUMP-03", FaultKind.SILENT),  # offline, on the second gateway
)


def demo_faults(plan: PlantPlan) -> tuple[Fault, ...]:
    """Return the faults of the demonstration, as far as this plant has the devices."""
    return tuple(
        fault_of(plan, device_id, kind) for device_id, kind in _DEMO if device_id in plan.by_device_id
    )
