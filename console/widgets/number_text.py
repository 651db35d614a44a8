"""Numbers as the console writes them: one place, so that no two screens disagree."""

import math

MINUS = "−"
NO_VALUE = "–"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def number_text(value: float | None, decimals: int) -> str:
    """Return `value` with thousands separators, a true minus sign, and "–" where there is no value."""
    if value is None or not math.isfinite(value):
        return NO_VALUE
    text = f"{value:,.{decimals}f}"
    if text.startswith("-"):
        # A value that rounds to zero has no sign: "−0.0" makes people look twice.
        return text[1:] if not text.strip("-0.,") else MINUS + text[1:]
    return text


def quantity_text(value: float | None, decimals: int, unit: str) -> str:
    """Return a number with its unit, joined by a no-break space: "1,013.2 kPa"."""
    number = number_text(value, decimals)
    return f"{number}{NO_BREAK_SPACE}{unit}" if unit else number
