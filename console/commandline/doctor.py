"""`main.py doctor`: what this computer has and lacks, a line each, the remedy below where one is needed."""

import argparse
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from console.bridge.sound_output import NoSound, look_for_device
from console.commandline.command import Command
from console.commandline.doctor_database import credential_findings, database_findings
from console.commandline.finding import Finding
from console.commandline.table import table_text
from console.settings import Settings, SettingsError, private_runtime_dir
from drivers.registry import BUILT_IN, PLUGINS
from installer.preflight import picture_fault, window_fault

LEAST_FREE_GIB = 2.0
"""A day of 1,000 devices at 1 s is 86.4 million readings of about 150 B of heap and as much of index and WAL;
below this a small plant has days, a large one hours."""


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


def _sound(settings: Settings) -> list[Finding]:
    try:
        return [Finding("Sound", "ok", look_for_device())]
    except NoSound as error:
        # As with the display: a station or a server has no use for it.
        remedy = "Without one the horn of a window here is silent, which its status bar says."
        return [Finding("Sound", "note", str(error), remedy)]


def _drivers(settings: Settings) -> list[Finding]:
    own = [spec.label for spec in BUILT_IN]
    found = [Finding("Drivers", "ok", ", ".join(own))]
    found += [
        Finding(f"Driver {kind}", "ok", f"of the package {package}")
        for kind, package in PLUGINS.packages.items()
    ]
    found += [
        Finding(f"Driver {kind}", "FAULT", fault, "Mend or remove the package; no other driver is touched.")
        for kind, fault in PLUGINS.faults.items()
    ]
    return found


def _is_writable(folder: Path) -> bool:
    import tempfile

    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


_CHECKS: tuple[Callable[[Settings], list[Finding]], ...] = (
    _python,
    _display,
    _data_folder,
    database_findings,
    credential_findings,
    _sound,
    _drivers,
)

COMMAND = Command(_add_arguments, _run, "main.py doctor")
