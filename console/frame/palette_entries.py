"""What the command palette offers, and in which order for what was typed: pure functions."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """One thing the palette can do.

    Attributes:
        kind: "Screen", "Device" or "Action", shown at the right.
        title: What it is.
        hint: Where it is, or its shortcut; searched as well, after the title.
        act: Does it.
    """

    kind: str
    title: str
    hint: str
    act: Callable[[], object]


def ranked(entries: Iterable[PaletteEntry], typed: str, most: int = MOST_SHOWN) -> Sequence[PaletteEntry]:
    """Return the entries that match every typed word, best first; all of them, in order, for nothing typed.

    A word counts most where a title begins with it, then where one of the title's words does, then inside
    the title, then in the hint. Equal entries keep their order.
    """
    words = typed.casefold().split()
    if not words:
        return list(entries)[:most]
    scored = ((_score(entry, words), entry) for entry in entries)
    found = [(score, entry) for score, entry in scored if score is not None]
    found.sort(key=lambda pair: pair[0])
    return [entry for _score_, entry in found[:most]]


def _score(entry: PaletteEntry, words: Sequence[str]) -> int | None:
    """Return 0 for the best match, more for worse ones, None where a word does not occur."""
    title, hint = entry.title.casefold(), entry.hint.casefold()
    total = 0
    for word in words:
        if title.startswith(word):
            continue
        if any(part.startswith(word) for part in title.replace("-", " ").split()):
            total += 1
        elif word in title:
            total += 2
        elif word in hint:
            total += 3
        else:
            return None
    return total
