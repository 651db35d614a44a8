"""How a transfer is held to the bare protocol: both in turns, and the median of each counts.

Whatever else the computer does meanwhile befalls both alike; the fastest of each would be a matter of chance.
"""

import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from drivers.firmware.target import FirmwareTarget, Image

Transfer = Callable[[], Awaitable[float]]
"""Sends the image once, and returns how long that took, in seconds."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast firmware travels.

    Attributes:
        way: `FirmwareWay.kind`.
        bytes_per_s: As a station sends it.
        bare_bytes_per_s: By a plain loop of the same requests.
    """

    way: str
    bytes_per_s: float
    bare_bytes_per_s: float


async def timed_transfer(target: FirmwareTarget, image: Image) -> float:
    """Send an image as a station does, and take it back; return how long the sending took, in seconds."""
    try:
        await target.open()
        await target.prepare()
        began = time.perf_counter()
        await target.transfer(image, lambda _: None)
        took_s = time.perf_counter() - began
        await target.abandon()
        return took_s
    finally:
        await target.close()


async def in_turns(way: str, size: int, rounds: int, ours: Transfer, bare: Transfer) -> Rate:
    """Send `size` bytes `rounds` times in each manner, in turns."""
    took: list[float] = []
    took_bare: list[float] = []
    for _ in range(rounds):
        took_bare.append(await bare())
        took.append(await ours())
    return Rate(way, size / statistics.median(took), size / statistics.median(took_bare))
