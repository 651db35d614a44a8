"""How a product writes its versions, serials and names, turned into the words of the manifest. Pure.

"FW V02.01 build 17" → match `FW V(\\d{1,3})\\.(\\d{1,3}).*`, becomes `{1:d}.{2:d}.0` → "2.1.0"

A pattern that could try too many ways is refused when the manifest is read (`pattern_ways`), before any
device is asked.
"""

import re
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from drivers.firmware.pattern_ways import checked

LONGEST_TEXT = 100
"""Characters of a device's text that are looked at; the rest is cut off."""
_PLACE = re.compile(r"\{([0-9])(:d)?\}")


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
            pattern = checked(self.match, LONGEST_TEXT)
        except ValueError as error:
            raise ValueError(f"match {error}.") from None
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
