"""`main.py db verify-audit` and `main.py db audit`: whether the audit trail is whole, and what is in it."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import Connection

from console.audit_export import FORMATS, write_audit
from console.commandline.command import CommandError
from console.commandline.moments import moment_from_text
from console.commandline.table import table_text
from console.settings import Settings
from console.storage import open_storage
from models.audit_anchors import AnchorFile
from models.queries.audit import audit_page, export_audit
from models.queries.audit_chain import verify_audit
from models.queries.people import accounts
from models.records.audit import AuditEntry, AuditFilter, AuditOperation, AuditVerdict

_SHOWN = 48  # letters of a change on the terminal


def add_audit_actions(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare both actions below `main.py db`."""
    actions.add_parser("verify-audit", help="read the whole audit trail and name its first broken link")
    audit = actions.add_parser("audit", help="show or export who changed what")
    audit.add_argument("--since", default="24h", help="ISO 8601, or how long ago: 15min, 24h, 7d")
    audit.add_argument("--until", default="now", help="as --since")
    audit.add_argument("--person", metavar="EMAIL", help="done by this person: e-mail, name or number")
    audit.add_argument("--table", default="", help="such as devices, users, alerts")
    audit.add_argument("--operation", choices=[operation.value for operation in AuditOperation])
    audit.add_argument("--text", default="", help="found anywhere in what was changed")
    audit.add_argument("--limit", type=int, default=50, help="lines shown, newest first")
    audit.add_argument(
        "--export", type=Path, metavar="FILE", help="write every line to FILE.csv or FILE.json instead"
    )


def run_verify(settings: Settings) -> int:
    """Print the verdict, with how far it reaches. Raises CommandError where the trail is not whole."""
    with open_storage(settings, "console db") as database, database.transaction() as connection:
        try:
            anchors = AnchorFile(settings.data_dir).anchors(database.place)
        except OSError as error:
            raise CommandError(
                f"The file of what this computer has seen cannot be read: {error.filename}: {error.strerror}."
            ) from error
        verdict = verify_audit(connection, anchors)
        place = database.place
    if not verdict.is_whole:
        raise CommandError(_findings(verdict))
    print(
        f"The audit trail of {place} is whole: {verdict.rows:,} lines, the last with hash "
        f"{verdict.head.hash[:16]}…"
    )
    print(
        f"It agrees with {verdict.anchors} anchors that this computer's station kept."
        if verdict.anchors
        else "This computer holds no anchor of it, so a trail rewritten as a whole would not be noticed here."
    )
    return 0


def run_audit(options: argparse.Namespace, settings: Settings) -> int:
    """Print the lines asked for, or write them all to a file."""
    now = datetime.now(UTC)
    since, until = moment_from_text(options.since, now), moment_from_text(options.until, now)
    if since >= until:
        raise CommandError(f"--since {options.since} is not before --until {options.until}.")
    if options.export is not None and options.export.suffix.casefold() not in FORMATS:
        raise CommandError(f"--export {options.export}: the name must end with .csv or .json.")
    if options.limit < 1:
        raise CommandError(f"--limit {options.limit}: at least 1 line must be shown.")
    with open_storage(settings, "console db") as database, database.transaction() as connection:
        chosen = AuditFilter(
            since=since,
            until=None if options.until == "now" else until,
            person_id=_person(connection, options.person),
            table=options.table,
            operation=AuditOperation(options.operation) if options.operation else None,
            text=options.text,
        )
        if options.export is None:
            print(_table(audit_page(connection, chosen, options.limit)))
            return 0
        try:
            count = write_audit(options.export, export_audit(connection, chosen))
        except OSError as error:
            raise CommandError(f"{options.export} cannot be written: {error.strerror}.") from error
    print(f"{count} lines written to {options.export}.", file=sys.stderr)
    return 0


def _findings(verdict: AuditVerdict) -> str:
    parts: list[str] = []
    if verdict.broken is not None:
        parts.append(
            f"The audit trail is broken: {verdict.broken.text} "
            f"The {verdict.rows:,} lines before it are whole."
        )
    if verdict.unwatched:
        parts.append(
            f"Changes of {', '.join(verdict.unwatched)} are not watched now, because somebody removed or "
            "switched off a trigger there; the server's owner must restore it."
        )
    return " ".join(parts)


def _person(connection: Connection, wanted: str | None) -> int | None:
    if wanted is None:
        return None
    word = wanted.strip().casefold()
    found = [
        account
        for account in accounts(connection)
        if word in (account.email.casefold(), account.name.casefold(), str(account.id))
    ]
    if len(found) != 1:
        count = "Nobody has" if not found else f"{len(found)} persons have"
        raise CommandError(f"{count} the name or e-mail {wanted!r}; main.py user list shows everybody.")
    return found[0].id


def _table(entries: list[AuditEntry]) -> str:
    rows = [
        (
            str(entry.seq),
            f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
            entry.who,
            entry.workstation,
            entry.operation.value,
            f"{entry.table} {entry.key}".strip(),
            _changes(entry),
        )
        for entry in entries
    ]
    return table_text(("ENTRY", "AT (UTC)", "WHO", "WORKSTATION", "DONE", "WHAT", "CHANGES"), rows)


def _changes(entry: AuditEntry) -> str:
    is_change = entry.operation is AuditOperation.CHANGED
    told = ", ".join(
        f"{change.column}: {change.before or '–'} → {change.after or '–'}"
        if is_change
        else f"{change.column}: {change.before or change.after}"
        for change in entry.changes
        if is_change or change.before or change.after
    )
    flat = " ".join(told.split())
    return flat if len(flat) <= _SHOWN else flat[: _SHOWN - 1] + "…"
