"""Times of a product's profile: whole seconds as numbers, parts of one as text, each in one way. Pure.

    5 → 5 s      "0.5" → half a second      0.5, "0.50", ".5", "5e-1", "5" → refused, with what to write
A profile is signed byte for byte, and a decimal number of JSON has many texts that readers round differently.
So decimals are signed as text, and only the shortest text counts. Manifests that were signed before hold
whole numbers and mean what they meant; older programs read such a text rightly or refuse it.
"""

import re
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator

DIGITS = 3
"""Behind the point: nobody waits for less than a millisecond."""
_SHORTEST = re.compile(r"(?:0|[1-9][0-9]{0,8})\.[0-9]{0,2}[1-9]")
_SOME_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,12}\.?[0-9]{0,12}|\.[0-9]{1,12})(?:[eE][+-]?[0-9]{1,2})?")


def seconds_from_signed(value: object) -> object:
    """Return what a profile says as a number; what is no text is left to the field itself.

    Raises:
        ValueError: A text that says it in another way than the one, or says something else.
    """
    if value is True or value is False:
        raise ValueError('yes and no are no times; write seconds, as in 2 or "0.5"')
    if not isinstance(value, str):
        return value
    if _SHORTEST.fullmatch(value):
        return float(value)
    raise ValueError(f"{value[:40]!r} is no time in the one way that is signed: {_remedy(value)}")


def _remedy(text: str) -> str:
    if not _SOME_NUMBER.fullmatch(text):
        return 'write seconds as a whole number, or with a point as a text like "0.5"'
    number = Decimal(text)
    if number == number.to_integral_value():
        return f"write {int(number)}, without quotes"
    shortest = f"{number.normalize():f}"
    if _SHORTEST.fullmatch(shortest):
        return f'write "{shortest}"'
    return f"at most {DIGITS} digits may follow the point, and no time is below 0"


Seconds = Annotated[float, BeforeValidator(seconds_from_signed)]
"""A time in seconds, to the millisecond."""
