"""What the open list is narrowed to."""

from dataclasses import dataclass

from console.widgets.severity_badge import BadgeState
from models.records.device import DeviceId
from models.records.threshold import Severity


@dataclass(frozen=True, slots=True)
class OpenFilter:
    """What the open list is narrowed to. Empty sets let everything through.

    Attributes:
        typed: Words that must all occur in device, area, message or severity.
        states: Of alerts that are not hidden.
        location, device: Of this area, of this device; None = any.
        has_hidden: Show shelved and suppressed ones, too.
    """

    typed: str = ""
    severities: frozenset[Severity] = frozenset()
    states: frozenset[BadgeState] = frozenset()
    location: str | None = None
    device: DeviceId | None = None
    has_hidden: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is narrowed."""
        return (
            not self.typed.strip()
            and not self.severities
            and not self.states
            and self.location is None
            and self.device is None
        )
