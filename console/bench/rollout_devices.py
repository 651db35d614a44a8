"""Devices of the rollout bench that take new firmware, in a process of their own.

Run as `python -m console.bench.rollout_devices COUNT`: prints its port, takes orders on standard input, one a
line, answers each with a line, ends with its input.

    log FILE    writes what became of every device so far, as `Fate`s

Each device has a loopback address of its own. All sorts of trouble are spread over them: one in six loses
its power, hangs, comes back slowly, rolls back or refuses; one in twenty comes back as another device would.
"""

import asyncio
import sys
import time
from pathlib import Path

import msgspec

from console.bench.latency_stamps import modbus_host
from drivers.plant.firmware.flash import Flash
from drivers.plant.firmware.habits import Habits, Make
from drivers.plant.firmware.modbus_updater import Updater
from drivers.plant.firmware.troubles import Step, Trouble, TroubleKind
from drivers.plant.modbus_server import ModbusGateway
from drivers.plant.registers import Unit
from drivers.plant.wiring import ModbusWiring

UNIT = 1
HABITS = Habits(install_s=0.5, reboot_s=1.0, checks_image=False)
_TROUBLES = (
    Trouble(TroubleKind.LOSE_POWER, Step.RECEIVE, after_bytes=1000),
    Trouble(TroubleKind.SLOW_REBOOT, seconds=5.0),
    Trouble(TroubleKind.HANG, Step.RECEIVE, after_bytes=2000, seconds=3.0),
    Trouble(TroubleKind.ROLL_BACK),
    Trouble(TroubleKind.LOSE_POWER, Step.INSTALL),
    Trouble(TroubleKind.FAIL_INSTALL),
)
_EVERY = 6


class Fate(msgspec.Struct, frozen=True):
    """What became of one device.

    Attributes:
        flashed: Versions that it was made to run, in that order.
        interleaved: Blocks from somebody whom another had already taken over from.
        trouble: What was played on it, empty where nothing was.
    """

    running: str
    flashed: list[str]
    is_bricked: bool
    interleaved: int
    transfers: int
    trouble: str


def trouble_of(index: int) -> Trouble | None:
    """Return what is played on a device; the first ones, which are canaries, are spared."""
    if index < _EVERY or index % _EVERY:
        return None
    return _TROUBLES[index // _EVERY % len(_TROUBLES)]


async def _serve(count: int) -> None:
    flashes = [
        Flash(Make("drive-a", "A1", f"SN-{index:04}", "1.0.0"), HABITS, trouble_of(index))
        for index in range(count)
    ]
    gateways: list[ModbusGateway] = []
    port = 0
    for index, flash in enumerate(flashes):
        unit = Unit(ModbusWiring((), ()))
        unit.updater = Updater(flash, time.monotonic)
        gateway = ModbusGateway(modbus_host(index), port, {UNIT: unit})
        await gateway.open()
        port = gateway.port
        gateways.append(gateway)
    _say(str(port))
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := (await reader.readline()).decode().split():
        fates = [
            Fate(
                flash.running,
                list(flash.flashed),
                flash.is_bricked,
                flash.interleaved,
                flash.transfers,
                trouble.kind if (trouble := trouble_of(index)) else "",
            )
            for index, flash in enumerate(flashes)
        ]
        _keep(Path(line[1]), fates)
        _say("0")
    for gateway in gateways:
        await gateway.close()


def _keep(file: Path, fates: list[Fate]) -> None:
    file.write_bytes(msgspec.msgpack.encode(fates))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
