"""What an upload says: what it would send, and how far it is. Pure."""

from datetime import UTC, datetime

from console.bridge.upload_work import Looked
from console.catalogue.rollout_words import minutes_words
from console.panels.firmware.facts_form import Fact, grouped_digits
from console.panels.firmware.seals import SealedBy, needed_words, seal_lines
from console.panels.firmware.versions_model import size_words
from console.widgets.number_text import NO_VALUE

_SURE_AFTER_S = 1.0
"""A rate of less is a guess, and a time that is left jumps about."""


def offer_facts(looked: Looked | None, seals: tuple[SealedBy, ...]) -> list[Fact]:
    """Return what files offer; dashes where nobody knows."""
    one = None if looked is None else looked.manifest
    if looked is None or one is None:
        return [(label, NO_VALUE) for label in _LABELS]
    now = datetime.fromtimestamp(looked.now_unix, UTC)
    until = f"{one.expires_at:%Y-%m-%d %H:%M} UTC"
    values = (
        one.product,
        one.version,
        f"{one.sequence:,}",
        ", ".join(one.hardware),
        one.minimum_from or "any version",
        f"{one.size:,} bytes ({size_words(one.size)})",
        grouped_digits(one.sha256.hex()),
        f"expired {until}" if now >= one.expires_at else f"after {until}",
        "\n".join([*seal_lines(seals), needed_words(looked.needed)]),
    )
    return list(zip(_LABELS, values, strict=True))


def verdict_words(looked: Looked | None) -> str:
    """Return whether it may be sent, and where to."""
    if looked is None:
        return "Choose an image; its manifest is looked for beside it."
    if looked.fault:
        return looked.fault
    return f"Every byte of it is what was signed. It goes to {looked.store}, and the version is a draft then."


def passage_words(leg: str, done: int, size: int, elapsed_s: float) -> str:
    """Return how far a leg is: "Sending 3.2 MB of 8.8 MB · 1.4 MB a second · 4 s left"."""
    if not leg:
        return "Reading the image once more…"
    parts = [f"{leg.capitalize()} {size_words(done)} of {size_words(size)}"]
    if elapsed_s >= _SURE_AFTER_S and done:
        rate = done / elapsed_s
        parts.append(f"{size_words(round(rate))} a second")
        if done < size:
            parts.append(f"{minutes_words(max(1.0, (size - done) / rate))} left")
    if leg == "reading back" and done >= size:
        return "Adding the version…"
    return " · ".join(parts)


_LABELS = (
    "Product",
    "Version",
    "Sequence",
    "Hardware",
    "Update from",
    "Length",
    "SHA-256",
    "Expires",
    "Signed by",
)
