"""Alerts and their journal as tables, CSV and JSON."""

import argparse
import csv
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TextIO

from sqlalchemy.engine import Connection

from console.commandline.command import CommandError
from console.commandline.moments import age_from_moment, moment_from_text, text_from_moment
from console.commandline.table import table_text
from console.settings import Settings
from console.spreadsheet_text import as_text
from console.storage import open_storage
from models.alarm_states import AlarmState
from models.queries.alert_journal import events_of, journal_page
from models.queries.alert_search import alert_page
from models.queries.alerts import active_alerts, open_alerts
from models.queries.catalogue import load_devices
from models.records.alert import Alert, AlertEvent, AlertId, AlertStatus
from models.records.alert_filter import AlertFilter, AlertSort, JournalFilter
from models.records.device import DeviceId
from models.records.threshold import Severity

_PAGE = 500
_COLUMNS = (
    "id",
    "device",
    "severity",
    "status",
    "state",
    "metric",
    "value",
    "limit",
    "message",
    "triggered_at",
    "acknowledged_at",
    "acknowledged_by",
    "cleared_at",
    "resolved_at",
    "resolved_by",
    "hidden_by",
    "shelved_until",
    "comments",
)
_EVENT_COLUMNS = ("at", "alert", "device", "kind", "person", "station", "value", "comment", "message")


def listing(options: argparse.Namespace, settings: Settings) -> int:
    """Show what is open."""
    with open_storage(settings, "console alerts list") as database, database.transaction() as connection:
        if options.status == "all":
            severities = map(Severity, filter(None, [options.severity]))
            chosen = AlertFilter(severities=frozenset(severities))
            alerts = _found(connection, chosen, AlertSort.TRIGGERED, options.limit)
        else:
            alerts = (active_alerts if options.status == "active" else open_alerts)(connection)
    shown = [alert for alert in alerts if options.severity in (None, str(alert.severity))]
    _show(options.format, shown[: options.limit])
    return 0


def history(options: argparse.Namespace, settings: Settings) -> int:
    """Look for alerts."""
    with open_storage(settings, "console alerts history") as database, database.transaction() as connection:
        chosen = AlertFilter(
            text=options.text,
            severities=frozenset(map(Severity, options.severity or ())),
            statuses=frozenset(map(AlertStatus, options.status or ())),
            device=None if options.device is None else device_of(connection, options.device),
            location=options.location,
            metric=options.metric,
            since=_moment(options.since),
            until=_moment(options.until),
        )
        sort = AlertSort(options.sort)
        alerts = _found(connection, chosen, sort, options.limit, descending=not options.ascending)
    _show(options.format, alerts)
    return 0


def journal(options: argparse.Namespace, settings: Settings) -> int:
    """Tell what happened."""
    alert = None if options.id is None else AlertId(options.id)
    chosen = JournalFilter(
        alert=alert, text=options.text, since=_moment(options.since), until=_moment(options.until)
    )
    with open_storage(settings, "console alerts journal") as database, database.transaction() as connection:
        events = journal_page(connection, chosen, options.limit)
        if alert is not None and not events and not events_of(connection, alert):
            raise CommandError(f"There is no alert {alert} that you may see.")
    if options.format == "json":
        print(json.dumps([_event_row(event) for event in events], indent=2))
    elif options.format == "csv":
        _write(sys.stdout, _EVENT_COLUMNS, [_event_row(event) for event in events])
    elif not events:
        print("Nothing happened.")
    else:
        print(_journal_table(events))
    return 0


def device_of(connection: Connection, hardware_id: str) -> DeviceId:
    """Return the device of a hardware id. Raises CommandError where there is none."""
    for device in load_devices(connection):
        if device.device_id == hardware_id:
            return device.id
    raise CommandError(f"No device has the id {hardware_id!r}; main.py device list shows them all.")


def write_csv(out: TextIO, alerts: Sequence[Alert]) -> None:
    """Write a header and one line an alert, with the keys of the JSON form as columns."""
    _write(out, _COLUMNS, [_row(alert) for alert in alerts])


def state_text(alert: Alert) -> str:
    """Return ISA-18.2's letter and the word for it: "B unacknowledged"; of one that is over, "resolved"."""
    if alert.state is AlarmState.NORMAL:
        return "resolved"
    return f"{alert.state} {alert.state.name.lower().replace('_', ' ')}"


def _found(
    connection: Connection, chosen: AlertFilter, sort: AlertSort, limit: int, *, descending: bool = True
) -> list[Alert]:
    found: list[Alert] = []
    while len(found) < limit:
        page = alert_page(
            connection,
            chosen,
            sort,
            descending=descending,
            limit=min(_PAGE, limit - len(found)),
            after=found[-1] if found else None,
        )
        if not page:
            break
        found += page
    return found


def _moment(text: str | None) -> datetime | None:
    return None if text is None else moment_from_text(text, datetime.now(UTC))


def _show(form: str, alerts: Sequence[Alert]) -> None:
    if form == "json":
        print(json.dumps([_row(alert) for alert in alerts], indent=2))
    elif form == "csv":
        write_csv(sys.stdout, alerts)
    elif not alerts:
        print("No alerts.")
    else:
        print(_table(alerts))


def _write(out: TextIO, columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        cells = (row[name] for name in columns)
        # Anybody may write a comment.
        writer.writerow([as_text(cell) if isinstance(cell, str) else cell for cell in cells])


def _row(alert: Alert) -> dict[str, object]:
    return {
        "id": alert.id,
        "device": alert.device_name,
        "severity": str(alert.severity),
        "status": str(alert.status),
        "state": str(alert.state),
        "metric": alert.metric,
        "value": alert.value_at_trigger,
        "limit": alert.limit_at_trigger,
        "message": alert.message,
        "triggered_at": text_from_moment(alert.triggered_at),
        "acknowledged_at": text_from_moment(alert.acknowledged_at) or None,
        "acknowledged_by": alert.acknowledged_by,
        "cleared_at": text_from_moment(alert.cleared_at) or None,
        "resolved_at": text_from_moment(alert.resolved_at) or None,
        "resolved_by": alert.resolved_by,
        "hidden_by": str(alert.hidden_by) or None,
        "shelved_until": text_from_moment(alert.shelved_until) or None,
        "comments": alert.comments,
    }


def _event_row(event: AlertEvent) -> dict[str, object]:
    return {
        "at": text_from_moment(event.at),
        "alert": event.alert,
        "device": event.device_name,
        "kind": str(event.kind),
        "person": event.person or None,
        "station": event.station or None,
        "value": event.value,
        "comment": event.comment,
        "message": event.message,
    }


def _table(alerts: Sequence[Alert]) -> str:
    now = datetime.now(UTC)
    rows = [
        (
            str(alert.id),
            str(alert.severity),
            state_text(alert),
            alert.device_name,
            age_from_moment(alert.triggered_at, now),
            alert.message,
        )
        for alert in alerts
    ]
    return table_text(("ID", "SEVERITY", "STATE", "DEVICE", "AGE", "MESSAGE"), rows)


def _journal_table(events: Sequence[AlertEvent]) -> str:
    rows = [
        (
            f"{event.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
            str(event.alert),
            event.device_name,
            str(event.kind),
            event.person or event.station,
            event.comment or (event.message if event.kind in ("raised", "reoccurred") else ""),
        )
        for event in events
    ]
    return table_text(("AT (UTC)", "ALERT", "DEVICE", "WHAT", "BY", "WORDS"), rows)
