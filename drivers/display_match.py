"""Which decodings of raw registers show the number that a person reads on the device's own display. Pure.

A display rounds, and registers hold whole numbers of tenths or thousandths: so a decoding fits if a power of
ten makes it round to what is shown. Few digits fit many decodings; a second look at the display, some time
later, leaves those that fitted both times.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from drivers.workbench import Decoding

SCALES: tuple[float, ...] = (1.0, 0.1, 0.01, 0.001, 0.0001, 10.0, 100.0, 1000.0)
"""Powers of ten that makers use, commonest first."""

NEAR = 0.01
"""A value may change by this share between the display and the reading and still be taken for the same."""

FEW_DIGITS = 3
"""With fewer significant digits than this, chance alone lets several decodings fit."""


class Closeness(IntEnum):
    """How well a decoding fits what is shown; the larger the better."""

    NEAR = 1
    EXACT = 2


@dataclass(frozen=True, slots=True)
class ShownNumber:
    """What the display shows.

    Attributes:
        value: The number.
        decimals: Digits after the point on the display, also noughts.
        digits: Significant digits.
    """

    value: float
    decimals: int
    digits: int


@dataclass(frozen=True, slots=True)
class Match:
    """A decoding that fits, and by which scale: shown = decoded × scale."""

    decoding: Decoding
    scale: float
    closeness: Closeness


def shown_number(text: str) -> ShownNumber:
    """Return the number as read from a display. Raises ValueError with a sentence.

    Args:
        text: Digits with a sign and a point or a comma before decimals; no signs between thousands.
    """
    plain = text.strip().replace("\N{MINUS SIGN}", "-").replace(",", ".")
    body = plain.removeprefix("-").removeprefix("+")
    whole, _, decimals = body.partition(".")
    is_number = (whole + decimals).isascii() and (whole + decimals).isdigit() and body.count(".") <= 1
    if not is_number or len(body) > 24:
        raise ValueError("Type the number as the display shows it, for example 231.4.")
    digits = len((whole + decimals).lstrip("0"))
    return ShownNumber(float(Decimal(plain)), len(decimals), digits)


def matches_of(decodings: Iterable[Decoding], shown: ShownNumber) -> list[Match]:
    """Return the decodings that fit, the likeliest first; nothing for zero, which fits everything empty.

    Each decoding comes once, with its likeliest scale. A number that was rounded as the display does counts
    before one that is only near; among those, floats in their own scale count first, because by chance a
    float is hardly ever right to three digits; then scales that put the point where the display has it.
    """
    if not shown.value:
        return []
    found = [match for decoding in decodings if (match := _match(decoding, shown)) is not None]
    found.sort(key=lambda match: _rank(match, shown))
    return found


def narrowed(looks: Sequence[Mapping[str, Match]]) -> list[Match]:
    """Return what fitted at every look, by the last one's order.

    Args:
        looks: One mapping from address to match a look at the display, oldest first.
    """
    if not looks:
        return []
    *before, last = looks
    return [
        match
        for address, match in last.items()
        if all(address in look and look[address].scale == match.scale for look in before)
    ]


def _match(decoding: Decoding, shown: ShownNumber) -> Match | None:
    value = decoding.value
    if value is None or not value:
        return None
    best: Match | None = None
    for scale in _scales(decoding, shown):
        scaled = value * scale
        closeness = _closeness(scaled, shown)
        if closeness is not None and (best is None or closeness > best.closeness):
            best = Match(decoding, scale, closeness)
    return best


def _scales(decoding: Decoding, shown: ShownNumber) -> Sequence[float]:
    """Return the scales to try, the likeliest first: the first that fits best is kept."""
    if decoding.type.startswith("float"):
        return SCALES
    own = 10.0**-shown.decimals if shown.decimals <= 4 else 1.0
    return (own, *(scale for scale in SCALES if not math.isclose(scale, own)))


def _closeness(scaled: float, shown: ShownNumber) -> Closeness | None:
    off = abs(scaled - shown.value)
    # The display may round or cut off; half a unit of its last digit more than a unit is float's own noise.
    if off <= 0.5 * 10.0**-shown.decimals * (1 + 1e-9):
        return Closeness.EXACT
    return Closeness.NEAR if off <= NEAR * abs(shown.value) else None


def _rank(match: Match, shown: ShownNumber) -> tuple[float, ...]:
    decoding = match.decoding
    is_float = decoding.type.startswith("float")
    if is_float:
        kind = 0 if match.scale == 1.0 else 4
    elif math.isclose(match.scale, 10.0**-shown.decimals):
        kind = 1
    else:
        kind = 3
    # A 64-bit number whose upper half is empty is more likely a 32-bit one beside an empty register.
    return (
        -match.closeness,
        kind,
        decoding.registers,
        "ABCD CDAB BADC DCBA".find(decoding.order),
        decoding.start,
    )
