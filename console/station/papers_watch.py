"""Whether the station's own certificates need somebody: they run out soon, or cannot be read."""

from collections.abc import Sequence
from pathlib import Path

from console.station.clocks.clock import Clock
from drivers.driver import DriverSpec
from drivers.registry import DRIVERS
from models.records.station import Condition, ConditionKind
from models.records.threshold import Severity

LOOK_S = 3600.0
"""How often the files are looked at."""


class PapersWatch:
    """Looks once an hour, and remembers what it saw."""

    def __init__(self, folder: Path, clock: Clock, specs: Sequence[DriverSpec] = DRIVERS) -> None:
        """Begin without having looked.

        Args:
            folder: Where the station's certificates are kept.
            clock: The site's.
            specs: Protocols that may keep some.
        """
        self._specs = [spec.kept_in(folder) for spec in specs]
        self._clock = clock
        self._looked_s = float("-inf")
        self._since: dict[str, float] = {}

    def look(self) -> None:
        """Look, if it is time to."""
        now_s = self._clock.monotonic()
        if now_s - self._looked_s < LOOK_S:
            return
        self._looked_s = now_s
        told = [text for spec in self._specs if spec.reminders is not None for text in spec.reminders()]
        now_unix = self._clock.unix()
        self._since = {text: self._since.get(text, now_unix) for text in told}

    def conditions(self) -> Sequence[Condition]:
        """Return what somebody has to see to. Nothing of it has to be done tonight."""
        return [
            Condition(ConditionKind.OWN_CERTIFICATE, Severity.INFO, since_unix, sentence)
            for sentence, since_unix in self._since.items()
        ]
