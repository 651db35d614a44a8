"""From what a device says of its version to semantic versioning, by a pattern of its product's profile. Pure.

    "Drive A fw V02.10 (build 77)"  with  (?P<major>\\d+)\\.(?P<minor>\\d+)   →   "2.10.0"
A pattern must come to an end soon on any text that a device can send; `pattern_ways` refuses what might not.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from drivers.firmware.pattern_ways import checked

LONGEST_TEXT = 48
"""Characters of a text that are looked at."""
LONGEST_PATTERN = 200
SIMPLE = r"(?P<major>\d+)\.(?P<minor>\d+)(?:\.(?P<patch>\d+))?(?:-(?P<pre>[0-9A-Za-z.-]+))?"

_LONGEST_NUMBER = 9
_PARTS = frozenset({"major", "minor", "patch", "pre"})


def checked_pattern(text: str) -> str:
    """Return a pattern that may be used. Raises ValueError saying what keeps it from that."""
    groups = checked(text, LONGEST_TEXT, is_searched=True).groupindex
    if "major" not in groups:
        raise ValueError(r"a pattern needs a group (?P<major>\d+); minor, patch and pre may follow")
    if unknown := sorted(set(groups) - _PARTS):
        raise ValueError(f"the groups are major, minor, patch and pre; {unknown[0]} is none of them")
    return text


Pattern = Annotated[str, Field(max_length=LONGEST_PATTERN), AfterValidator(checked_pattern)]
"""A regular expression with a group `major`, and where wanted `minor`, `patch` and `pre`."""


def normalised(text: str, pattern: str = SIMPLE) -> str:
    """Return the version that `text` names, or the text itself (at most `LONGEST_TEXT`) where it names none.

    Args:
        text: As the device wrote it.
        pattern: Of type `Pattern`; found anywhere in the text.
    """
    text = text.strip()[:LONGEST_TEXT]
    found = re.search(pattern, text, re.ASCII)
    if found is None:
        return text
    parts = found.groupdict()
    numbers = [parts.get(name) or "0" for name in ("major", "minor", "patch")]
    if not all(number.isdigit() and len(number) <= _LONGEST_NUMBER for number in numbers):
        return text
    version = ".".join(str(int(number)) for number in numbers)
    return f"{version}-{parts['pre']}" if parts.get("pre") else version


def from_numbers(major: int, minor: int, patch: int) -> str:
    """Return the version of three numbers, empty where all are 0: nothing runs there."""
    return f"{major}.{minor}.{patch}" if major or minor or patch else ""
