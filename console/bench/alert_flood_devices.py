"""The devices of the flood bench, in a process of their own: Modbus, quiet until they are told to flood.

Run as `python -m console.bench.alert_flood_devices COUNT SECONDS`: prints its port, takes "flood" on standard
input, ends with it. From then on devices cross the limits of their metrics, one after another, evenly over
SECONDS.
"""

import asyncio
import json
import os
import sys
import threading
import time

from console.bench.alert_flood_limits import CROSSED, QUIET
from console.bench.latency_stamps import modbus_host
from console.bench.modbus_replies import ModbusReplies
from console.station.descriptors import allow_many_connections


class _Plant:
    """Knows which devices have crossed by now."""

    def __init__(self, count: int, over_s: float) -> None:
        self._places = {modbus_host(index): index / count * over_s for index in range(count)}
        self._began: float | None = None

    def flood(self) -> None:
        self._began = time.monotonic()

    def values_of(self, host: str) -> tuple[float, ...]:
        began = self._began
        has_crossed = began is not None and time.monotonic() - began >= self._places[host]
        return CROSSED if has_crossed else QUIET


async def _serve(count: int, over_s: float) -> None:
    loop = asyncio.get_running_loop()
    plant = _Plant(count, over_s)
    # All of 127.0.0.0/8 ends at 0.0.0.0, so that every device has an address, and a connection, of its own.
    server = await loop.create_server(lambda: ModbusReplies(plant.values_of), "0.0.0.0", 0, backlog=4096)
    sys.stdout.write(json.dumps({"modbus_port": server.sockets[0].getsockname()[1]}) + "\n")
    sys.stdout.flush()
    is_over = asyncio.Event()

    def listen() -> None:
        with os.fdopen(0, "r", closefd=False) as orders:
            for line in orders:
                if line.strip() == "flood":
                    loop.call_soon_threadsafe(plant.flood)
        loop.call_soon_threadsafe(is_over.set)

    threading.Thread(target=listen, name="orders", daemon=True).start()
    await is_over.wait()
    server.close()


if __name__ == "__main__":
    allow_many_connections()
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(int(sys.argv[1]), float(sys.argv[2])))
