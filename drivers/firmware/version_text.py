"""From what a device says of its version to semantic versioning, by a pattern of its product's profile. Pure.

    "Drive A fw V02.10 (build 77)"  with  (?P<major>\\d+)\\.(?P<minor>\\d+)   →   "2.10.0"
A pattern must come to an end on any text that a device can send, so what may take for ever is no pattern
here: repeated groups, back references, looking around, and more than a few repetitions and choices.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

LONGEST_TEXT = 48
"""Characters of a text that are looked at."""
LONGEST_PATTERN = 200
MOST_REPETITIONS = 4
"""Each may try every place of the text, one inside the other."""
MOST_CHOICES = 6
"""Each may double the work."""
SIMPLE = r"(?P<major>\d+)\.(?P<minor>\d+)(?:\.(?P<patch>\d+))?(?:-(?P<pre>[0-9A-Za-z.-]+))?"

_LONGEST_NUMBER = 9
_PARTS = frozenset({"major", "minor", "patch", "pre"})
_FUTURE = ("[", "--", "&&", "||", "~~")
"""What Python warns of in sets, because it may come to mean something else."""
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?P<\w+>|\(\?:|\((?!\?)|\(|\{\d*,?\d*\}|.", re.DOTALL)


def checked_pattern(text: str) -> str:
    """Return a pattern that may be used. Raises ValueError saying what keeps it from that."""
    repetitions, choices, before = 0, 0, ""
    for found in _TOKEN.finditer(text):
        token = found.group()
        if token == "(":
            if text[found.start() : found.start() + 2] == "(?":
                raise ValueError("groups are (…), (?:…) or (?P<name>…); nothing else begins with (?")
        elif token in ("*", "+") or (token.startswith("{") and "," in token):
            if before == ")":
                raise ValueError("a group cannot be repeated; only ? may follow it")
            repetitions += before not in ("*", "+", "?")
        elif token.startswith("{") and len(token) > 1 and before == ")":
            raise ValueError("a group cannot be repeated; only ? may follow it")
        elif token.startswith("[") and any(pair in token[1:] for pair in _FUTURE):
            raise ValueError(r"a set [...] holds none of [ -- && || ~~; write \[ for a bracket")
        elif token in ("?", "|"):
            choices += before not in ("*", "+")
        elif token.startswith("\\") and token[1:].isdigit():
            raise ValueError("a pattern cannot refer back to a group")
        before = token
    if repetitions > MOST_REPETITIONS:
        raise ValueError(f"a pattern has at most {MOST_REPETITIONS} of *, + and {{…,…}}, not {repetitions}")
    if choices > MOST_CHOICES:
        raise ValueError(f"a pattern has at most {MOST_CHOICES} of ? and |, not {choices}")
    try:
        groups = re.compile(text).groupindex
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"this is no regular expression: {error}") from None
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
