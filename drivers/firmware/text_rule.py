"""How a product writes its versions, serials and names, turned into the words of the manifest. Pure.

"FW V02.01 build 17" → match `FW V(\\d{1,3})\\.(\\d{1,3}).*`, becomes `{1:d}.{2:d}.0` → "2.1.0"

Python's regular expressions know no time limit, and those of a manifest run on the event loop that polls: so
a pattern that could try too many ways is refused when the manifest is read, before any device is asked.
"""

import re
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

# The parser behind `re.compile`: its tree is the only place where the repeats of a pattern can be counted.
_parsed: Any = re._parser.parse  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]

LONGEST_TEXT = 100
"""Characters of a device's text that are looked at; the rest is cut off."""
_MOST_WAYS = 2_000_000
_PLACE = re.compile(r"\{([0-9])(:d)?\}")
_REMEDY = r"bound the repeats, as in \d{1,4} instead of \d+"


class TextRule(BaseModel):
    """One rule of a product's profile."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    match: str = Field(
        min_length=1,
        max_length=200,
        description="Regular expression for the whole text; repeats bounded, no look-around, no references.",
    )
    becomes: str = Field(
        default="{0}",
        max_length=100,
        description="What the text becomes: {1} is the first group, {1:d} the same without leading zeros.",
    )

    @model_validator(mode="after")
    def _can_be_used(self) -> Self:
        try:
            pattern, tree = re.compile(self.match), _parsed(self.match)
        except (re.error, RecursionError, OverflowError) as error:
            raise ValueError(f"match {self.match!r} is no regular expression: {error}.") from None
        if _ways(tree) > _MOST_WAYS:
            raise ValueError(
                f"match {self.match!r} may try more than {_MOST_WAYS} ways on one text; {_REMEDY}."
            )
        for place in _PLACE.finditer(self.becomes):
            if int(place[1]) > pattern.groups:
                raise ValueError(
                    f"becomes {self.becomes!r} names group {place[1]}, but match has {pattern.groups}."
                )
        if set("{}") & set(_PLACE.sub("", self.becomes)):
            raise ValueError(
                f"becomes {self.becomes!r} has a brace that is no group; write {{1}} or {{1:d}}."
            )
        return self

    def applied(self, text: str) -> str | None:
        """Return what the text becomes; None where it does not match."""
        found = re.fullmatch(self.match, text)
        if found is None:
            return None

        def filled(place: re.Match[str]) -> str:
            group = found[int(place[1])] or ""
            return str(int(group)) if place[2] and group.isdecimal() else group

        return _PLACE.sub(filled, self.becomes)


def normalised(text: str, rules: tuple[TextRule, ...]) -> str:
    """Return a device's text by the first rule that matches; itself, shortened and trimmed, where none does.

    So a version that nobody foresaw is shown as the device writes it, and equals no other by accident.
    """
    # Controllers pad with zeros and blanks, and what they send ends up in logs and on screens.
    short = "".join(letter for letter in text[:LONGEST_TEXT] if letter.isprintable()).strip()
    for rule in rules:
        found = rule.applied(short)
        if found is not None:
            return found
    return short


def _ways(tree: Any) -> int:
    """Return how many ways of matching may be tried at most; beyond the limit, any number above it."""
    ways = 1
    for operation, argument in tree:
        ways *= _ways_of(operation, argument)
        if ways > _MOST_WAYS:
            return ways
    return ways


def _ways_of(operation: Any, argument: Any) -> int:
    name = str(operation)
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, inner = argument
        return _repeated(_ways(inner), least, min(int(most), LONGEST_TEXT))
    if name == "SUBPATTERN":
        return _ways(argument[-1])
    if name == "BRANCH":
        return sum(_ways(branch) for branch in argument[1])
    if name in ("LITERAL", "NOT_LITERAL", "ANY", "IN", "AT"):
        return 1
    return _MOST_WAYS + 1  # references, look-around, and whatever comes later


def _repeated(once: int, least: int, most: int) -> int:
    """Return in how many ways something is found `least` to `most` times in a row."""
    if once == 1:
        return max(1, most - least + 1)
    ways, power = 0, once ** min(least, 24)
    for _ in range(least, most + 1):
        ways += power
        power *= once
        if ways > _MOST_WAYS:
            break
    return ways
