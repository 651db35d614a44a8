"""Words from elsewhere, made fit for a line of mail or log: nothing in them commands anything. Pure."""

import re

# Controls (a line break begins another header), halves of characters, and marks that turn a line's direction.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@]+@[^\s<>()\[\],;:\\\"@.]+(\.[^\s<>()\[\],;:\\\"@.]+)*")
LONGEST_ADDRESS = 254
"""RFC 5321, 4.5.3.1.3 with its erratum."""


def one_line(words: str, longest: int = 500) -> str:
    """Return words as one line without anything that could command, cut at `longest` characters."""
    line = " ".join(_UNFIT.sub(" ", words).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def is_address(text: str) -> bool:
    """Whether a text can be an e-mail address as people have them; quoted and commented forms cannot."""
    return (
        len(text) <= LONGEST_ADDRESS and _UNFIT.search(text) is None and _ADDRESS.fullmatch(text) is not None
    )


def without(words: str, *hidden: str) -> str:
    """Return words in which what must not be shown reads "…": a server may quote a password or an address."""
    for part in hidden:
        if part:
            words = re.sub(re.escape(part), "…", words, flags=re.IGNORECASE)
    return words
