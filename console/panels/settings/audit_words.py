"""The audit trail in plain words: what was touched, what was done, what was there before and after. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from console.panels.settings.audit_parts import NOTHING_KNOWN, Known, parts_of_device, parts_of_json
from console.panels.wording import count_text
from console.widgets.number_text import NO_VALUE
from models.records.audit import AuditChange, AuditEntry, AuditOperation, AuditVerdict
from models.records.person import Role

_TABLES = {
    "users": ("User", "Users"),
    "stations": ("Station", "Stations"),
    "devices": ("Device", "Devices"),
    "device_writes": ("Value written to device", "Values written to devices"),
    "signals": ("Signal", "Signals"),
    "alert_thresholds": ("Threshold", "Thresholds"),
    "alerts": ("Alert", "Alerts"),
    "alert_events": ("Alert journal", "Alert journal"),
    "window_tickets": ("Session", "Sessions"),
    "notification_channels": ("Notification channel", "Notification channels"),
    "notification_rules": ("Notification rule", "Notification rules"),
    "notification_deliveries": ("Notification", "Notifications"),
    "ota_versions": ("Firmware version", "Firmware versions"),
    "ota_permits": ("Permit to go back", "Permits to go back"),
    "firmware_settings": ("Settings of firmware", "Settings of firmware"),
    "ota_deployments": ("Firmware update", "Firmware updates"),
}
"""One and many, of what a table holds."""

OPERATION_WORDS = {
    AuditOperation.ADDED: "Added",
    AuditOperation.CHANGED: "Changed",
    AuditOperation.REMOVED: "Removed",
    AuditOperation.EMPTIED: "Emptied",
    AuditOperation.SIGNED_IN: "Signed in",
    AuditOperation.REFUSED: "Refused",
}

_FIELDS = {
    "is_active": "May sign in",
    "is_enabled": "Enabled",
    "deleted_at": "Removed",
    "db_role": "Login",
    "user_id": "Owner",
    "device_id": "Device",
    "metadata": "Settings",
    "retired_at": "Taken out of use",
    "plausible_low": "Plausible from",
    "plausible_high": "Plausible to",
    "span_low": "Shown from",
    "span_high": "Shown to",
    "min_value": "Minimum",
    "max_value": "Maximum",
    "metric_type": "Metric",
    "on_delay_s": "On delay (s)",
    "off_delay_s": "Off delay (s)",
    "period_s": "Period (s)",
    "failed_before": "Failed attempts before",
    "hw_revisions": "Hardware revisions",
    "version_seq": "Sequence",
    "size_bytes": "Size (bytes)",
    "sha256": "SHA-256",
    "signatures_needed": "Signatures needed",
    "what": "What was tried",
    "email": "E-mail",
}

_FIRST = (
    "name",
    "message",
    "role",
    "is_active",
    "device_id",
    "metric_type",
    "min_value",
    "max_value",
    "severity",
    "status",
)
_MOMENTS = ("at", "until", "since")
"""Columns that hold moments, beside those whose names end in "_at"."""

_NO_NEWS = ("id", "created_at")
"""What stands elsewhere in an entry: the row's number, and when it was made."""

_MOST_IN_LINE = 12
MOST_SHOWN = 2_000
"""Letters of one value that are shown; an export holds all of them."""


class Span(StrEnum):
    """Which part of the past is looked at."""

    ALL = "Any time"
    HOUR = "Last hour"
    DAY = "Last 24 hours"
    WEEK = "Last 7 days"
    MONTH = "Last 30 days"
    BETWEEN = "Between…"


_LENGTHS = {
    Span.HOUR: timedelta(hours=1),
    Span.DAY: timedelta(days=1),
    Span.WEEK: timedelta(days=7),
    Span.MONTH: timedelta(days=30),
}


def since_of(span: Span, now: datetime) -> datetime | None:
    """Return from when a span looks; None for spans that do not count back from now."""
    length = _LENGTHS.get(span)
    return None if length is None else now - length


def table_words(table: str) -> str:
    """Return what a table holds, as a choice in a list: "Users"."""
    return _TABLES[table][1] if table in _TABLES else table.replace("_", " ").capitalize()


def subject_text(entry: AuditEntry) -> str:
    """Return what was touched: "User 12"; a dash where it was no row of a table."""
    if not entry.table:
        return NO_VALUE
    one = _TABLES[entry.table][0] if entry.table in _TABLES else table_words(entry.table)
    # A key of bytes tells people nothing; an export has it.
    return one if entry.key.startswith("\\x") else f"{one} {entry.key}".strip()


def field_text(column: str) -> str:
    """Return a column in plain words."""
    return _FIELDS.get(column) or column.removesuffix("_id").replace("_", " ").capitalize()


def changes_of(entry: AuditEntry, known: Known = NOTHING_KNOWN) -> list[AuditChange]:
    """Return what an entry says field by field, as people read it: names first, what is empty left out."""
    fields = (
        field
        for name in {*entry.before, *entry.after}
        if name not in _NO_NEWS
        for field in _fields_of(entry, name, known)
    )
    return sorted(
        (field for field in fields if field.before or field.after),
        key=lambda field: (
            _FIRST.index(field.column) if field.column in _FIRST else len(_FIRST),
            field.column,
        ),
    )


def _fields_of(entry: AuditEntry, name: str, known: Known) -> list[AuditChange]:
    before, after = entry.before.get(name), entry.after.get(name)
    if not isinstance(before, dict | list) and not isinstance(after, dict | list):
        return [AuditChange(name, _text(name, before, known), _text(name, after, known))]
    if entry.table == "devices" and name == "metadata":
        return parts_of_device(name, before, after, known.quantities)
    return [
        replace(part, label=f"{field_text(name)} › {part.label}" if part.label else "")
        for part in parts_of_json(name, before, after)
    ]


def change_label(change: AuditChange) -> str:
    """Return what a field is called."""
    return change.label or field_text(change.column)


def value_shown(text: str) -> str:
    """Return a value as it fits on the screen."""
    return text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "…"


def changes_text(entry: AuditEntry, known: Known = NOTHING_KNOWN) -> str:
    """Return what an entry says in one line, for the table."""
    match entry.operation:
        case AuditOperation.REFUSED:
            return _after(entry, "what") or _after(entry, "more")
        case AuditOperation.SIGNED_IN:
            failed = entry.after.get("failed_before")
            if isinstance(failed, int) and failed > 0:
                return f"after {count_text(failed, 'failed attempt')}"
            return _after(entry, "more")
        case AuditOperation.CHANGED:
            return _listed([_change_text(field) for field in changes_of(entry, known)])
        case _:
            fields = changes_of(entry, known)
            return _listed([f"{change_label(one)}: {_short(one.after or one.before)}" for one in fields])


def _listed(parts: list[str]) -> str:
    more = len(parts) - _MOST_IN_LINE
    return "; ".join(parts[:_MOST_IN_LINE]) + (f"; and {count_text(more, 'field')} more" if more > 0 else "")


def _change_text(field: AuditChange) -> str:
    name, before, after = change_label(field), _short(field.before), _short(field.after)
    # What people write is not kept here: both sides only say that it is another.
    return f"{name} {after}" if before == after else f"{name}: {before} → {after}"


def entry_title(entry: AuditEntry) -> str:
    """Return an entry as a sentence without its moment: "Anna Berg changed User 12"."""
    done = OPERATION_WORDS[entry.operation].casefold()
    if entry.operation is AuditOperation.SIGNED_IN:
        return f"{entry.who} signed in"
    if entry.operation is AuditOperation.REFUSED:
        return f"{entry.who} was refused"
    if entry.operation is AuditOperation.EMPTIED:
        return f"{entry.who} emptied {table_words(entry.table)}"
    return f"{entry.who} {done} {subject_text(entry)}"


def verdict_text(verdict: AuditVerdict) -> str:
    """Return what verifying found, in a sentence or two."""
    parts = []
    if verdict.broken is not None:
        parts.append(f"The trail is broken: {verdict.broken.text}")
        if verdict.rows:
            parts.append(
                f"The {count_text(verdict.rows, 'entry', 'entries')} before it are as they were written."
            )
    else:
        parts.append(f"{count_text(verdict.rows, 'entry', 'entries')}, unbroken.")
    if verdict.unwatched:
        tables = ", ".join(table_words(table) for table in verdict.unwatched)
        parts.append(f"Changes are not recorded now for: {tables}; ask who switched that off.")
    return " ".join(parts)


def _text(column: str, value: object, known: Known) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.10g}"
        case int() if column == "device_id" and value in known.devices:
            return known.devices[value]
        case str() if column == "role" and value in list(Role):
            return Role(value).label
        case str() if column in _MOMENTS or column.endswith("_at"):
            return _moment(value)
        case _:
            return str(value)


def _moment(text: str) -> str:
    try:
        return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M:%S}"
    except ValueError:
        return text


def _after(entry: AuditEntry, name: str) -> str:
    value = entry.after.get(name)
    return "" if value is None else str(value)


def _short(text: str, most: int = 60) -> str:
    if not text:
        return NO_VALUE
    flat = " ".join(text[: most + 1].split())
    return flat if len(text) <= most else flat[: most - 1] + "…"
