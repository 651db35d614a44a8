"""What people call a protocol. Light: lists of thousands of devices ask for it."""

from drivers.registry import DRIVERS


def protocol_label(kind: str) -> str:
    """Return what people call a protocol; its name in files where this build does not know it."""
    return next((spec.label for spec in DRIVERS if spec.kind == kind), kind or "none")
