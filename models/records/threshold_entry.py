"""A threshold as engineers list and edit it: what is stored, by whom, how noisy; and what shall change."""

from dataclasses import dataclass
from datetime import datetime

from models.records.threshold import Threshold, ThresholdId


@dataclass(frozen=True, slots=True)
class ThresholdEntry:
    """One line of the list of thresholds.

    Attributes:
        changed_at: When it was stored as it is: what a change is compared with before it is made.
        changed_by: Name of whoever did that; empty where nobody kept it.
        owner: Name of `Threshold.user_id`.
        disabled_by: Name of `Threshold.disabled_by`; empty where it is in service.
        alerts_7d, alerts_30d: How often it asked for an operator in the last 7 and 30 days.
        open_alerts: 0 or 1: whether an alert of it is open now.
    """

    threshold: Threshold
    changed_at: datetime
    changed_by: str = ""
    owner: str = ""
    disabled_by: str = ""
    alerts_7d: int = 0
    alerts_30d: int = 0
    open_alerts: int = 0


@dataclass(frozen=True, slots=True)
class ThresholdEdit:
    """What shall become of one threshold.

    Attributes:
        before: As the person saw it; None = it is new.
        after: As it shall be; None = it is removed.
    """

    before: ThresholdEntry | None
    after: Threshold | None


@dataclass(frozen=True, slots=True)
class EditOutcome:
    """What came of several edits, all of which were made.

    Attributes:
        added: The numbers the database gave, in the order of the edits.
        unchanged: Those that were already as wanted, and were not written.
    """

    added: tuple[ThresholdId, ...] = ()
    changed: tuple[ThresholdId, ...] = ()
    removed: tuple[ThresholdId, ...] = ()
    unchanged: tuple[ThresholdId, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordedEpisode:
    """One time that a threshold was found passed, from then to its return.

    Attributes:
        began_unix, ended_unix: Unix seconds; None = it had not returned by the end of the period.
    """

    began_unix: float
    ended_unix: float | None
