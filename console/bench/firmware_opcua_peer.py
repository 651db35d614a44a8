"""A process with an OPC UA server of two devices that take firmware: by Software Update, and as a file."""

import asyncio
import json
import logging
import sys

from drivers.plant.addresses import free_port
from drivers.plant.firmware.flash import Flash
from drivers.plant.firmware.habits import Make
from drivers.plant.firmware.opcua_device import Offer
from drivers.plant.firmware.opcua_stand import OpcuaStand

PRODUCT = "press-a"
UPDATED, FILED = "Updated", "Filed"
"""Names of the devices, in namespace 1."""
BLOCK = 4096


async def _serve() -> None:
    logging.getLogger("asyncua").setLevel(logging.ERROR)
    stand = OpcuaStand(free_port("127.0.0.1"))
    await stand.start()
    stand.add(UPDATED, Flash(Make(PRODUCT)), Offer(write_block=BLOCK))
    stand.add_file(FILED, Flash(Make(PRODUCT)))
    sys.stdout.write(json.dumps({"endpoint": stand.endpoint}) + "\n")
    sys.stdout.flush()
    # The end of its input ends the process.
    await asyncio.to_thread(sys.stdin.read)
    await stand.stop()


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve())
