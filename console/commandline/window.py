"""`main.py` without a command: the console on this run's data folder and database."""

import argparse

from console.commandline.command import Command
from console.settings import Settings


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    del parser  # the window needs none beyond the common ones


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    del arguments
    # Here, not above: `--help` answers without loading Qt.
    from console.app import WindowOptions, run_window

    return run_window(settings, WindowOptions())


COMMAND = Command(_add_arguments, _run, "main.py --data /var/lib/plant")
