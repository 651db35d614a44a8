"""What the Reports screen asks the database. Runs on worker threads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.bridge.history_place import about_the_past
from console.panels.reports.periods import Period
from models.records.alarm_load import AlarmLoad, Availability, BadActor
from models.records.handover import Handover, HandoverDraft, ShiftSpan

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class AlarmReport:
    """What came of a period: the load, and its ten worst."""

    period: Period
    load: AlarmLoad
    worst: tuple[BadActor, ...]
    time_zone: str


@about_the_past
@dataclass(frozen=True, slots=True)
class AskAlarmReport:
    """Asks for the alarm load of a period and its ten worst thresholds."""

    period: Period

    def __call__(self, connection: Connection) -> AlarmReport:
        """Return the report. Raises StorageError."""
        from models.queries.alarm_settings import load_alarm_settings
        from models.queries.bad_actors import load_alarm_report

        load, worst = load_alarm_report(connection, self.period.since, self.period.until)
        return AlarmReport(self.period, load, worst, load_alarm_settings(connection).time_zone)


@about_the_past
@dataclass(frozen=True, slots=True)
class AskAvailability:
    """Asks how much of what each device should have told arrived."""

    period: Period

    def __call__(self, connection: Connection) -> list[Availability]:
        """Return one row a device. Raises StorageError."""
        from models.queries.availability import load_availability

        return load_availability(connection, self.period.since, self.period.until)


@dataclass(frozen=True, slots=True)
class AskDraft:
    """Asks what the program finds for a shift at a moment."""

    shift: ShiftSpan
    now: datetime

    def __call__(self, connection: Connection) -> HandoverDraft:
        """Return the draft. Raises StorageError."""
        from models.queries.handover_draft import draft_handover

        return draft_handover(connection, self.shift, self.now)


@dataclass(frozen=True, slots=True)
class AskHandovers:
    """Asks for the newest handovers."""

    limit: int = 100

    def __call__(self, connection: Connection) -> list[Handover]:
        """Return them, the newest first. Raises StorageError."""
        from models.queries.handovers import list_handovers

        return list_handovers(connection, self.limit)
