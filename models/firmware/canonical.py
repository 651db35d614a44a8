"""One text for one meaning: the JSON that is signed, and the strict reader of it.

What is verified is the bytes. They are read only afterwards, and refused where two readers could understand
two things: keys that stand twice, numbers that a float would round, another way to write the same. So
whatever this reader accepts is, byte for byte, what `canonical_bytes` writes.
"""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import cast

from models.errors import FirmwareRefused
from models.records.device import JsonValue

DEEPEST_NESTING = 16
LARGEST_NUMBER = 2**53 - 1
"""What every reader of JSON understands exactly (RFC 8259, section 6)."""
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def canonical_bytes(content: Mapping[str, JsonValue], what: str) -> bytes:
    """Return the one text of an object: keys sorted, no blanks, ASCII, whole numbers only.

    A decimal number has many texts, and readers round; fields that take decimals take them as text.

    Raises:
        FirmwareRefused: It holds what has no such text; the sentence begins with `what`, names the place,
            and says what to write instead.
    """
    if fault := _fault(dict(content), "", 0):
        raise FirmwareRefused(f"{what} {fault}")
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def object_from_canonical(data: bytes, most: int, what: str) -> dict[str, JsonValue]:
    """Return the object that canonical bytes say.

    Args:
        data: What was signed, or is said to have been.
        most: Bytes that are read at all.
        what: How the sentences call it, as "The manifest".

    Raises:
        FirmwareRefused: They are too long, no JSON object, or not the one text of what they say.
    """
    if len(data) > most:
        raise FirmwareRefused(f"{what} has {len(data):,} bytes; at most {most:,} are read.")
    try:
        content = json.loads(
            data.decode("ascii"),
            object_pairs_hook=_object_without_repetition,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except _Ambiguous as error:
        raise FirmwareRefused(f"{what} {error}") from error
    except UnicodeDecodeError as error:
        raise FirmwareRefused(
            f"{what} holds bytes beyond ASCII; make it with main.py firmware sign."
        ) from error
    except (ValueError, RecursionError) as error:
        raise FirmwareRefused(
            f"{what} is no JSON that can be read; make it with main.py firmware sign."
        ) from error
    if not isinstance(content, dict):
        raise FirmwareRefused(f"{what} is no JSON object; make it with main.py firmware sign.")
    found = cast("dict[str, JsonValue]", content)
    if canonical_bytes(found, what) != data:
        raise FirmwareRefused(
            f"{what} is not written in the one way that can be signed (sorted keys, no blanks); make it with "
            "main.py firmware sign."
        )
    return found


def check_fields(content: Mapping[str, JsonValue], fields: frozenset[str], what: str) -> None:
    """Raise FirmwareRefused where a field is missing or unknown: an older program must not guess."""
    if unknown := sorted(content.keys() - fields):
        raise FirmwareRefused(
            f"{what} has the field {unknown[0][:40]!r}, which this program does not know; update the "
            "program, or sign again with this one."
        )
    if missing := sorted(fields - content.keys()):
        raise FirmwareRefused(f"{what} lacks the field {missing[0]!r}; make it with main.py firmware sign.")


def text_of(content: Mapping[str, JsonValue], field: str, most: int, what: str) -> str:
    """Return a text of at most `most` printable characters. Raises FirmwareRefused otherwise."""
    value = content[field]
    if not isinstance(value, str) or len(value) > most or not value.isprintable():
        raise FirmwareRefused(f"{what}: {field} must be a text of at most {most} printable characters.")
    return value


def number_of(content: Mapping[str, JsonValue], field: str, most: int, what: str) -> int:
    """Return a whole number from 1 to `most`. Raises FirmwareRefused otherwise."""
    value = content[field]
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise FirmwareRefused(f"{what}: {field} must be a whole number from 1 to {most:,}.")
    return value


def moment_of(content: Mapping[str, JsonValue], field: str, what: str) -> datetime:
    """Return a moment written as "2027-01-31T12:00:00Z". Raises FirmwareRefused otherwise."""
    value = content[field]
    try:
        moment = datetime.strptime(str(value), _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        moment = None
    if moment is None or text_from_moment(moment) != value:
        raise FirmwareRefused(f"{what}: {field} must be a moment in UTC, as 2027-01-31T12:00:00Z.")
    return moment


def text_from_moment(moment: datetime) -> str:
    """Return a moment as it is signed: UTC, whole seconds."""
    # Not strftime: it leaves out the zeros of a year before 1000 on some systems.
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


class _Ambiguous(ValueError):
    """What two readers could understand differently. The text is the end of a sentence."""


def _object_without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        doubled = next(key for key in keys if keys.count(key) > 1)
        raise _Ambiguous(f"has the key {doubled[:40]!r} more than once; it was not made by this program.")
    return found


def _refuse_number(text: str) -> object:
    raise _Ambiguous(
        f'holds the number {text[:40]}; only whole numbers can be signed, and decimals as text like "0.5".'
    )


def _fault(value: object, path: str, depth: int) -> str:
    """Return the end of a sentence about what cannot be signed; empty where all can."""
    place = f" at {path}" if path else ""
    if depth > DEEPEST_NESTING:
        return f"is nested deeper than {DEEPEST_NESTING} levels{place}."
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, str):
        half = any(0xD800 <= ord(sign) <= 0xDFFF for sign in value)
        return f"holds half a character{place}; write the text again." if half else ""
    if isinstance(value, int):
        if abs(value) <= LARGEST_NUMBER:
            return ""
        return f"holds a number beyond {LARGEST_NUMBER:,}{place}; write it as text."
    if isinstance(value, float):
        return f"holds the number {value}{place}; only whole numbers can be signed: {_instead_of(value)}."
    if isinstance(value, (list, tuple)):
        parts = enumerate(cast("list[object]", value))
        return next((fault for at, part in parts if (fault := _fault(part, f"{path}[{at}]", depth + 1))), "")
    if isinstance(value, dict):
        return _fault_in_object(cast("dict[object, object]", value), path, depth)
    return f"holds a {type(value).__name__}{place}, which JSON does not know."


def _instead_of(value: float) -> str:
    if not math.isfinite(value):
        return "leave it out"
    text = f"{Decimal(repr(value)):f}"
    if value.is_integer():
        return f"write {value:g} as {value:.0f}"
    return f'write it as the text "{text}", or in a smaller unit where its field takes no text'


def _fault_in_object(value: dict[object, object], path: str, depth: int) -> str:
    for key, part in value.items():
        if not isinstance(key, str):
            return f"has a key that is no text at {path or 'the top'}."
        if fault := _fault(key, path, depth) or _fault(part, f"{path}.{key}".lstrip("."), depth + 1):
            return fault
    return ""
