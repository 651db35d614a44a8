"""What people do with handovers of shifts: commands, as in `commands.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.records.handover import Handover, HandoverId, HandoverSection, ShiftSpan

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from models.records.person import Person


@dataclass(frozen=True, slots=True)
class WriteHandover:
    """Keep what a person wrote for a shift, and sign it as who hands over where that is wanted.

    Attributes:
        drafted_at: When the program looked.
        sections: With people's notes.
        is_signed: Sign it, too; from then on it stays as it is.
    """

    shift: ShiftSpan
    drafted_at: datetime
    sections: tuple[HandoverSection, ...]
    is_signed: bool = False

    def apply(self, connection: Connection, person: Person) -> Handover:
        """Return it as it is kept. Raises StorageError."""
        from models.queries.handovers import hand_over, load_handover, write_handover

        written = write_handover(connection, self.shift, self.drafted_at, self.sections)
        if not self.is_signed:
            return written
        hand_over(connection, written.id, written.digest)
        return load_handover(connection, written.id)


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Sign as who takes over; on that person's own connection, and finished for good.

    Attributes:
        digest: Of what they read.
    """

    id: HandoverId
    digest: str

    def apply(self, connection: Connection, person: Person) -> Handover:
        """Return it as it is kept. Raises StorageError."""
        from models.queries.handovers import load_handover, take_over

        take_over(connection, self.id, self.digest)
        return load_handover(connection, self.id)


@dataclass(frozen=True, slots=True)
class TakeSignatureBack:
    """Take the own signature back, to correct something before anybody takes over."""

    id: HandoverId

    def apply(self, connection: Connection, person: Person) -> Handover:
        """Return it as it is kept. Raises StorageError; Rejected where there is none to take back."""
        from models.errors import Rejected
        from models.queries.handovers import load_handover, take_signature_back

        if not take_signature_back(connection, self.id):
            raise Rejected("There is no signature of yours to take back; both have signed by now.")
        return load_handover(connection, self.id)


@dataclass(frozen=True, slots=True)
class DiscardHandover:
    """Throw an own draft away."""

    id: HandoverId

    def apply(self, connection: Connection, person: Person) -> None:
        """Do it. Raises StorageError; Rejected where it is no draft of the person's."""
        from models.errors import Rejected
        from models.queries.handovers import discard_handover

        if not discard_handover(connection, self.id):
            raise Rejected("This is no draft of yours, or it was signed meanwhile.")
