"""From an engineer's JSON text to plain objects, and what in them no database could keep.

`json.loads` takes more than JSON and drops the first of two equal keys without a word; PostgreSQL refuses
NUL characters, lone surrogates and NaN only when the import is half done. Both are found here, with places.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import cast

from console.catalogue.errors import DocumentFault, RowFault

DEEPEST_NESTING = 32
"""Levels of objects and lists in one device: a tenth of what any encoder on the way out still follows."""
_WIDEST_INTEGER = 2**63
_FREE_TEXT = "metadata"
_THRESHOLDS, _GUIDANCE = "thresholds[", ".guidance."
_CONNECTION, _ARMOUR = "connection.", "-----BEGIN "
"""Certificates and keys of a connection come in lines, with this at their beginning (RFC 7468)."""
_SUSPECT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Most texts hold none of what is looked for, and thousands are looked at."""
_FORBIDDEN_IN_NAMES = {*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029}


class RepeatedKeys(dict[str, object]):
    """An object in which keys stood more than once; holds the last value of each, and remembers which."""

    repeated: tuple[str, ...] = ()


def object_from_json(text: str) -> object:
    """Return what a JSON text says; objects with repeated keys as `RepeatedKeys`.

    Raises:
        DocumentFault: The text is no JSON: with line and column where that is known.
    """
    if not text.strip():
        raise DocumentFault([RowFault("document", "is empty.")])
    try:
        return json.loads(text, object_pairs_hook=_object_from_pairs)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise DocumentFault([RowFault(where, f"is no JSON: {error.msg}.")]) from error
    except RecursionError as error:
        text = f"is nested too deeply; at most {DEEPEST_NESTING} levels make sense."
        raise DocumentFault([RowFault("document", text)]) from error
    except ValueError as error:
        # int() refuses more than 4300 digits, and names a Python function as the remedy.
        raise DocumentFault([RowFault("document", "holds a number of more than 4300 digits.")]) from error


def unstorable(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Find what cannot be stored or shown, as pairs of path and sentence.

    Everywhere: repeated keys, NUL characters, lone surrogates, too deep nesting. Outside of `metadata`,
    guidance and certificates, whose texts may have lines: any control character. Inside of `metadata`:
    numbers no column can hold, for the other numbers have fields with limits of their own.
    """
    pending: list[tuple[str, object, int]] = [(path, value, 0)]
    while pending:
        here, found, depth = pending.pop()
        is_free = here.startswith(_FREE_TEXT)
        has_lines = is_free or (here.startswith(_THRESHOLDS) and _GUIDANCE in here)
        if depth > DEEPEST_NESTING:
            yield _FREE_TEXT if is_free else here, f"is nested deeper than {DEEPEST_NESTING} levels."
            return
        if isinstance(found, RepeatedKeys):
            for key in found.repeated:
                yield here, f"the key {key!r} stands there more than once; keep one."
        if isinstance(found, dict):
            items = cast(dict[object, object], found)
            for key in items:
                if isinstance(key, str) and (text := _text_fault(key, is_free=is_free)):
                    yield here, f"the key {key!r} {text}"
            pending += [(f"{here}.{key}".lstrip("."), items[key], depth + 1) for key in items]
        elif isinstance(found, list):
            parts = enumerate(cast(list[object], found))
            pending += [(f"{here}[{index}]", part, depth + 1) for index, part in parts]
        elif isinstance(found, str):
            is_armoured = here.startswith(_CONNECTION) and found.lstrip().startswith(_ARMOUR)
            if text := _text_fault(found, is_free=has_lines or is_armoured):
                yield here, text
        elif is_free and isinstance(found, (int, float)) and (text := _number_fault(found)):
            yield here, text


def _object_from_pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    doubled = RepeatedKeys(found)
    keys = [key for key, _ in pairs]
    doubled.repeated = tuple(key for key in found if keys.count(key) > 1)
    return doubled


def _text_fault(text: str, *, is_free: bool) -> str | None:
    if not _SUSPECT.search(text):
        return None
    for character in text:
        code = ord(character)
        if 0xD800 <= code <= 0xDFFF:
            return f"holds half a character (U+{code:04X}); write the text again."
        if code == 0 or (not is_free and code in _FORBIDDEN_IN_NAMES):
            return f"holds a control character (U+{code:04X}); remove it."
    return None


def _number_fault(number: float) -> str | None:
    if isinstance(number, float):
        return None if math.isfinite(number) else f"{number} is not a finite number."
    return None if abs(number) < _WIDEST_INTEGER else "is a number of more than 64 bits; write it as text."
