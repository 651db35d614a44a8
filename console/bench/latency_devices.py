"""The devices of the latency bench, in a process of their own: half Modbus, half OPC UA, values with stamps.

Run as `python -m console.bench.latency_devices COUNT`: prints where its devices are, takes lines on standard
input, ends with it. "cross" lets devices cross their limit, one after another, Modbus and OPC UA in turn.

A Modbus device stamps its temperature while it builds the reply: the value leaves it then. An OPC UA device
measures once a second, at a moment of its own, and stamps what it writes into the server: what the server's
publishing interval costs counts as ours, because we ask for it.
"""

import asyncio
import json
import logging
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Iterable

from console.bench.latency_stamps import crossed, modbus_host, stamp
from console.bench.modbus_replies import ModbusReplies
from console.bench.opcua_nodes import NodeServer
from console.station.descriptors import allow_many_connections
from models.metrics import METRIC_KEYS

_SLICES = 20
_CROSS_EVERY_S = (0.05, 0.25)
"""Between two crossings a random time, so that they do not keep step with the polls."""

Values = dict[str, float]


class _OpcuaDevices:
    """Measures every device once a second, a share of them each twentieth of it."""

    def __init__(self, count: int) -> None:
        self._crossed_unix: dict[int, float] = {}
        self._count = count
        self.server = NodeServer([_node(index, key) for index in range(count) for key in METRIC_KEYS])

    async def measure_for_ever(self) -> None:
        began, tick = time.monotonic(), 0
        while True:
            tick += 1
            await asyncio.sleep(max(0.0, began + tick / _SLICES - time.monotonic()))
            for index in range(tick % _SLICES, self._count, _SLICES):
                for key, value in _values(time.time(), self._crossed_unix.get(index)).items():
                    await self.server.write(_node(index, key), value)

    async def cross(self, index: int) -> None:
        self._crossed_unix[index] = time.time()
        await self.server.write(_node(index, "pressure"), crossed(self._crossed_unix[index]))


def _values(now_unix: float, crossed_unix: float | None) -> Values:
    """Return all metrics in METRICS' order; apart from the stamp they change once a second."""
    drift = now_unix % 60.0 // 1.0
    return {
        "temperature": stamp(now_unix),
        "humidity": drift,
        "pressure": drift if crossed_unix is None else crossed(crossed_unix),
        "vibration": drift,
        "power_consumption": drift,
        "rpm": drift,
    }


def _node(index: int, metric: str) -> str:
    return f"D{index}.{metric}"


async def _cross_for_ever(modbus: dict[str, float], opcua: _OpcuaDevices, count: int) -> None:
    dice = random.Random(3)
    for number in range(count):
        modbus[modbus_host(number)] = time.time()
        await asyncio.sleep(dice.uniform(*_CROSS_EVERY_S))
        await opcua.cross(number)
        await asyncio.sleep(dice.uniform(*_CROSS_EVERY_S))


async def _serve(count: int) -> None:
    loop = asyncio.get_running_loop()
    crossed_unix: dict[str, float] = {}

    def values_of(host: str) -> Iterable[float]:
        return _values(time.time(), crossed_unix.get(host)).values()

    # All of 127.0.0.0/8 ends at 0.0.0.0, so that every device has an address, and a connection, of its own.
    modbus = await loop.create_server(lambda: ModbusReplies(values_of), "0.0.0.0", 0, backlog=4096)
    opcua = _OpcuaDevices(count // 2)
    await opcua.server.start()
    port = modbus.sockets[0].getsockname()[1]
    sys.stdout.write(json.dumps({"modbus_port": port, "opcua_endpoint": opcua.server.endpoint}) + "\n")
    sys.stdout.flush()
    tasks = {asyncio.create_task(opcua.measure_for_ever(), name="measure")}

    def cross() -> None:
        tasks.add(asyncio.create_task(_cross_for_ever(crossed_unix, opcua, count // 2), name="cross"))

    is_over = asyncio.Event()
    _listen(loop, cross, is_over.set)
    await is_over.wait()
    for task in tasks:
        task.cancel()
    modbus.close()
    await opcua.server.stop()


def _listen(loop: asyncio.AbstractEventLoop, cross: Callable[[], None], end: Callable[[], None]) -> None:
    def listen() -> None:
        with os.fdopen(0, "r", closefd=False) as orders:
            for line in orders:
                if line.strip() == "cross":
                    loop.call_soon_threadsafe(cross)
        loop.call_soon_threadsafe(end)

    threading.Thread(target=listen, name="orders", daemon=True).start()


if __name__ == "__main__":
    allow_many_connections()
    # A station that ends drops its session, and asyncua logs a traceback for each.
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(int(sys.argv[1])))
