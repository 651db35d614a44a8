"""What a message says: subject, text and HTML of mails, and the document that a webhook gets. Pure.

Times are those of the site's zone, with the offset to UTC beside them.
"""

import html
from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from console.station.notifications.plain_words import one_line
from models.records.notification import AlertLine, Claimed
from models.records.threshold import Severity
from models.site_zone import zone_of

_SUBJECT_LONGEST = 160
_LATE_HOURS = 6
"""As in `app.fill_delivery`: what is told of later than this is counted only."""
_COLOURS = {Severity.CRITICAL: "#C81E1E", Severity.WARNING: "#C2410C", Severity.INFO: "#1F2937"}


def subject_of(message: Claimed) -> str:
    """Return one line: the alert itself where it is one, else how many of which severity."""
    if message.is_test:
        return "Test of notifications: this channel works"
    if sum(message.counts) == 1 and len(message.lines) == 1:
        line = message.lines[0]
        words = f"{line.severity.capitalize()}: {line.device}: {line.message}"
        return one_line(words, _SUBJECT_LONGEST)
    return summary_of(message)


def summary_of(message: Claimed) -> str:
    """Return "17 alerts: 2 critical, 15 warning"."""
    total = sum(message.counts)
    parts = ", ".join(
        f"{count:,} {severity}" for severity, count in zip(Severity, message.counts, strict=True) if count
    )
    return f"{total:,} {'alert' if total == 1 else 'alerts'}: {parts}"


def text_of(message: Claimed, station: str) -> str:
    """Return the mail as plain text."""
    zone = zone_of(message.time_zone)
    if message.is_test:
        lines = [_test_sentence(message, zone)]
    else:
        lines = [summary_of(message), ""]
        for alert in message.lines:
            lines.append(f"{alert.severity.rank}  {alert.severity.upper()}  {_device(alert)}")
            lines.append(f"   {one_line(alert.message)}")
            lines.append(f"   {moment_text(alert.at, zone)} · {state_text(alert, zone)}")
            lines.append("")
        lines.extend(_more(message))
    return "\n".join((*lines, "", "-- ", _origin(message, station))) + "\n"


def html_of(message: Claimed, station: str) -> str:
    """Return the mail as simple HTML: no picture, no link, no script."""
    zone = zone_of(message.time_zone)
    if message.is_test:
        body = f"<p>{html.escape(_test_sentence(message, zone))}</p>"
    else:
        rows = "".join(_row(alert, zone) for alert in message.lines)
        more = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in _more(message))
        body = (
            f"<h3>{html.escape(summary_of(message))}</h3>"
            f'<table cellpadding="6" style="border-collapse:collapse">{rows}</table>{more}'
        )
    origin = f'<p style="color:#6B7280;font-size:12px">{html.escape(_origin(message, station))}</p>'
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"></head>'
        f'<body style="font-family:sans-serif;color:#1F2937">{body}{origin}</body></html>\n'
    )


def document_of(message: Claimed, station: str) -> dict[str, Any]:
    """Return what a webhook gets, ready for JSON. `text` is what chat programs show."""
    zone = zone_of(message.time_zone)
    summary = subject_of(message)
    return {
        "id": message.message_key,
        "text": "\n".join(_chat_lines(message, summary)),
        "summary": summary,
        "is_test": message.is_test,
        "rule": one_line(message.rule),
        "station": one_line(station),
        "counts": dict(zip((str(severity) for severity in Severity), message.counts, strict=True)),
        "late": message.late,
        "not_listed": not_listed(message),
        "alerts": [
            {
                "id": line.alert,
                "severity": str(line.severity),
                "device": one_line(line.device),
                "location": one_line(line.location),
                "message": one_line(line.message),
                "metric": line.metric,
                "value": line.value,
                "limit": line.limit,
                "at": line.at.astimezone(zone).isoformat(timespec="milliseconds"),
                "times": line.times,
                "status": line.status,
                "cleared_at": None
                if line.cleared_at is None
                else line.cleared_at.astimezone(zone).isoformat(timespec="milliseconds"),
                "acknowledged_by": line.acknowledged_by,
            }
            for line in message.lines
        ],
    }


def not_listed(message: Claimed) -> int:
    """Return how many alerts are counted but not told of in detail, late ones aside."""
    return max(0, sum(message.counts) - message.late - len(message.lines))


def moment_text(moment: datetime, zone: tzinfo) -> str:
    """Return "2026-05-03 14:02:11 (UTC+02:00)"."""
    local = moment.astimezone(zone)
    offset = f"{local:%z}"
    return f"{local:%Y-%m-%d %H:%M:%S} (UTC{offset[:3]}:{offset[3:5]})"


def state_text(alert: AlertLine, zone: tzinfo) -> str:
    """Return how an alert stood when the message was written."""
    told = "" if alert.times == 1 else f", {alert.times} times"
    if alert.status == "resolved":
        return f"over{told}"
    if alert.status == "acknowledged":
        by = f" by {one_line(alert.acknowledged_by, 100)}" if alert.acknowledged_by else ""
        return f"acknowledged{by}{told}"
    if alert.cleared_at is not None:
        return f"returned to normal at {moment_text(alert.cleared_at, zone)}{told}"
    return f"still active, nobody has acknowledged it{told}"


def _device(alert: AlertLine) -> str:
    place = f" · {one_line(alert.location, 100)}" if alert.location else ""
    return one_line(alert.device, 200) + place


def _more(message: Claimed) -> Iterator[str]:
    if rest := not_listed(message):
        yield f"And {rest:,} more {'alert' if rest == 1 else 'alerts'}; the console shows all of them."
    if message.late:
        what = "1 alert is" if message.late == 1 else f"{message.late:,} alerts are"
        yield (
            f"{what} counted only: more than {_LATE_HOURS} hours old, because no station could tell of them "
            "in time. The console shows them."
        )


def _chat_lines(message: Claimed, summary: str) -> Iterator[str]:
    yield summary
    if not message.is_test and sum(message.counts) > 1:
        for line in message.lines[:10]:
            yield f"• {line.severity.capitalize()}: {_device(line)}: {one_line(line.message)}"
        if rest := sum(message.counts) - min(10, len(message.lines)):
            yield f"… and {rest:,} more"


def _row(alert: AlertLine, zone: tzinfo) -> str:
    badge = (
        f'<td style="background:{_COLOURS[alert.severity]};color:#FFFFFF;font-weight:bold">'
        f"{alert.severity.rank} {html.escape(alert.severity.upper())}</td>"
    )
    words = "<br>".join(
        html.escape(part)
        for part in (
            _device(alert),
            one_line(alert.message),
            f"{moment_text(alert.at, zone)} · {state_text(alert, zone)}",
        )
    )
    return f'<tr style="border-bottom:1px solid #D1D5DB">{badge}<td>{words}</td></tr>'


def _test_sentence(message: Claimed, zone: tzinfo) -> str:
    return (
        f"This is a test that an administrator asked for at {moment_text(message.created_at, zone)}. Nothing "
        "is wrong in the plant; alerts will come by this channel like this message."
    )


def _origin(message: Claimed, station: str) -> str:
    by = f" by station {one_line(station, 100)}" if station else ""
    return f"Rule “{one_line(message.rule, 100)}” of the operator console, sent{by}."
