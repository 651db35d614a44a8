"""`main.py doctor`: what this computer has and lacks, a line each, the remedy below where one is needed."""

import argparse
import json
import shutil
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from console.commandline.command import Command
from console.commandline.table import table_text
from console.settings import Settings, SettingsError, private_runtime_dir
from installer.preflight import picture_fault, window_fault
from models.errors import StorageError

LEAST_FREE_GIB = 2.0
"""A day of 1,000 devices at 1 s is 86.4 million readings of about 150 B of heap and as much of index and WAL;
below this a small plant has days, a large one hours."""
LARGEST_OFFSET_S = 1.0
KEYRING_PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table. `verdict` is "ok", "note" (works, with a limit) or "FAULT"."""

    subject: str
    verdict: str
    found: str
    remedy: str = ""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="a list of objects instead of a table")


def _run(options: argparse.Namespace, settings: Settings) -> int:
    findings = [finding for check in _CHECKS for finding in check(settings)]
    if options.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        rows = [(finding.subject, finding.verdict, finding.found) for finding in findings]
        header, *lines = table_text(("WHAT", "", "FOUND"), rows).splitlines()
        print(header)
        for finding, line in zip(findings, lines, strict=True):
            print(f"{line}\n    {finding.remedy}" if finding.remedy else line)
    return 1 if any(finding.verdict == "FAULT" for finding in findings) else 0


def _python(settings: Settings) -> list[Finding]:
    return [Finding("Python", "ok", sys.version.split()[0])]


def _display(settings: Settings) -> list[Finding]:
    if fault := picture_fault():
        return [Finding("Display", "FAULT", "Qt cannot start", fault)]
    if fault := window_fault():
        # A station or a server without a screen is a proper use, so this is no fault of the computer.
        return [Finding("Display", "note", "no window can open", fault)]
    return [Finding("Display", "ok", "windows can open")]


def _data_folder(settings: Settings) -> list[Finding]:
    folder = settings.data_dir
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    try:
        private_runtime_dir()
        free_gib = shutil.disk_usage(existing).free / 1024**3
    except (OSError, SettingsError) as error:
        return [Finding("Data folder", "FAULT", str(folder), str(error))]
    writable = _is_writable(existing)
    return [
        Finding("Data folder", "ok", str(folder))
        if writable
        else Finding(
            "Data folder", "FAULT", f"{folder} cannot be written", "Choose another with --data DIR."
        ),
        Finding("Disk", "ok", f"{free_gib:.1f} GiB free")
        if free_gib >= LEAST_FREE_GIB
        else Finding(
            "Disk",
            "FAULT",
            f"{free_gib:.1f} GiB free, {LEAST_FREE_GIB:g} are the least",
            f"Free space where {existing} lies, or choose another folder with --data DIR.",
        ),
    ]


def _is_writable(folder: Path) -> bool:
    import tempfile

    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _database(settings: Settings) -> list[Finding]:
    from console.storage import open_storage
    from models.queries.server_facts import server_facts

    kind = "embedded" if settings.database_url is None else "by URL"
    if settings.database_url is None and not settings.database_dir.exists():
        return [Finding("Database", "ok", "embedded, made at the first start")]
    try:
        with open_storage(settings, "console doctor") as database, database.transaction() as connection:
            before = time.time()
            facts = server_facts(connection)
            after = time.time()
    except StorageError as error:
        return [Finding("Database", "FAULT", kind, str(error))]
    offset_s = facts.now_unix - (before + after) / 2
    findings = [Finding("Database", "ok", f"{kind}, PostgreSQL {facts.version}, schema {facts.revision}")]
    if abs(offset_s) > LARGEST_OFFSET_S:
        remedy = "Set up time synchronisation (chrony or systemd-timesyncd) on both computers."
        findings.append(Finding("Clock", "FAULT", f"{offset_s:+.2f} s from the database's", remedy))
    else:
        findings.append(Finding("Clock", "ok", f"{offset_s * 1000:+.0f} ms from the database's"))
    return findings


def _keyring(settings: Settings) -> list[Finding]:
    """Ask the keyring in a thread: a locked one with a display blocks until somebody answers its dialogue."""
    answer: list[str] = []

    def ask() -> None:
        import keyring
        import keyring.backends.fail

        backend = keyring.get_keyring()
        if isinstance(backend, keyring.backends.fail.Keyring):
            failures.append("this computer offers none")
            return
        answer.append(f"{backend.name} (priority {backend.priority:g})")
        keyring.get_password("operator-console", "doctor")
        answer.append("answers")

    failures: list[str] = []

    def guarded() -> None:
        try:
            ask()
        except Exception as error:  # noqa: BLE001 - backends raise what they like; all of it is a finding
            failures.append(str(error).partition("\n")[0] or type(error).__name__)

    worker = threading.Thread(target=guarded, name="keyring", daemon=True)
    worker.start()
    worker.join(KEYRING_PATIENCE_S)
    if len(answer) == 2:
        return [Finding("Keyring", "ok", answer[0])]
    remedy = "The embedded database needs none; for others start a secret service (GNOME Keyring, KWallet)."
    reason = failures[0] if failures else f"no answer within {KEYRING_PATIENCE_S:g} s; is it locked?"
    return [Finding("Keyring", "note", reason, remedy)]


_CHECKS: tuple[Callable[[Settings], list[Finding]], ...] = (
    _python,
    _display,
    _data_folder,
    _database,
    _keyring,
)

COMMAND = Command(_add_arguments, _run, "main.py doctor")
