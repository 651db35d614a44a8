"""Words that somebody typed: what of them a database can hold, and as a pattern to look for."""

PATTERN = r"CAST(:words AS text) ESCAPE '\'"
"""To the right of ILIKE; the parameter `words` is what `pattern_from_words` returns."""

_LONGEST = 200


def pattern_from_words(words: str) -> str | None:
    r"""Return a pattern for whatever contains the words; None where nothing is looked for.

    Blanks at both ends do not count, what no database can hold is left out, and more than 200 characters
    are not looked at.
    """
    kept = storable(words[:_LONGEST]).strip()
    if not kept:
        return None
    for special in ("\\", "%", "_"):
        kept = kept.replace(special, f"\\{special}")
    return f"%{kept}%"


def storable(words: str) -> str:
    """Return what of a text PostgreSQL can hold: no zero bytes, no halves of a character."""
    return "".join(c for c in words if c != "\0" and not "\ud800" <= c <= "\udfff")
