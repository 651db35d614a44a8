"""What a value received by subscription costs: this program's driver against a bare asyncua subscription.

Both watch the same 1,000 items, which change ten times a second, in the same rhythm, on one server that lives
in a process of its own. Ours does more: every value is judged and handed out as a raw value, a little more
often than it changes, through the driver that the station uses; the bare one only counts.
"""

import asyncio
import time
from statistics import median

from console.bench.figure import Bench, BenchSize, Figure
from console.bench.opcua_bare import subscribed
from console.bench.opcua_measured import Received
from console.bench.opcua_peer import RATE_HZ
from console.bench.processes import child
from drivers.driver import Driver
from drivers.opcua.spec import OPCUA

_REACH = 1.2
_ITEMS_PER_DEVICE = 10
_INTERVAL_MS = 1000.0 / RATE_HZ
_ARRIVED_AT_LEAST = 0.95
_READ_HZ = 1.25 * RATE_HZ
"""A little more often than values change: two rhythms of the same pace would now and then skip one."""


def _run(size: BenchSize) -> list[Figure]:
    import uvloop

    items, rounds, warm_s, for_s = (100, 1, 0.5, 1.5) if size.is_small else (1000, 3, 2.0, 10.0)
    bare: list[Received] = []
    ours: list[Received] = []
    with child("The OPC UA server", ["-m", "console.bench.opcua_peer", str(items)]) as server:
        endpoint = str(server.answer()["endpoint"])
        # In turns, so that whatever else the computer does meets both alike.
        for _ in range(rounds):
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                bare.append(runner.run(subscribed(endpoint, items, _INTERVAL_MS, warm_s, for_s)))
                ours.append(runner.run(_driven(endpoint, items, warm_s, for_s)))
    value, base = (median(run.cpu_us_per_value for run in runs) for runs in (ours, bare))
    rate, bare_rate = (median(run.values / run.wall_s for run in runs) for runs in (ours, bare))
    return [
        Figure(
            "opcua.cpu_per_value",
            value,
            "µs",
            base,
            value / base,
            "≤ 1.2 × bare asyncua",
            value <= _REACH * base,
        ),
        Figure(
            "opcua.values_per_s",
            rate,
            "values/s",
            bare_rate,
            rate / bare_rate,
            "≥ 0.95 × bare asyncua: none is left out",
            rate >= _ARRIVED_AT_LEAST * bare_rate,
        ),
    ]


async def _driven(endpoint: str, items: int, warm_s: float, for_s: float) -> Received:
    """Watch items through the driver, and read every device as often as values come."""
    hub = OPCUA.make_hub()
    settings = OPCUA.settings_type.model_validate(
        {"endpoint": endpoint, "publishing_interval_ms": round(_INTERVAL_MS)}
    )
    drivers = [
        hub.driver(
            settings,
            [OPCUA.parse_address(f"ns=1;s=I{number}") for number in range(first, first + _ITEMS_PER_DEVICE)],
        )
        for first in range(0, items, _ITEMS_PER_DEVICE)
    ]
    await asyncio.gather(*(driver.open() for driver in drivers))
    reader = _Reader(drivers)
    reading = asyncio.create_task(reader.read_for_ever(), name="read")
    try:
        await asyncio.sleep(warm_s)
        before, cpu, wall = reader.values, time.process_time(), time.monotonic()
        await asyncio.sleep(for_s)
        return Received(reader.values - before, time.process_time() - cpu, time.monotonic() - wall)
    finally:
        reading.cancel()
        await hub.close()


class _Reader:
    """Reads all devices again and again, and counts the values that are new."""

    def __init__(self, drivers: list[Driver]) -> None:
        self.values = 0
        self._drivers = drivers
        self._known: list[list[float | None]] = [[] for _ in drivers]

    async def read_for_ever(self) -> None:
        began, turn = time.monotonic(), 0
        while True:
            turn += 1
            await asyncio.sleep(max(0.0, began + turn / _READ_HZ - time.monotonic()))
            for number, driver in enumerate(self._drivers):
                sources = [value.source_unix for value in await driver.read()]
                if sources != self._known[number]:
                    known = self._known[number] or [None] * len(sources)
                    self.values += sum(new != old for new, old in zip(sources, known, strict=True))
                    self._known[number] = sources


BENCH = Bench("opcua", "CPU of a value received by OPC UA subscription, against bare asyncua", _run)
