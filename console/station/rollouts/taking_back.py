"""Takes back what a try began at a device that still runs what it ran, so that its production goes on.

A machine that made itself ready for an update stands still until somebody tells it otherwise, and a try that
ended is nobody's any more. So whatever ended it, the device is asked first, and told only what it may hear:
one that installs, waits to be confirmed, runs something else or is another one by now is left alone.
"""

import asyncio

from console.station.rollouts.course import plain
from console.station.rollouts.pace import Pace
from console.station.rollouts.telling import Telling
from drivers.errors import DriverError, LineLost
from drivers.firmware.target import FirmwareTarget, Phase, Standing


async def take_back(
    target: FirmwareTarget,
    telling: Telling,
    pace: Pace,
    limit_s: float,
    *,
    is_patient: bool,
    keeps_bytes: bool,
) -> str:
    """Have a device forget a preparation and what was sent to it; raises LeaseLost.

    Args:
        target: The device.
        telling: Of the try that ended.
        pace: Of the station.
        limit_s: How long all of it may take.
        is_patient: Whether a device that does not answer is waited for; it may be rebooting.
        keeps_bytes: Whether what it has of a transfer stays, where the next try can go on from there.

    Returns:
        One sentence why it was not possible; empty where nothing is left to be taken back.
    """
    why = "The device does not answer."
    try:
        async with asyncio.timeout(limit_s):
            while True:
                try:
                    await target.open()
                    standing = await target.look()
                    if _is_ours(telling, standing) and not (keeps_bytes and standing.received_bytes):
                        await target.abandon()
                except LineLost as lost:
                    why = str(lost)
                    if not is_patient:
                        return why
                else:
                    return ""
                await telling.rested(pace.look_s)
    except TimeoutError:
        return why
    except DriverError as error:
        return str(error)


def _is_ours(telling: Telling, standing: Standing) -> bool:
    """Whether the device is as the try found it, so that nothing but the try's own is taken back."""
    known, identity = telling.known, standing.identity
    if standing.phase in (Phase.INSTALLING, Phase.UNCONFIRMED):
        return False
    is_same = not known.serial or identity.serial == known.serial
    # A device with one bank runs nothing until it has a whole image.
    return is_same and plain(identity.version) in ("", known.from_version)
