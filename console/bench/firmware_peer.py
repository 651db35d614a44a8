"""The device of the firmware bench, in a process of its own: it takes images over Modbus, again and again.

Prints its port as JSON once it listens, and ends with its input.
"""

import asyncio
import json
import sys
import time

from drivers.plant.firmware.flash import Flash
from drivers.plant.firmware.habits import Habits, Make
from drivers.plant.firmware.modbus_updater import Updater
from drivers.plant.modbus_server import ModbusGateway
from drivers.plant.registers import Unit
from drivers.plant.wiring import ModbusWiring

UNIT = 1
CAPACITY = 4 << 20


async def _serve() -> None:
    unit = Unit(ModbusWiring((), ()))
    unit.updater = Updater(Flash(Make(), Habits(capacity=CAPACITY)), time.monotonic)
    gateway = ModbusGateway("127.0.0.1", 0, {UNIT: unit})
    await gateway.open()
    sys.stdout.write(json.dumps({"port": gateway.port}) + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await gateway.close()


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve())
