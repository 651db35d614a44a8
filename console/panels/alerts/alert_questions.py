"""What the Alerts screen asks the database. Runs on worker threads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.records.alert import Alert, AlertEvent
    from models.records.alert_filter import AlertFilter, AlertSort, JournalFilter
    from models.records.alert_story import AlertFrequency, OutOfService

_REASONS_OF_DAYS = 90


@dataclass(frozen=True, slots=True)
class AskHistory:
    """Asks for the page behind an alert; None = the first page."""

    chosen: AlertFilter
    sort: AlertSort
    is_descending: bool
    limit: int
    after: Alert | None

    def __call__(self, connection: Connection) -> list[Alert]:
        """Return one page. Raises StorageError."""
        from models.queries.alert_search import alert_page

        return alert_page(
            connection,
            self.chosen,
            self.sort,
            descending=self.is_descending,
            limit=self.limit,
            after=self.after,
        )


@dataclass(frozen=True, slots=True)
class CountHistory:
    """Asks how many alerts pass a filter."""

    chosen: AlertFilter

    def __call__(self, connection: Connection) -> int:
        """Return the count. Raises StorageError."""
        from models.queries.alert_search import count_alerts

        return count_alerts(connection, self.chosen)


@dataclass(frozen=True, slots=True)
class AskJournal:
    """Asks for the lines behind one; None = the newest page."""

    chosen: JournalFilter
    limit: int
    after: AlertEvent | None

    def __call__(self, connection: Connection) -> list[AlertEvent]:
        """Return one page, newest first. Raises StorageError."""
        from models.queries.alert_journal import journal_page

        return journal_page(connection, self.chosen, self.limit, self.after)


@dataclass(frozen=True, slots=True)
class Story:
    """What happened to one alert, and how often it came."""

    events: tuple[AlertEvent, ...]
    frequency: AlertFrequency | None


@dataclass(frozen=True, slots=True)
class AskStory:
    """Asks for an alert's own journal, and how often its threshold's alert came lately."""

    alert: Alert
    now: datetime

    def __call__(self, connection: Connection) -> Story:
        """Return both. Raises StorageError."""
        from models.queries.alert_journal import events_of
        from models.queries.alert_stories import alert_frequency

        alert = self.alert
        often = None if alert.threshold is None else alert_frequency(connection, alert.threshold, self.now)
        return Story(tuple(events_of(connection, alert.id)), often)


@dataclass(frozen=True, slots=True)
class AskShelfReasons:
    """Asks why alerts were shelved lately."""

    now: datetime

    def __call__(self, connection: Connection) -> list[str]:
        """Return the reasons, the one given last in front. Raises StorageError."""
        from models.queries.shelves import shelves_in

        since = self.now - timedelta(days=_REASONS_OF_DAYS)
        shelves = shelves_in(connection, since, self.now + timedelta(minutes=1))
        return list(dict.fromkeys(shelf.reason for shelf in reversed(shelves)))


@dataclass(frozen=True, slots=True)
class AskMaintenanceReasons:
    """Asks why devices were in maintenance lately."""

    now: datetime

    def __call__(self, connection: Connection) -> list[str]:
        """Return the reasons, the one given last in front. Raises StorageError."""
        from models.queries.shelves import maintenance_in

        since = self.now - timedelta(days=_REASONS_OF_DAYS)
        works = maintenance_in(connection, since, self.now + timedelta(minutes=1))
        return list(dict.fromkeys(work.reason for work in reversed(works)))


@dataclass(frozen=True, slots=True)
class AskOutOfService:
    """Asks which thresholds are out of service."""

    def __call__(self, connection: Connection) -> list[OutOfService]:
        """Return them. Raises StorageError."""
        from models.queries.alert_stories import out_of_service

        return out_of_service(connection)


@dataclass(frozen=True, slots=True)
class AskPeople:
    """Asks who may occur in the journal."""

    def __call__(self, connection: Connection) -> list[tuple[int, str]]:
        """Return number and name of everybody, by name. Raises StorageError."""
        from models.queries.alert_stories import people_names

        return people_names(connection)
