"""Which connection needs somebody first. Pure; screens, files and the command line sort by the same."""

import math
from enum import IntEnum

from models.records.device_health import DeviceHealth

UNTOLD_S = 60.0
"""Stations tell every fifteen seconds; what is four times as old says nothing of now."""


class Trouble(IntEnum):
    """What is wrong with a connection, worst first."""

    FAILS = 0
    """The latest poll failed."""
    UNTOLD = 1
    """No station tells of it: unknown is never fine."""
    BAD_VALUES = 2
    """It answers, and not every value is good."""
    ERRORS = 3
    """It answers well, and did not always within the last ten minutes."""
    NONE = 4


TROUBLE_WORDS = {
    Trouble.FAILS: "fails",
    Trouble.UNTOLD: "not known",
    Trouble.BAD_VALUES: "bad values",
    Trouble.ERRORS: "errors",
    Trouble.NONE: "well",
}


def trouble_of(health: DeviceHealth | None, now_unix: float) -> Trouble:
    """Return what is wrong with a connection; None: no station ever told of it."""
    if health is None or now_unix - health.as_of_unix > UNTOLD_S:
        return Trouble.UNTOLD
    if health.failure:
        return Trouble.FAILS
    if not health.polls_answered:
        return Trouble.UNTOLD
    if any(tag.quality != "good" for tag in health.tags):
        return Trouble.BAD_VALUES
    return Trouble.ERRORS if health.recent_error_count else Trouble.NONE


def worst_first(health: DeviceHealth | None, now_unix: float) -> tuple[float, ...]:
    """Return a sort key: what needs somebody first, and among those the worst.

    What fails by how long nothing good was read, bad values by how many, errors by how many of late, what is
    well by its slowest round trips.
    """
    trouble = trouble_of(health, now_unix)
    if health is None:
        return (trouble, -math.inf)
    match trouble:
        case Trouble.FAILS | Trouble.UNTOLD:
            amount = now_unix - health.good_read_unix
        case Trouble.BAD_VALUES:
            amount = float(sum(tag.quality != "good" for tag in health.tags))
        case Trouble.ERRORS:
            amount = float(health.recent_error_count)
        case Trouble.NONE:
            amount = health.round_trip_p99_ms or 0.0
    return (trouble, -amount)
