"""The command line: which sub-command, which settings, and how a failure is said.

Exit code 0 done, 1 failed (one sentence on stderr), 2 bad usage.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from console.commandline.command import Command, CommandError
from console.commandline.registry import COMMANDS, WINDOW, Entry
from console.settings import SettingsError, load_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command as `main.py` does. Returns the exit code; raises SystemExit only for bad usage."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    entry = _entry_named(given)
    parser, command = _parser(entry)
    options = parser.parse_args(given)
    if command is None:
        parser.print_help()
        return 2
    try:
        settings = load_settings(options.data, options.database, is_debug=options.debug)
        return command.run(options, settings)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output (head, less) has gone: that is its right, and no failure of ours.
        sys.stderr.close()
        return 0
    except Exception as error:  # the outermost net: known errors become their sentence, others stay loud
        if options.debug or not _is_sentence(error):
            raise
        print(f"{error}", file=sys.stderr)
        return 1


def _is_sentence(error: Exception) -> bool:
    """Whether an error's text was written for people. Its type may only be known to rooms loaded by now."""
    from drivers.errors import DriverError
    from models.errors import StorageError

    return isinstance(error, CommandError | SettingsError | DriverError | StorageError)


def _entry_named(given: Sequence[str]) -> Entry | None:
    """Find the sub-command among the arguments without importing any of them."""
    names = {entry.name: entry for entry in COMMANDS}
    skip = False
    for argument in given:
        if skip:
            skip = False
        elif argument in ("--data", "--database"):
            skip = True
        elif argument in ("-h", "--help"):
            return None
        elif not argument.startswith("-"):
            return names.get(argument)
    return WINDOW


def _parser(entry: Entry | None) -> tuple[argparse.ArgumentParser, Command | None]:
    common = argparse.ArgumentParser(add_help=False)
    # SUPPRESS: the options may stand before or after the sub-command; the second parser must not reset them.
    _add_common(common, argparse.SUPPRESS)
    parser = argparse.ArgumentParser(
        prog="main.py",
        description="Operator console: polls devices, records to PostgreSQL, judges limits, shows the plant.",
        epilog="Without a command the window opens. Each command explains itself: main.py demo --help",
    )
    _add_common(parser, None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    command = None
    for known in COMMANDS:
        loaded = known.load() if entry is not None and known.name == entry.name else None
        sub = commands.add_parser(
            known.name,
            help=known.summary,
            description=known.summary[0].upper() + known.summary[1:] + ".",
            epilog=f"Example: {loaded.example}" if loaded else None,
            parents=[common],
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if loaded is not None:
            loaded.add_arguments(sub)
            command = loaded
    if entry is WINDOW:
        command = WINDOW.load()
        command.add_arguments(parser)
    return parser, command


def _add_common(parser: argparse.ArgumentParser, default: object) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        default=default,
        help="folder that holds everything a run keeps (or CONSOLE_DATA_DIR)",
    )
    parser.add_argument(
        "--database",
        metavar="URL",
        default=default,
        help="PostgreSQL server to use instead of the embedded one (or CONSOLE_DATABASE_URL)",
    )
    parser.add_argument(
        "--debug",
        action="store_true",
        default=default if default is argparse.SUPPRESS else False,
        help="show tracebacks and log more",
    )
