"""`main.py firmware list|show`: what versions there are, and what is known of one."""

import argparse
import json
from datetime import UTC, datetime

from console.commandline.moments import age_from_moment
from console.commandline.table import table_text
from console.settings import Settings
from models.database import Database
from models.firmware.trusted_keys import load_trusted_keys
from models.queries.firmware_versions import load_version, load_versions, signing_rule
from models.records.firmware import FirmwareVersion


def list_versions(options: argparse.Namespace, settings: Settings, database: Database) -> str:
    """Return all versions, as a table or as JSON."""
    del settings
    with database.transaction() as connection:
        versions = load_versions(connection, options.product)
    if options.format == "json":
        return json.dumps([_row(version) for version in versions], indent=2, ensure_ascii=False)
    if not versions:
        return "No versions yet: main.py firmware sign, then main.py firmware upload."
    now = datetime.now(UTC)
    rows = [
        (
            one.version,
            one.status,
            str(one.sequence or "-"),
            f"{one.size:,}" if one.size else "-",
            str(len(one.signatures)),
            "-" if one.expires_at is None else f"{one.expires_at:%Y-%m-%d}",
            age_from_moment(one.created_at, now),
            one.creator or "-",
        )
        for one in versions
    ]
    header = ("VERSION", "STATUS", "SEQUENCE", "BYTES", "SIGNATURES", "EXPIRES", "ADDED", "BY")
    return table_text(header, rows)


def show_version(options: argparse.Namespace, settings: Settings, database: Database) -> str:
    """Return one version with who signed it, as this computer knows them, and its notes."""
    known = load_trusted_keys(settings.data_dir)
    with database.transaction() as connection:
        one, rule = load_version(connection, options.version), signing_rule(connection)
    lines = [
        f"{one.version}, {one.status}",
        f"  image      {one.firmware_url}",
        f"  bytes      {one.size:,}, SHA-256 {one.sha256.hex() or '-'}",
        f"  hardware   {', '.join(one.hardware) or '-'}",
        f"  sequence   {one.sequence or '-'}",
        f"  expires    {'-' if one.expires_at is None else f'{one.expires_at:%Y-%m-%d %H:%M} UTC'}",
        f"  added      {one.created_at:%Y-%m-%d %H:%M} UTC by {one.creator or 'unknown'}",
    ]
    if one.released_at is not None:
        lines.append(f"  released   {one.released_at:%Y-%m-%d %H:%M} UTC by {one.releaser or 'unknown'}")
    needed = max(rule.needed, settings.firmware_signatures)
    lines.append(f"  signatures {len(one.signatures)} of {needed} (main.py firmware verify proves them)")
    lines += [f"    {s.key}  {known.names.get(s.key, 'not believed here')}" for s in one.signatures]
    text = one.release_notes.strip()
    return "\n".join([*lines, *([""] if text else []), *map(_printable, text.splitlines())])


def _row(version: FirmwareVersion) -> dict[str, object]:
    return {
        "version": version.version,
        "status": version.status,
        "url": version.firmware_url,
        "product": version.product,
        "hardware": version.hardware,
        "sequence": version.sequence,
        "size": version.size,
        "sha256": version.sha256.hex(),
        "expires_at": version.expires_at and version.expires_at.isoformat(),
        "signatures": [one.key for one in version.signatures],
        "notes": version.release_notes,
    }


def _printable(line: str) -> str:
    """Notes are other people's words: no commands to the terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in line)
