"""`main.py report alarms`: the alarm load of any period against its targets, on the terminal or in a file."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from console.commandline.command import Command, CommandError
from console.commandline.moments import moment_from_text, text_from_moment
from console.commandline.paper import need_file, paper, written
from console.commandline.table import table_text
from console.panels.reports.periods import Period
from console.panels.reports.report_questions import AlarmReport, AskAlarmReport, AskAvailability
from console.panels.reports.report_tables import csv_text, sheets_of, write_tables
from console.panels.reports.report_words import DIAGNOSIS_TEXTS, headline, level_words
from console.settings import Settings
from console.storage import open_storage
from models.figure_words import figure_words, span_words
from models.handover_words import VERDICT_WORDS
from models.records.alarm_load import Availability

_FORMATS = ("table", "json", "csv", "xlsx", "pdf")


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    alarms = actions.add_parser("alarms", help="alarm load, the ten worst thresholds, availability")
    alarms.add_argument("--since", default="30d", help="ISO 8601, or how long ago: 8h, 7d, 30d (the default)")
    alarms.add_argument("--until", default="now", help="as --since")
    alarms.add_argument("--format", choices=_FORMATS, default="table")
    alarms.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")


def _run(options: argparse.Namespace, settings: Settings) -> int:
    now = datetime.now(UTC)
    since, until = moment_from_text(options.since, now), moment_from_text(options.until, now)
    if since >= until:
        raise CommandError(f"--since {options.since} is not before --until {options.until}.")
    if options.format in ("pdf", "xlsx"):
        need_file(options.output, options.format)
    period = Period(since, until, f"{options.since} to {options.until}")
    with open_storage(settings, "console report") as database, database.transaction() as connection:
        report = AskAlarmReport(period)(connection)
        availability = AskAvailability(period)(connection)
    if options.format in ("pdf", "xlsx") or (options.format == "csv" and options.output is not None):
        _write_file(options.output, options.format, report, availability, now)
        return 0
    texts = {"json": _json, "csv": _csv, "table": _table}
    text = texts[options.format](report, availability)
    if options.output is None:
        print(text)
    else:
        with written(options.output):
            options.output.write_text(text + "\n", encoding="utf-8")
    return 0


def _write_file(
    output: Path, kind: str, report: AlarmReport, availability: list[Availability], now: datetime
) -> None:
    with written(output):
        if kind == "pdf":
            with paper():
                from console.panels.reports.report_document import report_html
                from console.panels.reports.report_pdf import pictures_of, write_pdf

                html = report_html(report, availability, now, "")
                write_pdf(output, html, "Alarm load", pictures_of(report))
        else:
            # The kind is what was asked for, whatever the name ends in.
            write_tables(output, sheets_of(report, availability), is_spreadsheet=kind == "xlsx")


def _json(report: AlarmReport, availability: list[Availability]) -> str:
    load = report.load
    document: dict[str, Any] = {
        "since": _moment(load.since_unix),
        "until": _moment(load.until_unix),
        "asked_since": _moment(load.asked_since_unix),
        "operator_positions": load.positions,
        "annunciations": load.annunciations,
        "is_verdict": load.is_verdict,
        "eemua_level": load.level,
        "eemua_average": load.band,
        "figures": [
            {
                "key": figure.key,
                "value": figure.value,
                "unit": figure.spec.unit,
                "target": figure.spec.target,
                "verdict": figure.verdict,
                "detail": figure.detail,
            }
            for figure in load.figures
        ],
        "floods": [
            {"since": _moment(f.since_unix), "until": _moment(f.until_unix), "alerts": f.alerts}
            for f in load.floods
        ],
        "counts_per_10_min": load.counts,
        "by_hour": load.by_hour,
        "worst": [
            {
                "threshold": actor.source.threshold,
                "device": actor.source.name,
                "label": actor.source.label,
                "alerts": actor.source.count,
                "diagnosis": actor.diagnosis,
                "why": actor.why,
                "proposal": actor.change or None,
            }
            for actor in report.worst
        ],
        "availability": [
            {key: value for key, value in asdict(row).items() if key != "last_reading_unix"}
            | {"last_reading": row.last_reading_unix and _moment(row.last_reading_unix)}
            for row in availability
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _csv(report: AlarmReport, availability: list[Availability]) -> str:
    return csv_text(sheets_of(report, availability)).rstrip("\n")


def _table(report: AlarmReport, availability: list[Availability]) -> str:
    load = report.load
    if load.is_empty:
        return "Nothing was recorded in this time, so there is no figure."
    parts = [f"{headline(load)}. {level_words(load)}.", *filter(None, (span_words(load),)), ""]
    figures = [
        (f.spec.label, figure_words(f), f.spec.target, VERDICT_WORDS[f.verdict], f.detail)
        for f in load.figures
    ]
    parts.append(_aligned(("FIGURE", "VALUE", "TARGET", "VERDICT", "DETAIL"), figures))
    if report.worst:
        worst = [
            (
                a.source.name,
                a.source.label,
                f"{a.source.count:,}",
                DIAGNOSIS_TEXTS[a.diagnosis],
                a.change or "-",
            )
            for a in report.worst
        ]
        parts += ["", _aligned(("DEVICE", "THRESHOLD", "ALERTS", "DIAGNOSIS", "PROPOSAL"), worst)]
    silent = sum(row.share is not None and row.share < 0.999 for row in availability)
    parts += ["", f"{silent} of {len(availability)} devices delivered less than 99.9 % of their readings."]
    return "\n".join(parts)


def _aligned(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    # A terminal breaks no line between number and unit.
    return table_text(header, [[cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row] for row in rows])


def _moment(unix: float) -> str:
    return text_from_moment(datetime.fromtimestamp(unix, UTC))


COMMAND = Command(
    _add_arguments, _run, "main.py report alarms --since 30d --format pdf --output alarm-load.pdf"
)
