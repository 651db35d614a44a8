"""What is wrong with the station itself, gathered from its parts."""

from collections.abc import Sequence

from models.records.station import Condition, ConditionKind

_FOLLOWS_FROM_DRILL = (ConditionKind.DATABASE_AWAY, ConditionKind.SILENT)


def worst_first(*conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    """Return the conditions of all parts, the worst first, of those alike the oldest.

    What a drill brings about is not wrong: while there is one, it alone is told.
    """
    everything = [one for some in conditions for one in some]
    if any(one.kind is ConditionKind.DRILL for one in everything):
        everything = [one for one in everything if one.kind not in _FOLLOWS_FROM_DRILL]
    return tuple(sorted(everything, key=lambda one: (one.severity.rank, one.since_unix)))
