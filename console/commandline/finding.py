"""One line of what `main.py doctor` found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table. `verdict` is "ok", "note" (works, with a limit) or "FAULT"."""

    subject: str
    verdict: str
    found: str
    remedy: str = ""
