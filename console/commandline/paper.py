"""Writes PDF from the command line: Qt paints without a display."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from console.commandline.command import CommandError


@contextmanager
def paper() -> Generator[None]:
    """Have a Qt to paint with for as long as the block lasts; none of it shows on any screen."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtGui import QGuiApplication

    application = QGuiApplication.instance() or QGuiApplication([])
    try:
        yield
    finally:
        del application


def need_file(output: Path | None, kind: str) -> Path:
    """Return where to write to. Raises CommandError: what is not text needs a file."""
    if output is None:
        raise CommandError(f"{kind.upper()} is no text for a terminal: add --output FILE.{kind}.")
    return output


@contextmanager
def written(output: Path) -> Generator[None]:
    """Turn what keeps a file from being written into a sentence."""
    try:
        yield
    except OSError as error:
        raise CommandError(f"{output} cannot be written: {error.strerror or error}.") from error
