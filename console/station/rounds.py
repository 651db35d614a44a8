"""What the station does again and again on its event loop, each under a net and with a pulse."""

import asyncio
import logging
from collections.abc import Callable

from console.station.health import LoopHealth

_log = logging.getLogger(__name__)


def repeat(
    name: str, period_s: float, work: Callable[[], None], health: LoopHealth, stuck_s: float
) -> asyncio.Task[None]:
    """Do something once a period until the task is cancelled.

    Args:
        name: Of the task.
        period_s: Seconds between two rounds.
        work: One round.
        health: Counts the rounds.
        stuck_s: A round that takes so much longer hangs.
    """

    async def rounds() -> None:
        health.pulse.beat(period_s + stuck_s)
        while True:
            await asyncio.sleep(period_s)
            try:
                work()
                health.passes += 1
            except Exception as error:  # noqa: BLE001 - the rounds' net: the next round may succeed
                health.note_failure(error)
                _log.exception("A round of %s failed in a way nobody foresaw", name)

    return asyncio.create_task(rounds(), name=name)


def call_soon(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    """Have the event loop call, if it still runs. Any thread may ask."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(call)
