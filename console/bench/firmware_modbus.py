"""How fast firmware travels in the Modbus ways, against a plain loop of the same requests."""

import asyncio
import hashlib
import json
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from console.bench.figure import BenchSize
from console.bench.firmware_bare import Requests, block_requests, file_requests, send
from console.bench.firmware_peer import UNIT
from console.bench.firmware_rate import Rate, Transfer, in_turns, timed_transfer
from drivers.firmware.registry import way_of
from drivers.firmware.target import Image
from drivers.modbus.spec import MODBUS_TCP
from drivers.plant.firmware.image import make_image
from drivers.plant.firmware.modbus_updater import BASE
from drivers.plant.firmware.products import BLOCK_PROFILE, FILE_PROFILE

_FULL_BYTES, _SMALL_BYTES = 128 << 10, 16 << 10
_FULL_ROUNDS, _SMALL_ROUNDS = 40, 2
_AHEAD = {"blocks_at_once": 8}
"""As a product that takes several requests at a time; the bare loop has one under way."""
_PRODUCT, _VERSION = "drive-a", "2.0.0"


@dataclass(frozen=True, slots=True)
class _Way:
    kind: str
    profile: dict[str, Any]
    requests: Requests


_WAYS = (
    _Way("modbus-file-record", FILE_PROFILE | _AHEAD, file_requests(FILE_PROFILE["registers_per_request"])),
    _Way(
        "modbus-register-block",
        BLOCK_PROFILE | _AHEAD,
        block_requests(BLOCK_PROFILE["data_register"] - 1, BLOCK_PROFILE["registers_per_block"]),
    ),
)


def measure(size: BenchSize) -> Iterator[Rate]:
    """Yield the rate of each Modbus way."""
    import uvloop

    count = _SMALL_BYTES if size.is_small else _FULL_BYTES
    rounds = _SMALL_ROUNDS if size.is_small else _FULL_ROUNDS
    data = make_image(_PRODUCT, _VERSION, count)
    image = Image(data, _VERSION, _PRODUCT, hashlib.sha256(data).digest())
    with _peer() as port, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for way in _WAYS:
            yield runner.run(
                in_turns(way.kind, count, rounds, _ours(way, port, image), _bare(way, port, data))
            )


def _ours(way: _Way, port: int, image: Image) -> Transfer:
    async def transfer() -> float:
        hub = MODBUS_TCP.make_hub()
        settings = MODBUS_TCP.settings_type.model_validate({"host": "127.0.0.1", "port": port, "unit": UNIT})
        found = way_of(way.kind)
        target = found.make(hub, settings, found.profile_type.model_validate(way.profile))
        try:
            return await timed_transfer(target, image)
        finally:
            await hub.close()

    return transfer


def _bare(way: _Way, port: int, data: bytes) -> Transfer:
    prepare, start = (struct.pack(">BHH", 6, BASE, order) for order in (1, 2))
    told = struct.pack(">BHHBII", 16, BASE + 12, 4, 8, len(data), 0)

    async def transfer() -> float:
        return await send(port, UNIT, [prepare, told, start], data, way.requests)

    return transfer


@contextmanager
def _peer() -> Iterator[int]:
    command = [sys.executable, "-m", "console.bench.firmware_peer"]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root
    ) as peer:
        assert peer.stdout is not None  # opened with a pipe
        # The end of its input ends the process: leaving the block closes that and waits.
        yield int(json.loads(peer.stdout.readline())["port"])
