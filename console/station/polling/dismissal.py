"""How the poller parts with drivers: cancel what runs, close, and never wait longer than the limit."""

import asyncio
import logging

from console.station.tuning import Tuning
from drivers.driver import Driver

_log = logging.getLogger(__name__)


class Dismissal:
    """Drivers on their way out. Used on the event loop only."""

    def __init__(self, tuning: Tuning) -> None:
        """Keep the limits."""
        self._tuning = tuning
        self._leaving: set[asyncio.Task[None]] = set()

    def begin(self, driver: Driver, poll: asyncio.Task[None] | None, name: str) -> None:
        """Close a driver in the background, after cancelling the poll that still uses it."""
        task = asyncio.create_task(self._dismiss(driver, poll, name), name=f"close {name}")
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def wait(self) -> None:
        """Wait until everything begun has ended or used up its limit."""
        if self._leaving:
            await asyncio.wait(self._leaving)

    async def _dismiss(self, driver: Driver, poll: asyncio.Task[None] | None, name: str) -> None:
        if poll is not None and not poll.done():
            poll.cancel()
            # wait(), not wait_for(): that one would itself wait for a task that ignores its cancellation.
            await asyncio.wait({poll}, timeout=self._tuning.cancel_grace_s)
        closing = asyncio.create_task(driver.close(), name=f"close driver of {name}")
        await asyncio.wait({closing}, timeout=self._tuning.close_limit_s)
        if not closing.done():
            closing.cancel()
            _log.warning("The driver of %s did not close within %g s", name, self._tuning.close_limit_s)
        elif not closing.cancelled() and (error := closing.exception()) is not None:
            _log.warning("The driver of %s failed to close: %s", name, error, exc_info=error)
