"""The way from a node's value down to one number in it: `.Axes[2].Position`, `[3]`, `.Matrix[1,2]`.

A field is a dot and its name, an element its index in brackets, from 0; an array of several dimensions takes
an index each. Inside a name these are written as %XX, as in a URI: `%`, `.`, `[`, `]`, `|`, blanks and
control characters. Pure.
"""

import re
from urllib.parse import unquote

FieldStep = str | tuple[int, ...]
"""One step down: into the field of this name, or to the element of these indexes."""

FieldPath = tuple[FieldStep, ...]

_NAME = r"\.((?:[^%.\[\]|\s]|%[0-9A-Fa-f]{2})+)"
_INDEX = r"\[([0-9]{1,9}(?:,[0-9]{1,9})*)\]"
_STEP = re.compile(f"{_NAME}|{_INDEX}")
_WHOLE = re.compile(f"(?:{_NAME}|{_INDEX})+")
_RESERVED = "%.[]|"


def path_text(path: FieldPath) -> str:
    """Return the canonical text; empty for the value as a whole."""
    return "".join(
        f".{_escaped(step)}" if isinstance(step, str) else f"[{','.join(map(str, step))}]" for step in path
    )


def is_path_text(text: str) -> bool:
    """Whether `text` is written as a path of one step at least."""
    return _WHOLE.fullmatch(text) is not None


def path_from_text(text: str) -> FieldPath:
    """Return the path of a text for which `is_path_text` holds."""
    return tuple(
        unquote(name) if name else tuple(int(index) for index in indexes.split(","))
        for name, indexes in _STEP.findall(text)
    )


def _escaped(name: str) -> str:
    return "".join(
        "".join(f"%{octet:02X}" for octet in letter.encode("utf-8", "replace"))
        if letter in _RESERVED or letter.isspace() or not letter.isprintable()
        else letter
        for letter in name
    )
