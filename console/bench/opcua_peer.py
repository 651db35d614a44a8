"""The server of the OPC UA bench, in a process of its own: every item gets another value ten times a second.

Run as `python -m console.bench.opcua_peer ITEMS`: prints its endpoint as JSON, ends with its input.
"""

import asyncio
import json
import logging
import os
import sys
import threading
import time

from console.bench.opcua_nodes import NodeServer

RATE_HZ = 10.0


async def _serve(items: int) -> None:
    names = [f"I{number}" for number in range(items)]
    server = NodeServer(names)
    await server.start()
    sys.stdout.write(json.dumps({"endpoint": server.endpoint}) + "\n")
    sys.stdout.flush()
    loop, is_over = asyncio.get_running_loop(), asyncio.Event()

    def wait_for_end() -> None:
        while os.read(0, 4096):
            pass
        loop.call_soon_threadsafe(is_over.set)

    threading.Thread(target=wait_for_end, name="orders", daemon=True).start()
    writing = asyncio.create_task(_write_for_ever(server, names), name="write")
    await is_over.wait()
    writing.cancel()
    await server.stop()


async def _write_for_ever(server: NodeServer, names: list[str]) -> None:
    began, turn = time.monotonic(), 0
    while True:
        turn += 1
        await asyncio.sleep(max(0.0, began + turn / RATE_HZ - time.monotonic()))
        for name in names:
            await server.write(name, float(turn))


if __name__ == "__main__":
    # A client that ends drops its session, and asyncua logs a traceback for each.
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(int(sys.argv[1])))
