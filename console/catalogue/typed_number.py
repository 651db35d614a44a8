"""Numbers and lengths of time as engineers type them, on paper, in German or in a spreadsheet. Pure."""

import math
import re
import sys

_SIGNS = str.maketrans(
    {"\N{MINUS SIGN}": "-", "\N{NO-BREAK SPACE}": "", "\N{NARROW NO-BREAK SPACE}": "", " ": ""}
)
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+", re.ASCII)
_DURATION = re.compile(r"(.+?)\s*(s|sec|min|m|h|d)\.?", re.IGNORECASE | re.ASCII)
_SECONDS = {"s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
_LONGEST = 40


class NotANumber(ValueError):
    """What was typed cannot be read. The text is a sentence without its place."""


def number_from_text(typed: str, *, is_comma_decimal: bool = False) -> float:
    """Return the number meant.

    A comma is a decimal sign. Where it could as well part thousands ("1,000") nobody knows, so it is refused,
    unless `is_comma_decimal` says which.

    Raises:
        NotANumber: With what is wrong.
    """
    text = typed.strip().translate(_SIGNS)
    if "," in text:
        if "." in text or text.count(",") > 1:
            raise NotANumber(f"{_shown(typed)} is not a number; leave signs between thousands out.")
        if _THOUSANDS.fullmatch(text) and not is_comma_decimal:
            whole, point = text.replace(",", ""), text.replace(",", ".")
            raise NotANumber(f"{_shown(typed)} could mean {whole} or {point}; write one of the two.")
        text = text.replace(",", ".")
    if not _PLAIN.fullmatch(text) or len(text) > _LONGEST:
        raise NotANumber(f"{_shown(typed)} is not a number.")
    value = float(text)
    if not math.isfinite(value):
        raise NotANumber(f"{_shown(typed)} is larger than any number that can be stored.")
    return value


def seconds_from_text(typed: str, *, is_comma_decimal: bool = False) -> float:
    """Return seconds: "90", "90 s", "1.5 min", "2 h", "1 d". Raises NotANumber."""
    if match := _DURATION.fullmatch(typed.strip()):
        number = number_from_text(match[1], is_comma_decimal=is_comma_decimal)
        return number * _SECONDS[match[2].casefold()]
    return number_from_text(typed, is_comma_decimal=is_comma_decimal)


def text_from_number(value: float | None) -> str:
    """Return a number as somebody would type it: "70", "0.5", "100000"; nothing for None."""
    if value is None:
        return ""
    # Nobody types such a number, but JSON that others wrote may hold one.
    if not abs(value) <= sys.float_info.max:
        return str(value)
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    text = repr(float(value))
    return text if "e" in text else text.rstrip("0").rstrip(".")


def text_from_seconds(seconds: float) -> str:
    """Return a length of time in the largest unit that leaves it whole: "90 s", "10 min", "2 h", "1 d"."""
    for unit, length in (("d", 86_400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= length and seconds % length == 0:
            return f"{text_from_number(seconds / length)} {unit}"
    return f"{text_from_number(seconds)} s"


def _shown(typed: str) -> str:
    text = repr(typed.strip())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
