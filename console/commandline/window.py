"""`main.py` without a command: the console on this run's data folder and database."""

import argparse
import os
import sys

from console.commandline.command import BAD_USAGE, Command
from console.settings import Settings
from installer.preflight import window_fault


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    del parser  # the window needs none beyond the common ones


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    del arguments
    if fault := window_fault():
        print(fault, file=sys.stderr)
        return BAD_USAGE
    # Here, not above: `--help` answers without loading Qt.
    from console.app import WindowOptions, run_window
    from console.bridge.session_keeper import Entrant

    # Taken out of the environment, so that no program started from here inherits it.
    password = os.environ.pop("CONSOLE_PASSWORD", "")
    os.environ.pop("CONSOLE_PERSON", None)
    entrant = Entrant(settings.person, password) if settings.person and password else None
    return run_window(settings, WindowOptions(entrant=entrant))


COMMAND = Command(_add_arguments, _run, "main.py --data /var/lib/plant")
