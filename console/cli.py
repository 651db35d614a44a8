"""The command line: which sub-command, which settings, and how a failure is said.

Exit code 0 done, 1 failed (one sentence on stderr), 2 bad usage.
"""

import argparse
import errno
import io
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from console.commandline.command import Command, CommandError
from console.commandline.registry import COMMANDS, WINDOW, Entry
from console.settings import SettingsError, load_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command as `main.py` does. Returns the exit code; raises SystemExit only for bad usage."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    _print_any_name()
    # What a room logs belongs into a log file, where a command keeps one; a person gets one sentence.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        return _run(given)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output (head, less) has gone: that is its right, and no failure of ours.
        sys.stderr.close()
        return 0


def _run(given: list[str]) -> int:
    ours, handed_on = _parted(given)
    # Taken out first, so that they may stand anywhere, also behind a command's own sub-command.
    common, rest = _common().parse_known_args(ours)
    entry = _entry_named(rest)
    parser, command = _parser(entry)
    options = parser.parse_args(rest)
    if handed_on and not hasattr(options, "handed_on"):
        parser.error("only the test command hands on what stands behind --")
    options.handed_on = handed_on
    if command is None:
        parser.print_help()
        return 2
    try:
        settings = load_settings(common.data, common.database, person=common.person, is_debug=common.debug)
        code = command.run(options, settings)
        # Here, not at the interpreter's end: a full disk or a reader gone would be told as a traceback there.
        print(end="", flush=True)
        return code
    except BrokenPipeError:
        raise
    except Exception as error:  # the outermost net: known errors become their sentence, others stay loud
        if common.debug or not (_is_sentence(error) or _is_full_disk(error)):
            raise
        text = "What was asked for could not be written: the disk is full." if _is_full_disk(error) else error
        print(text, file=sys.stderr)
        return 1


def _print_any_name() -> None:
    """Let names of any script be printed on terminals that know only some, as escapes rather than a crash."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _folder(text: str) -> Path:
    # An empty shell variable (--data "$DIR") would otherwise spread a database over the current folder.
    if not text.strip():
        raise argparse.ArgumentTypeError("names no folder; write . for this one")
    return Path(text)


def _is_full_disk(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def _is_sentence(error: Exception) -> bool:
    """Whether an error's text was written for people. Its type may only be known to rooms loaded by now."""
    from drivers.errors import DriverError
    from models.errors import StorageError

    return isinstance(error, CommandError | SettingsError | DriverError | StorageError)


def _parted(given: list[str]) -> tuple[list[str], list[str]]:
    """Part the arguments at "--": ours, and what a command hands on to another program."""
    if "--" not in given:
        return given, []
    at = given.index("--")
    return given[:at], given[at + 1 :]


def _entry_named(rest: Sequence[str]) -> Entry | None:
    """Find the sub-command without importing any; None where help is asked for or the word is unknown."""
    first = next((word for word in rest if not word.startswith("-") or word in ("-h", "--help")), None)
    if first is None:
        return WINDOW
    return next((entry for entry in COMMANDS if entry.name == first), None)


def _parser(entry: Entry | None) -> tuple[argparse.ArgumentParser, Command | None]:
    parser = argparse.ArgumentParser(
        prog="main.py",
        description="Operator console: polls devices, records to PostgreSQL, judges limits, shows the plant.",
        parents=[_common()],
        epilog="Without a command the window opens. Each command explains itself: main.py demo --help",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    command = None
    for known in COMMANDS:
        loaded = known.load() if entry is not None and known.name == entry.name else None
        sub = commands.add_parser(
            known.name,
            help=known.summary,
            description=known.summary[0].upper() + known.summary[1:] + ".",
            epilog=f"Example: {loaded.example}" if loaded else None,
            parents=[_common()],
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if loaded is not None:
            loaded.add_arguments(sub)
            command = loaded
    if entry is WINDOW:
        command = WINDOW.load()
        command.add_arguments(parser)
    return parser, command


def _common() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    group = common.add_argument_group("for every command")
    group.add_argument(
        "--data",
        type=_folder,
        metavar="DIR",
        help="folder that holds everything a run keeps (or CONSOLE_DATA_DIR)",
    )
    group.add_argument(
        "--database",
        metavar="URL",
        help="PostgreSQL server to use instead of the embedded one (or CONSOLE_DATABASE_URL)",
    )
    group.add_argument(
        "--as",
        dest="person",
        metavar="EMAIL",
        help="work as this person (or CONSOLE_PERSON); the password is asked for, or taken from "
        "CONSOLE_PASSWORD",
    )
    group.add_argument("--debug", action="store_true", help="show tracebacks and log more")
    return common
