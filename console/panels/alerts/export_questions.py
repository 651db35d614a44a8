"""Writes what passes a filter into a file, page by page, on a worker thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from console.panels.wording import count_text

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.records.alert import Alert, AlertEvent
    from models.records.alert_filter import AlertFilter, AlertSort, JournalFilter

Row = TypeVar("Row")

_PAGE = 2_000


class _Stopped(Exception):
    pass


@dataclass(frozen=True, slots=True, eq=False)
class ExportHistory:
    """Writes past alerts.

    Attributes:
        tell: Hears how many rows were written so far; called on the worker.
        stop: Set by whoever wants it to stop.
    """

    chosen: AlertFilter
    sort: AlertSort
    is_descending: bool
    path: Path
    tell: Callable[[int], None]
    stop: threading.Event

    def __call__(self, connection: Connection) -> str:
        """Return one sentence: what was written, or why it was not. Raises StorageError."""
        from console.alert_export import ALERT_COLUMNS, cells_of_alert
        from models.queries.alert_search import alert_page

        def page(after: Alert | None) -> list[Alert]:
            return alert_page(
                connection,
                self.chosen,
                self.sort,
                descending=self.is_descending,
                limit=_PAGE,
                after=after,
            )

        rows = (cells_of_alert(alert) for alert in _pages(page, self.tell, self.stop))
        return _written(self.path, ALERT_COLUMNS, rows, "alert")


@dataclass(frozen=True, slots=True, eq=False)
class ExportJournal:
    """Writes lines of the journal. Attributes as in ExportHistory."""

    chosen: JournalFilter
    path: Path
    tell: Callable[[int], None]
    stop: threading.Event

    def __call__(self, connection: Connection) -> str:
        """Return one sentence, as ExportHistory does. Raises StorageError."""
        from console.alert_export import EVENT_COLUMNS, cells_of_event
        from models.queries.alert_journal import journal_page

        def page(after: AlertEvent | None) -> list[AlertEvent]:
            return journal_page(connection, self.chosen, _PAGE, after)

        rows = (cells_of_event(event) for event in _pages(page, self.tell, self.stop))
        return _written(self.path, EVENT_COLUMNS, rows, "line")


def _pages(
    page_after: Callable[[Row | None], list[Row]], tell: Callable[[int], None], stop: threading.Event
) -> Iterator[Row]:
    count, after = 0, None
    while page := page_after(after):
        if stop.is_set():
            raise _Stopped
        yield from page
        count, after = count + len(page), page[-1]
        tell(count)
        if len(page) < _PAGE:
            return


def _written(path: Path, columns: Sequence[str], rows: Iterator[Sequence[object]], noun: str) -> str:
    from console.alert_export import write_rows

    try:
        count = write_rows(path, columns, rows)  # pyright: ignore[reportArgumentType]
    except _Stopped:
        return "Stopped; nothing was saved."
    except OSError as error:
        return f"{path} could not be written: {error.strerror or error}. Choose another folder or name."
    return f"{count_text(count, noun)} saved as {path}."
