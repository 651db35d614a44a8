"""What the devices of the fault suite say, so that every stored row proves which answer it was. Pure.

Each answer of a device carries the number of that answer, and everything else in it follows from device and
number: a value that was mixed up, cut off or made up is none that the device ever gave.
"""

from collections.abc import Sequence

import msgspec

QUIET_KPA = 100.0
LIMIT_KPA = 5_000.0
LOUD_KPA = 9_000.0
"""The pressure tells of excursions: quiet, or over its limit."""

_SEQUENCE_AT, _PRESSURE_AT = 4, 2  # power and pressure, in METRICS' order
_CHECK_PRIME = 65_521
_PRESSURES = 97


class Answer(msgspec.Struct, frozen=True, gc=False):
    """One answer that a device gave.

    Attributes:
        unix: When it left, Unix seconds.
        connection: Position in `Witnessed.stations` of who asked.
        is_disturbed: The device was told to misbehave: this answer need not be stored, but may be.
    """

    unix: float
    connection: int
    is_disturbed: bool = False


class Excursion(msgspec.Struct, frozen=True):
    """A pressure over its limit: what must become one episode of an alert."""

    device: int
    began_unix: float
    ended_unix: float


class Witnessed(msgspec.Struct, frozen=True):
    """Everything that the devices saw.

    Attributes:
        answers: By device; the answer at position i has the sequence number i + 1.
        stations: Process id of who made each connection; 0 where nobody of ours did.
        excursions: In the order in which they ended.
    """

    answers: list[list[Answer]]
    stations: list[int]
    excursions: list[Excursion]


def values_of(device: int, sequence: int, *, is_loud: bool) -> tuple[float, ...]:
    """Return all metrics of one answer, in METRICS' order; each of them plausible."""
    return (
        float(sequence % 1000),
        float((sequence * 7 + device) % 101),
        (LOUD_KPA if is_loud else QUIET_KPA) + float(sequence % _PRESSURES),
        float(device % 200),
        float(sequence),
        float((sequence * 7919 + device * 104_729) % _CHECK_PRIME),
    )


def sequence_of(device: int, values: Sequence[float | None]) -> int | None:
    """Return which answer of `device` these values are; None where it never said them."""
    told = values[_SEQUENCE_AT]
    if told is None or told < 1 or told != int(told):
        return None
    pressure = values[_PRESSURE_AT]
    is_loud = pressure is not None and pressure > LIMIT_KPA
    return int(told) if tuple(values) == values_of(device, int(told), is_loud=is_loud) else None
