"""How fast firmware reaches a device in each way of delivery, against the bare protocol in the same run.

Both send the same bytes to the same device; a station besides checks every answer, asks before each block
whether it may go on, holds checksums and counts to what was sent, and commits.
"""

from collections.abc import Callable, Iterable

from console.bench import firmware_modbus, firmware_opcua
from console.bench.figure import Bench, BenchSize, Figure
from console.bench.firmware_rate import Rate

_REACH = 0.8

MEASURES: tuple[Callable[[BenchSize], Iterable[Rate]], ...] = (
    firmware_opcua.measure,
    firmware_modbus.measure,
)
"""One for each family of ways; a figure is made of every rate."""


def _run(size: BenchSize) -> list[Figure]:
    return [_figure(rate) for measure in MEASURES for rate in measure(size)]


def _figure(rate: Rate) -> Figure:
    ratio = rate.bytes_per_s / rate.bare_bytes_per_s
    return Figure(
        f"firmware.{rate.way}",
        rate.bytes_per_s / 1024,
        "KiB/s",
        rate.bare_bytes_per_s / 1024,
        ratio,
        f"≥ {_REACH} × the bare protocol",
        ratio >= _REACH,
    )


BENCH = Bench("firmware", "transfer rate of each way of delivering firmware, against the bare protocol", _run)
