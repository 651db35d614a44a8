"""The baseline of the poll bench: pymodbus as its documentation shows it, a client and a task a device."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from pymodbus.client import AsyncModbusTcpClient

REGISTERS = 6


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run took.

    Attributes:
        polls: How many polls were answered.
        cpu_s: CPU time of this process, all threads.
        wall_s: How long the run lasted.
    """

    polls: int
    cpu_s: float
    wall_s: float

    @property
    def cpu_us_per_poll(self) -> float:
        """CPU microseconds a poll."""
        return self.cpu_s / max(1, self.polls) * 1e6


async def paced(hosts: Sequence[str], port: int, warm_s: float, for_s: float) -> Measured:
    """Poll every host once a second, a task each, and measure after `warm_s`."""
    clients = await _connected(hosts, port)
    polls, is_over = 0, False

    async def poll(client: AsyncModbusTcpClient, phase: float) -> None:
        nonlocal polls
        due = time.monotonic() + phase
        while not is_over:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            due += 1.0
            await client.read_holding_registers(0, count=REGISTERS, device_id=1)
            polls += 1

    tasks = [asyncio.create_task(poll(client, i / len(clients))) for i, client in enumerate(clients)]
    await asyncio.sleep(warm_s)
    before, cpu, wall = polls, time.process_time(), time.monotonic()
    await asyncio.sleep(for_s)
    measured = Measured(polls - before, time.process_time() - cpu, time.monotonic() - wall)
    # Not cancelled: pymodbus 3.16 takes a cancellation for a time-out and goes on.
    is_over = True
    await asyncio.wait(tasks)
    for client in clients:
        client.close()
    return measured


async def saturated(hosts: Sequence[str], port: int, for_s: float) -> Measured:
    """Poll every host again as soon as it has answered."""
    clients = await _connected(hosts, port)
    polls, is_over = 0, False

    async def poll(client: AsyncModbusTcpClient) -> None:
        nonlocal polls
        while not is_over:
            await client.read_holding_registers(0, count=REGISTERS, device_id=1)
            polls += 1

    cpu, wall = time.process_time(), time.monotonic()
    tasks = [asyncio.create_task(poll(client)) for client in clients]
    await asyncio.sleep(for_s)
    measured = Measured(polls, time.process_time() - cpu, time.monotonic() - wall)
    # Not cancelled: pymodbus 3.16 takes a cancellation for a time-out and goes on.
    is_over = True
    await asyncio.wait(tasks)
    for client in clients:
        client.close()
    return measured


async def _connected(hosts: Sequence[str], port: int) -> list[AsyncModbusTcpClient]:
    clients = [AsyncModbusTcpClient(host, port=port, timeout=3, retries=0) for host in hosts]
    for start in range(0, len(clients), 100):
        await asyncio.gather(*(client.connect() for client in clients[start : start + 100]))
    return clients
