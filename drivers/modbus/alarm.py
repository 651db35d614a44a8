"""A timer that may be set often and rings seldom."""

import asyncio
from collections.abc import Callable


class Alarm:
    """Rings once, at the earliest of the moments it was set for since it last rang.

    Setting it for later than it is already set for costs nothing: whoever it rings for looks what is due and
    sets it anew. A poll that is answered in time so neither makes nor cancels a timer of the loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, on_due: Callable[[], None]) -> None:
        self._loop = loop
        self._on_due = on_due
        self._handle: asyncio.Handle | None = None
        self._when = 0.0

    def set_for(self, when: float) -> None:
        """Ring at `when` (loop time) at the latest."""
        handle = self._handle
        if handle is not None:
            # Its own memory: what uvloop returns for a moment that has passed has no `when`.
            if self._when <= when:
                return
            handle.cancel()
        self._when = when
        self._handle = self._loop.call_at(when, self._ring)

    def cancel(self) -> None:
        """Do not ring."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _ring(self) -> None:
        self._handle = None
        self._on_due()
