"""Whether a regular expression comes to an end soon on any text: the one bound of a profile's patterns. Pure.

Python's regular expressions know no time limit, and those of a manifest run on the event loop that polls.
What they may try at most is counted when the manifest is read: in how many ways the free parts of a pattern
(what `*`, `+`, `?` and `{…,…}` may take more or less of, choices, where a search begins) can lie over a text.
"""

import re
from typing import Any

# The parser behind `re.compile`: its tree is the only place where the repeats of a pattern can be counted.
_parsed: Any = re._parser.parse  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]

MOST_WAYS = 4_000_000
"""A text on which all of them are tried in vain takes a quarter of a second or so."""
REMEDY = r"bound the repeats, as in \d{1,4} instead of \d+"
_SET = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]?", re.DOTALL)
_FUTURE = ("[", "--", "&&", "||", "~~")
"""What Python warns of in sets, because it may come to mean something else."""

_Ways = list[int]
"""How many ways there are that take 0, 1, 2 … letters more than the least."""


class _TooMany(Exception):
    """More than anybody would wait for, or nothing that could be counted."""


def checked(pattern: str, longest: int, *, is_searched: bool = False) -> re.Pattern[str]:
    r"""Return a pattern, compiled, that comes to an end soon on any text.

    Args:
        pattern: A regular expression without looking around, references, atomic groups.
        longest: How many letters of a text are looked at.
        is_searched: It may begin anywhere in the text, instead of having to match the whole.

    Raises:
        ValueError: It is none, or might try too many ways; one sentence with what to write instead.
    """
    for found in _SET.finditer(pattern):
        inside = found.group()[1:]
        if found.group().startswith("[") and any(pair in inside for pair in _FUTURE):
            words = r"has a set [...] that holds [ -- && || or ~~; write \[ for a bracket"
            raise ValueError(f"{pattern!r} {words}")
    try:
        compiled = re.compile(pattern)
        ways = _in_turn(_parsed(pattern), longest)
        if is_searched:
            _bounded(_product(ways, [1] * (longest + 1), longest))
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
    except _TooMany:
        raise ValueError(f"{pattern!r} may try more than {MOST_WAYS:,} ways on one text; {REMEDY}") from None
    return compiled


def _in_turn(tree: Any, longest: int) -> _Ways:
    """Return the ways of parts in turn; no part makes them fewer, so what comes last is the most."""
    ways = [1]
    for operation, argument in tree:
        ways = _bounded(_product(ways, _ways_of(str(operation), argument, longest), longest))
    return ways


def _ways_of(operation: str, argument: Any, longest: int) -> _Ways:
    match operation:
        case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN" | "AT":
            return [1]
        case "SUBPATTERN":
            return _in_turn(argument[-1], longest)
        case "BRANCH":
            branches = [_in_turn(branch, longest) for branch in argument[1]]
            most = max(map(len, branches))
            return [sum(one[at] for one in branches if at < len(one)) for at in range(most)]
        case "MAX_REPEAT" | "MIN_REPEAT":
            least, most, inner = argument
            return _repeated(_in_turn(inner, longest), least, min(int(most), longest), longest)
        case _:
            raise _TooMany  # references, looking around, and whatever comes later


def _repeated(once: _Ways, least: int, most: int, longest: int) -> _Ways:
    """Return the ways of what is there `least` to `most` times; each time more takes a letter at least."""
    if once == [1]:
        return [1] * min(max(1, most - least + 1), longest + 1)
    power = [1]
    for _ in range(min(least, longest)):
        power = _bounded(_product(power, once, longest))
    ways = list(power)
    for more in range(1, most - least + 1):
        power = _bounded(_product(power, once, longest))
        for at, count in enumerate(power[: longest + 1 - more]):
            ways += [0] * (at + more + 1 - len(ways))
            ways[at + more] += count
        _bounded(ways)
    return ways


def _product(ways: _Ways, others: _Ways, longest: int) -> _Ways:
    if ways == [1] or others == [1]:
        return others if ways == [1] else ways
    made = [0] * min(len(ways) + len(others) - 1, longest + 1)
    for at, count in enumerate(ways):
        for beside, other in enumerate(others[: len(made) - at]):
            made[at + beside] += count * other
    return made


def _bounded(ways: _Ways) -> _Ways:
    if sum(ways) > MOST_WAYS:
        raise _TooMany
    return ways
