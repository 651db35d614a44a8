"""What a back-test found, in sentences; and the rows of those alerts that somebody acted on. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from console.panels.wording import count_text, moment_text
from models.records.alert import Alert
from models.records.threshold_entry import RecordedEpisode

if TYPE_CHECKING:
    from console.station.back_test import BackTest

DAYS = (1, 7, 30)


@dataclass(frozen=True, slots=True)
class BackTestReport:
    """A replay beside what really happened.

    Attributes:
        real: When the stored threshold was really found passed, oldest first.
    """

    test: BackTest
    real: tuple[RecordedEpisode, ...]


def period_text(days: int) -> str:
    """Return "24 hours", "7 days"."""
    return "24 hours" if days == 1 else f"{days} days"


def verdict_text(report: BackTestReport, days: int, *, is_new: bool = False) -> str:
    """Return the one line that decides: how many less, and whether any that mattered is among them.

    Args:
        report: What came of it.
        days: How far back it went.
        is_new: The threshold is not stored yet, so there is nothing to compare with.
    """
    after = report.test.count
    if is_new:
        return f"{count_text(after, 'alert')} in {period_text(days)} with these settings."
    counts = f"{report.test.recorded:,} → {count_text(after, 'alert')} in {period_text(days)}."
    acted, missed = len(report.test.acted_on), len(report.test.missed)
    if not acted:
        return f"{counts} Nobody acted on any in this time."
    if missed:
        verb = "would have been missed"
        of = f"of the {acted} that somebody acted on" if acted > 1 else "that somebody acted on"
        first = f"{missed} {of}" if acted > 1 else f"The one {of}"
        return f"{counts} {first} {verb}."
    if acted == 1:
        return f"{counts} The one that somebody acted on would have come as well."
    return f"{counts} None of the {acted} that somebody acted on would have been missed."


def acted_line(alert: Alert, now: datetime) -> tuple[str, str, str]:
    """Return when an alert came, what it said, and who did what about it."""
    deeds: list[str] = []
    if alert.acknowledged_by:
        deeds.append(f"acknowledged by {alert.acknowledged_by}")
    if alert.resolved_by and alert.resolved_by != alert.acknowledged_by:
        deeds.append(f"resolved by {alert.resolved_by}")
    if alert.comments:
        deeds.append(count_text(alert.comments, "comment"))
    return moment_text(alert.triggered_at, now), alert.message, ", ".join(deeds) or "handled"
