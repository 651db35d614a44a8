"""How far a scan has come: what it found and was not told yet, its rests, and where it is."""

import asyncio

from drivers.workbench import ScanFinding

LONGEST_PAUSE_MS = 10_000


class ScanWay:
    """Shared by whoever searches and whoever tells. Belongs to one event loop.

    Attributes:
        done: Requests, or units, so far.
        total: How many there will be, as far as it is known now.
    """

    def __init__(self, pause_ms: int) -> None:
        """Begin; `pause_ms` is the rest between two requests."""
        self.done = 0
        self.total = 0
        self._pause_s = min(max(pause_ms, 0), LONGEST_PAUSE_MS) / 1000
        self._unit = 0
        self._text = ""
        self._found: list[ScanFinding] = []

    async def rest(self) -> None:
        """Rest before the next request; the first needs none. Counts it."""
        if self.done:
            # Also where there is no rest to take: whoever scans lets the others go on.
            await asyncio.sleep(self._pause_s)
        self.done += 1

    def at(self, unit: int, text: str) -> None:
        """Note where it is, in words."""
        self._unit, self._text = unit, text

    def tell(self, finding: ScanFinding) -> None:
        """Keep something that was found until it is taken."""
        self._found.append(finding)

    def take(self) -> list[ScanFinding]:
        """Return what was found since."""
        found, self._found = self._found, []
        return found

    def progress(self) -> ScanFinding:
        """Return how far it is."""
        total = max(self.done, self.total)
        return ScanFinding("progress", self._unit, text=self._text, done=self.done, total=total)
