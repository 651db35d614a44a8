"""`main.py alerts list`: open alerts or the history, for people and for scripts."""

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TextIO

from console.commandline.command import Command
from console.commandline.moments import age_from_moment, text_from_moment
from console.commandline.table import table_text
from console.settings import Settings
from console.storage import open_storage
from models.queries.alerts import active_alerts, alert_history, open_alerts
from models.records.alert import Alert
from models.records.threshold import Severity

_COLUMNS = (
    "id",
    "device",
    "severity",
    "status",
    "metric",
    "value",
    "limit",
    "message",
    "triggered_at",
    "acknowledged_at",
    "acknowledged_by",
    "cleared_at",
    "resolved_at",
)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    show = actions.add_parser("list", help="list alerts, worst and newest first")
    show.add_argument(
        "--status", choices=("open", "active", "all"), default="open", help="open = active or acknowledged"
    )
    show.add_argument("--severity", choices=[str(severity) for severity in Severity])
    show.add_argument("--limit", type=_positive, default=1000, metavar="N")
    show.add_argument("--format", choices=("table", "json", "csv"), default="table")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is below 1")
    return number


def _run(options: argparse.Namespace, settings: Settings) -> int:
    with open_storage(settings, "console alerts list") as database, database.transaction() as connection:
        if options.status == "active":
            alerts = active_alerts(connection)
        elif options.status == "open":
            alerts = open_alerts(connection)
        else:
            alerts = alert_history(connection, options.limit, None)
    chosen = [alert for alert in alerts if options.severity in (None, str(alert.severity))][: options.limit]
    if options.format == "json":
        print(json.dumps([_row(alert) for alert in chosen], indent=2))
    elif options.format == "csv":
        write_csv(sys.stdout, chosen)
    elif not chosen:
        print("No alerts.")
    else:
        print(_table(chosen))
    return 0


def write_csv(out: TextIO, alerts: Sequence[Alert]) -> None:
    """Write a header and one line an alert, with the keys of the JSON form as columns."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in map(_row, alerts):
        writer.writerow([row[name] for name in _COLUMNS])


def _row(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.id,
        "device": alert.device_name,
        "severity": str(alert.severity),
        "status": str(alert.status),
        "metric": alert.metric,
        "value": alert.value_at_trigger,
        "limit": alert.limit_at_trigger,
        "message": alert.message,
        "triggered_at": text_from_moment(alert.triggered_at),
        "acknowledged_at": text_from_moment(alert.acknowledged_at) or None,
        "acknowledged_by": alert.acknowledged_by,
        "cleared_at": text_from_moment(alert.cleared_at) or None,
        "resolved_at": text_from_moment(alert.resolved_at) or None,
    }


def _table(alerts: list[Alert]) -> str:
    now = datetime.now(UTC)
    rows = [
        (
            str(alert.severity),
            str(alert.status) if alert.is_standing or alert.resolved_at else f"{alert.status}, returned",
            alert.device_name,
            age_from_moment(alert.triggered_at, now),
            alert.message,
        )
        for alert in alerts
    ]
    return table_text(("SEVERITY", "STATUS", "DEVICE", "AGE", "MESSAGE"), rows)


COMMAND = Command(_add_arguments, _run, "main.py alerts list --severity critical")
