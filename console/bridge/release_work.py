"""Releasing a version from a window: read it, prove it on this computer, then tell the database.

    AskForRelease     the version as it is stored, and what its signatures are judged by     a question
    prove             every signature and every byte of the image, which may take minutes     beside
    MarkReleased      exactly what was proved, or not at all                                  a command

Three steps, because nobody holds a transaction open while an image comes over the network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.records.firmware import FirmwareVersion

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.firmware_release import Judge
    from models.queries.firmware_versions import SigningRule


@dataclass(frozen=True, slots=True)
class ForRelease:
    """A version, and what its signatures are judged by."""

    version: FirmwareVersion
    rule: SigningRule


@dataclass(frozen=True, slots=True)
class AskForRelease:
    """A version as it is stored now."""

    version: str

    def __call__(self, connection: Connection) -> ForRelease:
        """Return it. Raises StorageError."""
        from models.queries.firmware_versions import load_version, signing_rule

        return ForRelease(load_version(connection, self.version), signing_rule(connection))


def prove(found: ForRelease, judge: Callable[[], Judge]) -> str:
    """Return why a version may not be released; empty where everything about it is proved. For a worker."""
    from models.errors import StorageError
    from models.firmware_release import prove_version

    try:
        prove_version(found.version, found.rule, judge())
    except StorageError as error:
        return str(error)
    return ""
