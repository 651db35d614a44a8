"""What comes off the wire: a value, how far it can be trusted, and when it was true.

Moments in the hot path are float64 Unix seconds (UTC, suffix `_unix`): a thousand devices make six thousand
values a second, and a float costs a tenth of a `datetime`. float64 resolves better than a microsecond until
the year 2255.
"""

from enum import StrEnum

import msgspec


class Quality(StrEnum):
    """How far a value can be trusted (OPC UA Part 8, 6.3.2: the two severity bits of a status code)."""

    GOOD = "good"
    UNCERTAIN = "uncertain"
    BAD = "bad"


class RawValue(msgspec.Struct, frozen=True, gc=False):
    """One decoded value of one address, before scale and plausibility.

    Attributes:
        value: As decoded from the wire; None exactly when `quality` is BAD. Never NaN or infinite:
            decoders turn those into BAD with a `detail`.
        quality: GOOD, UNCERTAIN or BAD.
        received_unix: Unix seconds, this computer's clock, when the reply (or the last sign of life of the
            subscription that carries the value) arrived.
        source_unix: Unix seconds by the device's own clock, None where the protocol carries none (Modbus).
        detail: Empty when GOOD; otherwise one short clause a person understands
            ("illegal data address 3205 (exception 2)", "not a number").
    """

    value: bool | int | float | None
    quality: Quality
    received_unix: float
    source_unix: float | None = None
    detail: str = ""


def bad(detail: str, received_unix: float, source_unix: float | None = None) -> RawValue:
    """Make the RawValue of a point that could not be read or decoded."""
    return RawValue(None, Quality.BAD, received_unix, source_unix, detail)
