"""A new password for a command: never an argument, because other people's process lists show those."""

import getpass
import os
import sys

from console.commandline.command import CommandError

VARIABLE = "CONSOLE_NEW_PASSWORD"


def asked_new_password(whose: str) -> str:
    """Return a new password: from CONSOLE_NEW_PASSWORD, typed twice at the terminal, or a line of stdin.

    Args:
        whose: For the prompt, e.g. "anna@example.com".

    Raises:
        CommandError: There is none, or what was typed differs.
    """
    if given := os.environ.get(VARIABLE):
        return given
    if not sys.stdin.isatty():
        line = sys.stdin.readline().removesuffix("\n").removesuffix("\r")
        if not line:
            raise CommandError(
                f"A new password for {whose} is missing: put it into {VARIABLE}, write it to standard input, "
                "or run this at a terminal."
            )
        return line
    first = getpass.getpass(f"New password of {whose}: ")
    if getpass.getpass("Once more: ") != first:
        raise CommandError("The two passwords differ; nothing was changed.")
    return first
