"""One link of the chain that a value passes: what it saw, whether it holds, what to do where not. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from models.records.device_health import Exchange


class Place(StrEnum):
    """The links, in the order in which a value passes them."""

    DEVICE = "device"
    EXCHANGE = "exchange"
    DECODE = "decode"
    THRESHOLD = "threshold"
    BUFFER = "buffer"
    DATABASE = "database"


TITLES = {
    Place.DEVICE: "Device",
    Place.EXCHANGE: "Last request and response",
    Place.DECODE: "Decoded value",
    Place.THRESHOLD: "Limits",
    Place.BUFFER: "Station's buffer",
    Place.DATABASE: "Database",
}


class Mark(StrEnum):
    """Whether a link holds."""

    HOLDS = "holds"
    BROKEN = "broken"
    IDLE = "idle"
    """Nothing new came to it since a link before it broke, or it has nothing to do."""
    UNKNOWN = "unknown"


MARK_WORDS = {
    Mark.HOLDS: "holds",
    Mark.BROKEN: "broken",
    Mark.IDLE: "nothing to do",
    Mark.UNKNOWN: "not known",
}


@dataclass(frozen=True, slots=True)
class ShownExchange:
    """One request and its response, to be shown in bytes.

    Attributes:
        caption: Which one it is, one sentence; empty where the link's own lines say so.
    """

    exchange: Exchange
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """One link.

    Attributes:
        age_s: Of what it last saw; None where that has no time.
        lines: What it saw, a sentence each.
        advice: What to do about it, one sentence; empty where it is not broken.
        exchanges: Those to show in bytes, the newest first.
        is_late: It is broken by having nothing new, and by nothing else: no fault of its own where a link
            before it is broken.
    """

    place: Place
    mark: Mark
    age_s: float | None
    lines: tuple[str, ...]
    advice: str = ""
    exchanges: tuple[ShownExchange, ...] = ()
    is_late: bool = False

    @property
    def title(self) -> str:
        """What people call it."""
        return TITLES[self.place]
