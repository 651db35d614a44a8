"""What engineers do to thresholds: one command, as in `commands.py`; many edits are made all or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.records.person import Person
    from models.records.threshold_entry import EditOutcome, ThresholdEdit


@dataclass(frozen=True, slots=True)
class ChangeThresholds:
    """Add, change, switch and remove thresholds.

    The change comes back to every window and station as `catalogue_changed`.

    Attributes:
        edits: Each with what the person saw: where somebody was faster, all of them are refused with who and
            when.
    """

    edits: tuple[ThresholdEdit, ...]

    def apply(self, connection: Connection, person: Person) -> EditOutcome:
        """Return what came of it. Raises StorageError."""
        from models.queries.thresholds import change_thresholds

        return change_thresholds(connection, self.edits, person)
