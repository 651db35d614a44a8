"""Reports and handovers as documents to print: HTML that Qt can set, with places for the pictures. Pure.

Everything that comes from elsewhere (names, messages, notes) is escaped: a name is no markup.
"""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from html import escape

from console.panels.reports.availability_words import share_words
from console.panels.reports.document_parts import STYLE, moment, table
from console.panels.reports.report_questions import AlarmReport
from console.panels.reports.report_words import (
    DIAGNOSIS_TEXTS,
    VERDICT_TEXTS,
    headline,
    level_words,
    moments_text,
)
from console.panels.wording import SEVERITY_WORDS
from models.figure_words import duration_words, figure_words, span_words
from models.records.alarm_load import Availability, BadActor, Figure, Verdict
from models.records.handover import Handover, HandoverSection, ShiftSpan, Signature
from models.site_zone import zone_of


def report_html(
    report: AlarmReport, availability: Sequence[Availability], written_at: datetime, site: str
) -> str:
    """Return the report of a period."""
    load, zone = report.load, zone_of(report.time_zone)
    since, until = (datetime.fromtimestamp(at, zone) for at in (load.since_unix, load.until_unix))
    parts = [
        STYLE,
        "<h1>Alarm load</h1>",
        f"<p><b>{escape(moments_text(since, until, zone))}</b> ({escape(report.period.name)}; "
        f"{escape(str(zone))})<br>{escape(headline(load))}. {escape(level_words(load))}.</p>",
        f'<p class="quiet">{escape(span_words(load))}</p>' if span_words(load) else "",
    ]
    if load.is_empty:
        parts.append("<p>Nothing was recorded in this time, so there is no figure.</p>")
        return "".join([*parts, _written(written_at, zone, site)])
    parts += [
        "<h2>Figures per operator position</h2>" if load.positions > 1 else "<h2>Figures</h2>",
        table(("Figure", ">Value", "Target", "Verdict", ""), _figure_rows(load.figures)),
        "<h2>Alerts in 10 minutes: the most, and dark the average</h2>",
        '<p><img src="picture:over-time"></p>',
        "<h2>Severity, with its target</h2>",
        '<p><img src="picture:severities"></p>',
        '<h2 style="page-break-before: always">By hour of the day</h2>',
        '<p><img src="picture:hours"></p>',
        "<h2>The ten most frequent</h2>",
        '<p><img src="picture:top-ten"></p>',
        '<h2 style="page-break-before: always">The ten worst, and what would help</h2>',
    ]
    parts.append(_worst_table(report.worst))
    if availability:
        parts += [
            '<h2 style="page-break-before: always">Availability of each device</h2>',
            '<p class="quiet">Readings that arrived with at least one good value, of those that the '
            "device's period asks for, since it was added.</p>",
            _availability_table(availability),
        ]
    return "".join([*parts, _written(written_at, zone, site)])


def handover_html(
    shift: ShiftSpan,
    drafted_at: datetime,
    sections: Sequence[HandoverSection],
    time_zone: str,
    kept: Handover | None = None,
) -> str:
    """Return a handover, with both signatures or the lines for them."""
    zone = zone_of(time_zone)
    parts = [
        STYLE,
        f"<h1>Shift handover: {escape(shift.name)}</h1>",
        f"<p><b>{escape(moments_text(shift.began_at, shift.ends_at, zone))}</b> ({escape(str(zone))}), as of "
        f"{moment(drafted_at, zone)}</p>",
    ]
    for section in sections:
        parts.append(f"<h2>{escape(section.key.heading)}</h2>")
        if section.lines:
            parts.append("<ul>" + "".join(f"<li>{escape(line)}</li>" for line in section.lines) + "</ul>")
        elif section.key.nothing:
            parts.append(f'<p class="quiet">{escape(section.key.nothing)}</p>')
        if section.note.strip():
            words = escape(section.note.strip()).replace("\n", "<br>")
            parts.append(f"<p><b>Note:</b> {words}</p>")
        elif not section.lines and not section.key.nothing:
            parts.append('<p class="quiet">Nothing.</p>')
    outgoing = kept.outgoing if kept else None
    incoming = kept.incoming if kept else None
    parts += [
        "<h2>Signatures</h2>",
        table(
            ("", "Name", "Signed"),
            [
                ("Handing over", *_signature(outgoing, zone)),
                ("Taking over", *_signature(incoming, zone)),
            ],
        ),
    ]
    if kept is not None:
        parts.append(f'<p class="quiet">Handover {kept.id}, SHA-256 {kept.digest}</p>')
    return "".join(parts)


def _signature(signature: Signature | None, zone: tzinfo) -> tuple[str, str]:
    if signature is None:
        return "______________________", "not yet"
    return escape(signature.name), moment(signature.at, zone)


def _written(at: datetime, zone: tzinfo, site: str) -> str:
    place = f" from {escape(site)}" if site else ""
    return f'<p class="quiet">Written {moment(at, zone)}{place}. Targets: ISA-18.2, IEC 62682, EEMUA 191.</p>'


def _strong_if_missed(words: str, figure: Figure) -> str:
    return f"<b>{escape(words)}</b>" if figure.verdict is Verdict.MISSED else escape(words)


def _figure_rows(figures: Sequence[Figure]) -> list[tuple[str, ...]]:
    return [
        (
            escape(figure.spec.label),
            f'<td align="right">{_strong_if_missed(figure_words(figure), figure)}</td>',
            escape(figure.spec.target),
            _strong_if_missed(VERDICT_TEXTS[figure.verdict], figure),
            f'<span class="quiet">{escape(figure.detail)}</span>',
        )
        for figure in figures
    ]


def _worst_table(worst: Sequence[BadActor]) -> str:
    if not worst:
        return "<p>No limit brought an alert more than once, and none is stale.</p>"
    rows = [
        (
            f"<b>{escape(actor.source.name)}</b><br>{escape(actor.source.label)}<br>"
            f'<span class="quiet">{SEVERITY_WORDS[actor.source.severity]}, {actor.source.count:,} alerts'
            "</span>",
            f"<b>{DIAGNOSIS_TEXTS[actor.diagnosis]}</b>",
            f"{escape(actor.why)}{f'<br><b>Proposed: {escape(actor.change)}</b>' if actor.change else ''}",
        )
        for actor in worst
    ]
    return table(("Limit", "Diagnosis", "Why, and what would help"), rows)


def _availability_table(availability: Sequence[Availability]) -> str:
    rows = [
        (
            escape(row.name),
            escape(row.location),
            f'<td align="right">{share_words(row.share)}</td>',
            f'<td align="right">{duration_words(row.missing_s)}</td>',
        )
        for row in availability
    ]
    return table(("Device", "Area", ">Availability", ">Missing"), rows)
