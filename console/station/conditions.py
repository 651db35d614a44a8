"""What is wrong with the station itself, gathered from its parts."""

from collections.abc import Sequence

from models.records.station import Condition


def worst_first(*conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    """Return the conditions of all parts, the worst first, of those alike the oldest."""
    everything = [one for some in conditions for one in some]
    return tuple(sorted(everything, key=lambda one: (one.severity.rank, one.since_unix)))
