"""The contract of a sub-command, and the error every one of them may raise."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from console.settings import Settings

BAD_USAGE = 2
"""Exit code of a call that cannot work as it stands: wrong arguments, or no display to open a window on."""


class CommandError(Exception):
    """Ends the program with exit code 1 and this one sentence on stderr."""


@dataclass(frozen=True, slots=True)
class Command:
    """What a file of this room exports as COMMAND.

    Attributes:
        add_arguments: Declares arguments (and sub-sub-commands) on the parser given.
        run: Does it; returns the exit code (0 done, 1 failed after telling why, 2 bad usage). DriverError,
            StorageError, SettingsError and CommandError become one sentence and exit code 1.
        example: Shown under --help.
    """

    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Settings], int]
    example: str
