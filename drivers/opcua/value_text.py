"""Values as people read them in a tree. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Any, cast

from asyncua import ua

_LONGEST = 80
_LONGEST_WORDS = 400
_FIRST_YEAR = 1971


def value_text(value: Any) -> str:
    """Return a value for people; empty where there is none."""
    while isinstance(value, ua.Variant):
        value = value.Value
    if value is None:
        return ""
    if isinstance(value, Enum):
        return f"{value.value} ({value.name})"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, datetime):
        return _moment_text(value)
    if isinstance(value, ua.LocalizedText):
        return _short(str(value.Text or ""))
    if isinstance(value, ua.NodeId):
        return _short(value.to_string())
    if isinstance(value, ua.QualifiedName):
        return _short(str(value.Name or ""))
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, list | tuple):
        count = len(cast("Sequence[Any]", value))
        return f"{count} element{'' if count == 1 else 's'}"
    if isinstance(value, dict):
        return ""
    return _short(str(value))


def _moment_text(moment: datetime) -> str:
    """Return a moment on the wall clock of this computer, as everywhere else; without one before 1971.

    Those are no moments but the beginnings of calendars, and not every system can move them to its zone.
    """
    utc = moment.replace(tzinfo=UTC)
    return (utc if utc.year < _FIRST_YEAR else utc.astimezone()).isoformat(sep=" ", timespec="seconds")


def number_text(value: float) -> str:
    """Return a number without the digits that a Float only seems to have."""
    short = f"{value:.7g}"
    return short if abs(float(short) - value) <= abs(value) * 1e-7 else repr(value)


def text_of(value: object) -> str:
    """Return the text of a LocalizedText; empty for anything else."""
    return clean_text(value.Text or "") if isinstance(value, ua.LocalizedText) else ""


def clean_text(text: object) -> str:
    """Return a server's text without octets that are no UTF-8, which nothing could hand on."""
    return str(text).encode("utf-8", "replace").decode("utf-8")


def words_text(text: str, longest: int = _LONGEST_WORDS) -> str:
    """Return words of a server, cut where nobody would read them to their end."""
    return text if len(text) <= longest else f"{text[:longest]}…"


def _short(text: str) -> str:
    line = " ".join(clean_text(text).split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
