"""Thresholds as rows: columns, words, sort keys and filters. Pure."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from console.catalogue.threshold_fields import (
    FIELD_BY_KEY,
    belongs,
    condition_text,
    shown,
)
from console.catalogue.threshold_sheet import name_of
from console.catalogue.typed_number import text_from_seconds
from console.panels.wording import SEVERITY_WORDS, count_text, moment_text, natural
from models.quantities import THE_SIX, Quantities
from models.records.device import Device
from models.records.threshold import RuleKind, Severity, Threshold
from models.records.threshold_entry import ThresholdEntry
from models.threshold_words import metric_label

NOISY_PER_WEEK = 7
"""More than one a day of one threshold: where engineers begin to look."""


class Column(IntEnum):
    """Columns of the list, left to right."""

    SEVERITY = 0
    DEVICE = 1
    METRIC = 2
    CONDITION = 3
    DEADBAND = 4
    DELAYS = 5
    STATE = 6
    WEEK = 7
    MONTH = 8
    OWNER = 9
    AREA = 10


HEADINGS = {
    Column.SEVERITY: "Severity",
    Column.DEVICE: "Device",
    Column.METRIC: "Metric",
    Column.CONDITION: "Alerts when",
    Column.DEADBAND: "Deadband",
    Column.DELAYS: "On / off delay",
    Column.STATE: "State",
    Column.WEEK: "7 d",
    Column.MONTH: "30 d",
    Column.OWNER: "Owner",
    Column.AREA: "Area",
}

TIPS = {
    Column.WEEK: "How often it asked for an operator in the last 7 days",
    Column.MONTH: "How often it asked for an operator in the last 30 days",
    Column.DELAYS: "How long a condition must last to begin, and to end",
}


class Service(StrEnum):
    """What the list is narrowed to."""

    ALL = "All states"
    ON = "In service"
    OFF = "Out of service"
    OPEN = "Open alert"
    NOISY = "Noisy"


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One threshold with its device.

    Attributes:
        said: Everything a search looks through, in lower case; made once, or thousands of rows would be
            written anew with every letter that is typed.
        begins: The same as plain words, each behind a blank.
        quantities: What can be measured at the site, for names and units.
    """

    entry: ThresholdEntry
    device: Device
    said: str = field(default="", compare=False, repr=False)
    begins: str = field(default="", compare=False, repr=False)
    quantities: Quantities = field(default=THE_SIX, compare=False, repr=False)

    @property
    def threshold(self) -> Threshold:
        """The threshold."""
        return self.entry.threshold

    @property
    def name(self) -> str:
        """The threshold as a line."""
        return name_of(self.threshold, self.device, self.quantities)

    def is_like(self, other: "LimitRow") -> bool:
        """Tell whether another reading of the same threshold says the same; cheaper than to compare all."""
        mine, its = self.entry, other.entry
        return (
            mine.changed_at == its.changed_at
            and (mine.alerts_7d, mine.alerts_30d, mine.open_alerts)
            == (its.alerts_7d, its.alerts_30d, its.open_alerts)
            and (mine.changed_by, mine.owner, mine.disabled_by)
            == (its.changed_by, its.owner, its.disabled_by)
            and (self.device is other.device or self.device == other.device)
            and (self.quantities is other.quantities or self.quantities == other.quantities)
        )


@dataclass(frozen=True, slots=True)
class LimitFilter:
    """What the list is narrowed to; None and empty sets let everything through.

    Attributes:
        typed: Beginnings of words that must all occur in device, area, metric, condition, owner or reason.
    """

    typed: str = ""
    severities: frozenset[Severity] = field(default_factory=frozenset[Severity])
    metric: str | None = None
    rule: RuleKind | None = None
    service: Service = Service.ALL

    @property
    def is_empty(self) -> bool:
        """Whether nothing is narrowed."""
        return self == LimitFilter()


def rows_of(
    entries: Iterable[ThresholdEntry], devices: Iterable[Device], quantities: Quantities = THE_SIX
) -> list[LimitRow]:
    """Return the rows whose device is known, by area, device, metric and severity. Any thread may call it."""
    by_id = {device.id: device for device in devices}
    rows = [_row(e, by_id[e.threshold.device], quantities) for e in entries if e.threshold.device in by_id]
    return sorted(rows, key=plant_order)


def _row(entry: ThresholdEntry, device: Device, quantities: Quantities) -> LimitRow:
    row = LimitRow(entry, device, quantities=quantities)
    said = " ".join(
        (
            *(cell_text(row, column) for column in Column if column not in (Column.WEEK, Column.MONTH)),
            *(device.device_id, entry.threshold.disabled_reason),
        )
    ).casefold()
    begins = " " + " ".join(re.split(r"\W+", said))
    return LimitRow(entry, device, said, begins, quantities)


def plant_order(row: LimitRow) -> tuple[Any, ...]:
    """Return the key that sorts as people walk through the plant."""
    threshold = row.threshold
    return (
        *(natural(row.device.location), natural(row.device.name), row.device.id),
        *(row.quantities.place(threshold.metric), threshold.severity.rank, threshold.id),
    )


def filtered(rows: Iterable[LimitRow], narrowed: LimitFilter) -> list[LimitRow]:
    """Return the rows that pass the filter, in the order given."""
    words = narrowed.typed.casefold().split()
    return [row for row in rows if _passes(row, narrowed, words)]


def cell_text(row: LimitRow, column: Column) -> str:
    """Return what a cell says."""
    threshold, entry = row.threshold, row.entry
    match column:
        case Column.SEVERITY:
            # Digit and word, without the colour: that belongs to alerts, and this is none.
            return f"{threshold.severity.rank} {SEVERITY_WORDS[threshold.severity]}"
        case Column.DEVICE:
            return row.device.name
        case Column.AREA:
            return row.device.location or "No area"
        case Column.METRIC:
            return metric_label(threshold.metric, row.quantities)
        case Column.CONDITION:
            return _capital(condition_text(threshold, row.quantities))
        case Column.DEADBAND:
            field = FIELD_BY_KEY["deadband"]
            has_one = belongs("deadband", threshold.rule) and threshold.deadband > 0
            return shown(field, threshold, row.quantities) if has_one else "–"
        case Column.DELAYS:
            return delays_text(threshold)
        case Column.STATE:
            return state_text(row)
        case Column.WEEK:
            return f"{entry.alerts_7d:,}"
        case Column.MONTH:
            return f"{entry.alerts_30d:,}"
        case Column.OWNER:
            return entry.owner or "–"


def delays_text(threshold: Threshold) -> str:
    """Return both delays in short, a dash where there is none."""
    if not threshold.on_delay_s and not threshold.off_delay_s:
        return "–"
    return " / ".join(
        text_from_seconds(seconds) if seconds else "–"
        for seconds in (threshold.on_delay_s, threshold.off_delay_s)
    )


def state_text(row: LimitRow) -> str:
    """Return whether it is in service, and where not, why; an open alert is said too."""
    if not row.threshold.enabled:
        return f"Off: {row.threshold.disabled_reason}" if row.threshold.disabled_reason else "Off"
    return "Alert open" if row.entry.open_alerts else "In service"


def disabled_text(row: LimitRow, now: datetime) -> str:
    """Return who took it out of service, when and why."""
    threshold = row.threshold
    who = f" by {row.entry.disabled_by}" if row.entry.disabled_by else ""
    when = f" at {moment_text(threshold.disabled_at, now)}" if threshold.disabled_at else ""
    return f"Out of service{who}{when}: {threshold.disabled_reason or 'no reason given'}"


def sort_key(column: Column) -> Callable[[LimitRow], Any]:
    """Return the key by which a click on a heading sorts."""
    match column:
        case Column.SEVERITY:
            return lambda row: row.threshold.severity.rank
        case Column.WEEK:
            return lambda row: row.entry.alerts_7d
        case Column.MONTH:
            return lambda row: row.entry.alerts_30d
        case Column.DEADBAND:
            return lambda row: row.threshold.deadband
        case Column.DELAYS:
            return lambda row: (row.threshold.on_delay_s, row.threshold.off_delay_s)
        case Column.STATE:
            return lambda row: (row.threshold.enabled, state_text(row).casefold())
        case _:
            return lambda row: natural(cell_text(row, column))


def summary(rows: Sequence[LimitRow], shown_count: int) -> str:
    """Return the line above the list: how many, how many are out of service, how loud they are."""
    off = sum(not row.threshold.enabled for row in rows)
    week = sum(row.entry.alerts_7d for row in rows)
    count = count_text(len(rows), "limit")
    parts = [count if shown_count == len(rows) else f"{shown_count:,} of {count}"]
    if off:
        parts.append(f"{off:,} out of service")
    parts.append(f"{count_text(week, 'alert')} in 7 days")
    return " · ".join(parts)


def _passes(row: LimitRow, narrowed: LimitFilter, words: Sequence[str]) -> bool:
    threshold = row.threshold
    if narrowed.severities and threshold.severity not in narrowed.severities:
        return False
    if narrowed.metric not in (None, threshold.metric) or narrowed.rule not in (None, threshold.rule):
        return False
    if not _is_in(row, narrowed.service):
        return False
    # "press 4" is not every press whose limit has a 4 in it; what is no plain word may be anywhere.
    return all(f" {word}" in row.begins if word.isalnum() else word in row.said for word in words)


def _is_in(row: LimitRow, service: Service) -> bool:
    match service:
        case Service.ALL:
            return True
        case Service.ON:
            return row.threshold.enabled
        case Service.OFF:
            return not row.threshold.enabled
        case Service.OPEN:
            return bool(row.entry.open_alerts)
        case Service.NOISY:
            return row.entry.alerts_7d > NOISY_PER_WEEK


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
