"""The sign of life of one of the station's loops: what it does, and for how long it may be busy with that."""

import threading
from dataclasses import dataclass


@dataclass(slots=True)
class Pulse:
    """Written by the loop that it belongs to, read by the watchdog.

    Attributes:
        beats: Counts steps. Whoever sees the same number for longer than `limit_s` sees a loop that hangs.
        doing: The step under way, to follow "while"; empty where there is nothing to say about it.
        limit_s: How long this step may take, in seconds; None while the loop rests, or does not run.
        thread: Whose stack shows what the step hangs in; None for what runs on the event loop.
    """

    beats: int = 0
    doing: str = ""
    limit_s: float | None = None
    thread: threading.Thread | None = None

    def beat(self, limit_s: float, doing: str = "") -> None:
        """Begin a step that may take `limit_s` seconds."""
        self.doing, self.limit_s = doing, limit_s
        self.beats += 1

    def rest(self) -> None:
        """Wait on purpose, for something that always comes, or for a call to go on."""
        self.doing, self.limit_s = "", None
        self.beats += 1
