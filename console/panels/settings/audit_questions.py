"""What the settings ask the database about the audit trail. Runs on worker threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from console.panels.wording import count_text
from models.records.audit import AuditFilter

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.records.account import Account, StationAccount
    from models.records.audit import AuditAnchor, AuditEntry, AuditVerdict


_TELL_EVERY = 1_000


class _Stopped(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Choices:
    """What the trail can be narrowed to.

    Attributes:
        tables: Without schema, in order of name.
    """

    people: tuple[Account, ...]
    stations: tuple[StationAccount, ...]
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskChoices:
    """Asks who and what may occur in the trail."""

    def __call__(self, connection: Connection) -> Choices:
        """Return the choices. Raises StorageError."""
        from models.queries.audit import audited_tables
        from models.queries.people import accounts, stations

        return Choices(
            tuple(accounts(connection)), tuple(stations(connection)), tuple(audited_tables(connection))
        )


@dataclass(frozen=True, slots=True)
class AskPage:
    """Asks for the page behind an entry; None = the newest page."""

    chosen: AuditFilter
    limit: int
    after: int | None

    def __call__(self, connection: Connection) -> list[AuditEntry]:
        """Return one page, newest first. Raises StorageError."""
        from models.queries.audit import audit_page

        return audit_page(connection, self.chosen, self.limit, self.after)


@dataclass(frozen=True, slots=True, eq=False)
class ExportTrail:
    """Writes what passes the filter into a file.

    Attributes:
        tell: Hears how many entries were written so far; called on the worker.
        stop: Set by whoever wants it to stop.
    """

    chosen: AuditFilter
    path: Path
    tell: Callable[[int], None]
    stop: threading.Event

    def __call__(self, connection: Connection) -> str:
        """Return one sentence: what was written, or why it was not. Raises StorageError."""
        from console.audit_export import write_audit
        from models.queries.audit import export_audit

        try:
            count = write_audit(self.path, self._counted(export_audit(connection, self.chosen)))
        except _Stopped:
            return "Stopped; nothing was saved."
        except OSError as error:
            return f"{self.path} could not be written: {error.strerror or error}. Choose another folder."
        return f"{count_text(count, 'entry', 'entries')} saved as {self.path}."

    def _counted(self, entries: Iterable[AuditEntry]) -> Iterator[AuditEntry]:
        for count, entry in enumerate(entries, start=1):
            if self.stop.is_set():
                raise _Stopped
            if count % _TELL_EVERY == 0:
                self.tell(count)
            yield entry


@dataclass(frozen=True, slots=True, eq=False)
class VerifyTrail:
    """Computes every hash of the trail again.

    Attributes:
        anchors: Returns what this computer has seen of the trail before; called on the worker.
        tell: As in ExportTrail, and `stop`.
    """

    anchors: Callable[[], Sequence[AuditAnchor]]
    tell: Callable[[int], None]
    stop: threading.Event

    def __call__(self, connection: Connection) -> AuditVerdict:
        """Return what was found. Raises StorageError, also when it was stopped."""
        from models.errors import Rejected
        from models.queries.audit_chain import verify_audit

        def tell(done: int) -> None:
            if self.stop.is_set():
                raise Rejected(f"Stopped; the first {done:,} entries are unbroken.")
            self.tell(done)

        return verify_audit(connection, self.anchors(), tell)
