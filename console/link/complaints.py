"""What strangers at the socket say goes into the log, but ten thousand of them must not fill it."""

import logging
import time

_log = logging.getLogger(__name__)

_PAUSE_S = 1.0


class Complaints:
    """At most one line a second; the next one says how many were left out."""

    def __init__(self) -> None:
        """Begin with nothing noted."""
        self._noted_at_s = float("-inf")
        self._left_out = 0

    def note(self, sentence: str) -> None:
        """Log a sentence, or count it."""
        now_s = time.monotonic()
        if now_s - self._noted_at_s < _PAUSE_S:
            self._left_out += 1
            return
        if self._left_out:
            sentence = f"{sentence} (and {self._left_out} others like it)"
        _log.warning("%s", sentence)
        self._noted_at_s, self._left_out = now_s, 0
