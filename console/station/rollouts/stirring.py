"""Whether there is anything to do about rollouts: an idle station asks one small question now and then.

While nothing is under way three loops would ask the database every few seconds for nothing. Here they sleep
until the database tells of a rollout (channel `firmware`), and look after a while in case nobody told them.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from models.errors import StorageError

REST_S = 30.0
"""A rollout that nobody told of is seen after so long; without one this is how often is asked."""


async def at_once() -> None:
    """Wait for nothing: whoever looks all the time."""


class Stirring:
    """Shared by the loops. Belongs to one event loop, but for `stir`."""

    def __init__(self, is_idle: Callable[[], bool], rest_s: float = REST_S) -> None:
        """Keep what it needs.

        Args:
            is_idle: Asks the database whether nothing is under way: blocking, raises StorageError.
            rest_s: See REST_S.
        """
        self._is_idle = is_idle
        self._rest_s = rest_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sleepers: set[asyncio.Event] = set()

    def stir(self) -> None:
        """Wake whoever sleeps: the database told of a rollout. Any thread."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the station ends
                self._loop.call_soon_threadsafe(self._wake)

    async def until_stirred(self) -> None:
        """Return at once while something is under way, or nobody knows; otherwise once something is."""
        self._loop = asyncio.get_running_loop()
        stirred = asyncio.Event()
        self._sleepers.add(stirred)
        try:
            while True:
                # First: what is told while the question is on its way may not be in its answer.
                stirred.clear()
                try:
                    if not await asyncio.to_thread(self._is_idle):
                        return
                except StorageError:
                    return  # whoever looks next notes it
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._rest_s):
                        await stirred.wait()
        finally:
            self._sleepers.discard(stirred)

    def _wake(self) -> None:
        for stirred in self._sleepers:
            stirred.set()
