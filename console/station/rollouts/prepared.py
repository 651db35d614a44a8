"""Who answers once a device was prepared: its boot loader, which may be another's, or another device.

What a device says before it is prepared is said by the firmware that runs; what takes the image is the boot
loader. So it is asked again, right before the first byte, and nothing is sent where it is none that is meant.
"""

from collections.abc import Awaitable, Callable

from console.station.rollouts.course import is_another, stranger_in
from console.station.rollouts.papers import Papers
from console.station.rollouts.store import End
from console.station.rollouts.telling import Telling
from drivers.errors import LineLost
from drivers.firmware.target import Standing
from models.records.rollout import Outcome, Step


async def answering(look: Callable[[], Awaitable[Standing]], telling: Telling, pause_s: float) -> None:
    """Wait until a device answers that may be jumping into its boot loader; the caller limits the time."""
    while True:
        try:
            await look()
        except LineLost:
            await telling.rested(pause_s)
        else:
            return


def stranger_end(papers: Papers, telling: Telling, standing: Standing) -> End | None:
    """Return the end of a try whose prepared device is none that the image is for; None where it is.

    One that is the same device and says that it is something else goes back to work (`taking_back`); another
    device is left to a person, because nobody knows what an order means to it.
    """
    why = stranger_in(papers.manifest, telling.known, standing)
    if not why:
        return None
    sentence = f"{why} It says so since it was prepared; nothing was sent."
    if is_another(telling.known, standing):
        return End(Step.NEEDS_PERSON, Outcome.NEEDS_PERSON, sentence, telling.observed)
    return End(Step.FAILED, Outcome.REFUSED, sentence, telling.observed)
