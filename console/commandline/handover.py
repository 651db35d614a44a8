"""`main.py handover`: draft, keep, show and sign the handovers of shifts."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from console.commandline.command import Command, CommandError
from console.commandline.moments import text_from_moment
from console.commandline.paper import need_file, paper, written
from console.commandline.table import table_text
from console.panels.reports.report_words import moments_text
from console.settings import Settings
from console.storage import open_storage
from models.queries.alarm_settings import load_alarm_settings
from models.queries.handover_draft import draft_handover
from models.queries.handovers import (
    hand_over,
    list_handovers,
    load_handover,
    take_over,
    write_handover,
)
from models.records.handover import (
    Handover,
    HandoverId,
    HandoverSection,
    HandoverState,
    SectionKey,
    ShiftSpan,
)
from models.shift_plan import shift_at, shift_before
from models.site_zone import zone_of

_STATES = {
    HandoverState.DRAFT: "draft",
    HandoverState.WAITING: "signed by one",
    HandoverState.SIGNED: "signed by both",
}


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    draft = actions.add_parser("draft", help="find what a shift hands over, and keep it with --save")
    draft.add_argument("--shift", choices=("this", "last"), default="this")
    draft.add_argument(
        "--note",
        action="append",
        default=[],
        type=_note,
        metavar="SECTION=WORDS",
        help=f"add words to a section: {', '.join(SectionKey)}; may be given again",
    )
    draft.add_argument("--save", action="store_true", help="keep it as your draft, to be signed")
    shown = actions.add_parser("show", help="show one handover")
    shown.add_argument("id", type=int, help="its number, as handover list shows it")
    for action in (draft, shown):
        action.add_argument("--format", choices=("text", "json", "pdf"), default="text")
        action.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")
    listed = actions.add_parser("list", help="list handovers, the newest shift first")
    listed.add_argument("--format", choices=("table", "json"), default="table")
    sign = actions.add_parser(
        "sign",
        help="sign one: as who wrote it you hand over, as anybody else you take over what was handed over",
    )
    sign.add_argument("id", type=int, help="its number")


def _note(text: str) -> tuple[SectionKey, str]:
    section, separator, words = text.partition("=")
    if not separator or section not in set(SectionKey):
        raise argparse.ArgumentTypeError(f"write SECTION=WORDS, with one of {', '.join(SectionKey)}")
    return SectionKey(section), words


def _run(options: argparse.Namespace, settings: Settings) -> int:
    if getattr(options, "format", "") == "pdf":
        need_file(options.output, "pdf")
    with open_storage(settings, "console handover") as database, database.transaction() as connection:
        zone = load_alarm_settings(connection).time_zone
        match options.action:
            case "list":
                _show_list(list_handovers(connection), options.format, zone)
            case "show":
                kept = load_handover(connection, HandoverId(options.id))
                _show(options, kept.shift, kept.drafted_at, kept.sections, zone, kept)
            case "draft":
                _draft(options, connection, zone)
            case _:
                print(_sign(connection, HandoverId(options.id)))
    return 0


def _draft(options: argparse.Namespace, connection: Connection, zone: str) -> None:
    now = datetime.now(UTC)
    settings = load_alarm_settings(connection)
    shift = shift_at(settings, now)
    if options.shift == "last":
        shift = shift_before(settings, shift)
    draft = draft_handover(connection, shift, now)
    notes = dict(options.note)
    sections = tuple(replace(part, note=notes.get(part.key, "")) for part in draft.sections)
    kept = write_handover(connection, shift, now, sections) if options.save else None
    _show(options, shift, now, sections, zone, kept)
    if kept is not None:
        print(f"Kept as handover {kept.id}; sign it with: main.py handover sign {kept.id}")


def _sign(connection: Connection, number: HandoverId) -> str:
    kept = load_handover(connection, number)
    if kept.state is HandoverState.SIGNED:
        raise CommandError(f"Handover {number} was signed by both already, and never changes.")
    if kept.outgoing is None:
        hand_over(connection, number, kept.digest)
        return f"Handover {number} is signed; it waits for the person taking over."
    take_over(connection, number, kept.digest)
    return f"You have taken over from {kept.outgoing.name}; handover {number} never changes any more."


def _show(
    options: argparse.Namespace,
    shift: ShiftSpan,
    drafted_at: datetime,
    sections: Sequence[HandoverSection],
    zone: str,
    kept: Handover | None,
) -> None:
    if options.format == "pdf":
        with written(options.output), paper():
            from console.panels.reports.report_document import handover_html
            from console.panels.reports.report_pdf import write_pdf

            html = handover_html(shift, drafted_at, sections, zone, kept)
            write_pdf(options.output, html, f"Shift handover {shift.name}")
        return
    if options.format == "json":
        text = json.dumps(_document(shift, drafted_at, sections, kept), indent=2, ensure_ascii=False)
    else:
        text = _text(shift, drafted_at, sections, zone_of(zone), kept)
    if options.output is None:
        print(text)
    else:
        with written(options.output):
            options.output.write_text(text + "\n", encoding="utf-8")


def _text(
    shift: ShiftSpan,
    drafted_at: datetime,
    sections: Sequence[HandoverSection],
    zone: tzinfo,
    kept: Handover | None,
) -> str:
    lines = [
        f"{shift.name} shift, {moments_text(shift.began_at, shift.ends_at, zone)} ({zone!s}), "
        f"as of {drafted_at.astimezone(zone):%H:%M}"
    ]
    for section in sections:
        lines += ["", section.key.heading.upper()]
        lines += [f"- {line}" for line in section.lines] or [section.key.nothing or "Nothing."]
        if section.note:
            lines.append(f"Note: {section.note}")
    if kept is not None:
        lines += ["", f"Handover {kept.id}, {_STATES[kept.state]}, SHA-256 {kept.digest}"]
        for words, signature in (("Handed over by", kept.outgoing), ("Taken over by", kept.incoming)):
            if signature is not None:
                lines.append(f"{words} {signature.name}, {signature.at.astimezone(zone):%Y-%m-%d %H:%M}")
    # Names and messages come from others; nothing in them may steer the terminal.
    plain = (line.replace("\N{NO-BREAK SPACE}", " ") for line in lines)
    return "\n".join("".join(c if c.isprintable() else "?" for c in line) for line in plain)


def _document(
    shift: ShiftSpan, drafted_at: datetime, sections: Sequence[HandoverSection], kept: Handover | None
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "shift": shift.name,
        "began_at": text_from_moment(shift.began_at),
        "ends_at": text_from_moment(shift.ends_at),
        "drafted_at": text_from_moment(drafted_at),
        "sections": [
            {"key": section.key, "lines": section.lines, "note": section.note} for section in sections
        ],
    }
    if kept is not None:
        document |= {"id": kept.id, "state": kept.state, "digest": kept.digest}
        for key, signature in (("outgoing", kept.outgoing), ("incoming", kept.incoming)):
            document[key] = signature and {"name": signature.name, "at": text_from_moment(signature.at)}
    return document


def _show_list(handovers: Sequence[Handover], kind: str, zone: str) -> None:
    if kind == "json":
        print(
            json.dumps(
                [_document(one.shift, one.drafted_at, (), one) for one in handovers],
                indent=2,
                ensure_ascii=False,
            )
        )
        return
    if not handovers:
        print("No handovers.")
        return
    rows = [
        (
            str(one.id),
            one.shift.name,
            f"{one.shift.began_at.astimezone(zone_of(zone)):%Y-%m-%d %H:%M}",
            _STATES[one.state],
            one.outgoing.name if one.outgoing else one.written_by,
            one.incoming.name if one.incoming else "",
        )
        for one in handovers
    ]
    print(table_text(("ID", "SHIFT", "BEGINS", "STATE", "FROM", "TO"), rows))


COMMAND = Command(
    _add_arguments,
    _run,
    'main.py handover draft --save --note general="The filter of press 4 is ordered." --as olga@example.org',
)
