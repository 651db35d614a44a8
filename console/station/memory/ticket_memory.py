"""Checked tickets, kept for a station that starts while the database is away: digests, never tickets."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Protocol

import msgspec

from console.station.memory.memory_file import MemoryFile
from console.station.memory.plan_memory import FOLDER
from models.records.person import Role
from models.records.ticket import TicketHolder

_VERSION = 1
_SET_BACK_S = 60.0


class TicketRecall(Protocol):
    """What a ticket book remembers by. Used on the event loop."""

    def load(self, now_unix: float) -> Mapping[bytes, TicketHolder]:
        """Return the holders of tickets, by their SHA-256, that are still good. `now_unix`: Unix seconds."""
        ...

    def keep(self, tickets: Mapping[bytes, tuple[TicketHolder, float]], now_unix: float) -> None:
        """Keep holders of tickets, and until when each is good, Unix seconds by the station's clock."""
        ...


class _NoMemory:
    def load(self, now_unix: float) -> Mapping[bytes, TicketHolder]:
        del now_unix
        return {}

    def keep(self, tickets: Mapping[bytes, tuple[TicketHolder, float]], now_unix: float) -> None:
        del tickets, now_unix


NO_MEMORY: TicketRecall = _NoMemory()
"""Nothing outlives the program."""


class _KeptTicket(msgspec.Struct, frozen=True):
    digest: bytes
    person_id: int
    name: str
    role: Role
    expires_unix: float
    good_until_unix: float


class _KeptTickets(msgspec.Struct, frozen=True):
    tickets: tuple[_KeptTicket, ...]
    kept_unix: float


class TicketMemory:
    """Tickets in a file of the station's memory."""

    def __init__(self, data_dir: Path, site: str, put: Callable[[str, Callable[[], None]], None]) -> None:
        """Keep what it needs; touches nothing.

        Args:
            data_dir: The data folder.
            site: Which database issued them.
            put: Has something kept by a thread that may wait for the disk, as `MemoryKeeper.put`.
        """
        self._file = MemoryFile(data_dir / FOLDER / "tickets", _KeptTickets, _VERSION, site)
        self._put = put

    def load(self, now_unix: float) -> Mapping[bytes, TicketHolder]:
        """See `TicketRecall.load`. Blocks for as long as it takes to read a small file."""
        kept = self._file.load()
        # By a clock that was set back, no ticket would ever run out.
        if kept is None or kept.kept_unix > now_unix + _SET_BACK_S:
            return {}
        return {
            one.digest: TicketHolder(
                person_id=one.person_id,
                name=one.name,
                role=one.role,
                expires_at=datetime.fromtimestamp(one.expires_unix, UTC),
                remaining_s=one.good_until_unix - now_unix,
            )
            for one in kept.tickets
            if one.good_until_unix > now_unix
        }

    def keep(self, tickets: Mapping[bytes, tuple[TicketHolder, float]], now_unix: float) -> None:
        """See `TicketRecall.keep`."""
        kept = tuple(
            _KeptTicket(
                digest, one.person_id, one.name, one.role, one.expires_at.timestamp(), good_until_unix
            )
            for digest, (one, good_until_unix) in tickets.items()
        )
        self._put("tickets", partial(self._file.keep, _KeptTickets(kept, now_unix)))
