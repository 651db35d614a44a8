"""The baseline of the OPC UA bench: asyncua as its documentation shows it, a subscription with a handler."""

import asyncio
import time
from typing import Any

from asyncua.client.client import Client

from console.bench.opcua_measured import Received


class _Counter:
    """Counts what a subscription brings."""

    def __init__(self) -> None:
        self.values = 0

    def datachange_notification(self, node: Any, val: Any, data: Any) -> None:
        """One value (called by asyncua)."""
        del node, val, data
        self.values += 1


async def subscribed(endpoint: str, items: int, interval_ms: float, warm_s: float, for_s: float) -> Received:
    """Watch items I0, I1, … for a while, and measure after `warm_s`."""
    counter = _Counter()
    async with Client(endpoint) as client:
        subscription = await client.create_subscription(interval_ms, counter)
        nodes = [client.get_node(f"ns=1;s=I{number}") for number in range(items)]
        await subscription.subscribe_data_change(nodes)
        await asyncio.sleep(warm_s)
        before, cpu, wall = counter.values, time.process_time(), time.monotonic()
        await asyncio.sleep(for_s)
        received = Received(counter.values - before, time.process_time() - cpu, time.monotonic() - wall)
        await subscription.delete()
    return received
