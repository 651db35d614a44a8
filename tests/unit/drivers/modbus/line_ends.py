"""The other ends of the line: units for pymodbus's server, and a scripted one that may break every rule."""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from pymodbus.simulator import DataType, SimData, SimDevice

from tests.unit.drivers.modbus.listening import ListeningServer

REGISTERS = [(index * 2654435761) >> 7 & 0xFFFF for index in range(300)]
BITS = [bool((index * 40503 >> 3) & 1) for index in range(2400)]


def registers_unit(unit: int, registers: list[int] | None = None) -> SimDevice:
    """Return a unit with all four tables."""
    words = REGISTERS if registers is None else registers
    return SimDevice(
        id=unit,
        simdata=(
            [SimData(0, values=BITS, datatype=DataType.BITS)],
            [SimData(0, values=[not bit for bit in BITS], datatype=DataType.BITS)],
            [SimData(0, values=words, datatype=DataType.REGISTERS)],
            [SimData(0, values=[word ^ 0xFFFF for word in words], datatype=DataType.REGISTERS)],
        ),
    )


def sparse_unit(unit: int, registers: dict[int, int]) -> SimDevice:
    """Return a unit that has these registers, in every table, and refuses all others."""
    data = [SimData(at, values=[word], datatype=DataType.REGISTERS) for at, word in sorted(registers.items())]
    return SimDevice(id=unit, simdata=data)


class Asked(NamedTuple):
    """A request as the scripted server got it."""

    transaction: int
    unit: int
    function: int
    start: int
    count: int

    def frame(self, body: bytes, unit: int | None = None, function: int | None = None) -> bytes:
        """Return a reply frame with `body` after the function code."""
        return (
            struct.pack(
                ">HHHBB",
                self.transaction,
                0,
                len(body) + 2,
                self.unit if unit is None else unit,
                self.function if function is None else function,
            )
            + body
        )

    def correct(self) -> bytes:
        """Return the right reply: every register holds unit × 100 + its own address."""
        words = struct.pack(f">{self.count}H", *(self.unit * 100 + self.start + i for i in range(self.count)))
        return self.frame(bytes([len(words)]) + words)

    def exception(self, code: int) -> bytes:
        """Return an exception reply."""
        return self.frame(bytes([code]), function=self.function | 0x80)


Script = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


async def tell_truth(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(asked.correct())


class ScriptedServer(ListeningServer):
    """Calls `script` for every request, each in a task of its own; keeps the requests."""

    def __init__(self) -> None:
        super().__init__()
        self.script: Script = tell_truth
        self.asked: list[Asked] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        await super().stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = Asked._make(struct.unpack(">HxxxxBBHH", await reader.readexactly(12)))
        self.asked.append(asked)
        self._happened.set()
        task = asyncio.ensure_future(self.script(asked, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
