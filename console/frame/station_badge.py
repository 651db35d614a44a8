"""What the rail's Stations entry shows: how many stations need somebody, and how badly. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.panels.stations.station_rows import StationRow
from console.panels.wording import count_text
from console.widgets.severity_badge import AlertGroup, BadgeState


@dataclass(frozen=True, slots=True)
class StationBadge:
    """A badge, and what it says in words.

    Attributes:
        group: Worst and count; steady, because a station's condition is nothing to acknowledge.
    """

    group: AlertGroup
    words: str


def station_badge(rows: Sequence[StationRow]) -> StationBadge | None:
    """Return the badge of these stations; None while nothing is wrong with any of them.

    Nothing is said of a station about which the database cannot be asked: the line below the banner does.
    """
    wrong = [row.worst for row in rows if row.worst is not None and not row.is_old]
    if not wrong:
        return None
    worst = min(wrong, key=lambda severity: severity.rank)
    needs = "needs" if len(wrong) == 1 else "need"
    words = f"{count_text(len(wrong), 'station')} {needs} somebody, worst: {worst.value}"
    return StationBadge(AlertGroup(worst, BadgeState.ACKNOWLEDGED, len(wrong)), words)
