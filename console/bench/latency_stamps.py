"""Values that say when they left their device, so that whoever sees one knows how old it is.

All processes of the bench run on one computer and read one clock. A stamp is the Unix time modulo 1,000 s:
as a temperature in °C it is plausible, and a float64 keeps microseconds of it.
"""

import time

WRAPS_AFTER_S = 1000.0
CROSSED_KPA = 10_000.0
"""A pressure below this is quiet; this much plus a stamp says when the device crossed its limit."""

LIMIT_KPA = 5_000.0


def stamp(unix: float) -> float:
    """Return the value that says `unix` (Unix seconds)."""
    return unix % WRAPS_AFTER_S


def age_ms(value: float, now_unix: float | None = None) -> float:
    """Return the milliseconds since a stamp was made."""
    now_unix = time.time() if now_unix is None else now_unix
    return (now_unix - value) % WRAPS_AFTER_S * 1000.0


def crossed(unix: float) -> float:
    """Return the pressure in kPa of a device that crossed its limit at `unix`."""
    return CROSSED_KPA + stamp(unix)


def modbus_host(index: int) -> str:
    """Return the loopback address of the Modbus device `index`: each has its own, and its own connection."""
    return f"127.0.{1 + index // 250}.{1 + index % 250}"
