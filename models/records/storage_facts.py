"""How much a database holds, and how far its upkeep has come."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StorageFacts:
    """Size and upkeep of a database.

    Attributes:
        partitions: Days for which readings have a partition.
        last_day: Midnight (UTC) that ends the last of them; None where there is none.
        rolled_before: What is older is in the rollups.
        late_marks: Minutes that late readings have marked, still to be condensed again.
    """

    size_bytes: int
    devices: int
    partitions: int
    last_day: datetime | None
    rolled_before: datetime
    late_marks: int
