"""How fast firmware travels in the Modbus ways, against the bare protocol and against pymodbus's client.

One block under way, as profiles have it unless the maker says otherwise: most devices take no more. What a
product gains that takes eight at once is measured besides (`… ahead`), and held to the same baseline.
"""

import asyncio
import hashlib
import json
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from console.bench.figure import BenchSize
from console.bench.firmware_bare import (
    Asked,
    Requests,
    block_requests,
    blocks_by_pymodbus,
    file_requests,
    files_by_pymodbus,
    send,
    send_by_pymodbus,
)
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
_PRODUCT, _VERSION = "drive-a", "2.0.0"


@dataclass(frozen=True, slots=True)
class _Way:
    kind: str
    profile: dict[str, Any]
    requests: Requests
    asked: Asked


_WINDOW, _REGISTERS = BLOCK_PROFILE["data_register"] - 1, BLOCK_PROFILE["registers_per_block"]
_WAYS = (
    _Way(
        "modbus-file-record",
        FILE_PROFILE,
        file_requests(FILE_PROFILE["registers_per_request"]),
        files_by_pymodbus(FILE_PROFILE["registers_per_request"], UNIT),
    ),
    _Way(
        "modbus-register-block",
        BLOCK_PROFILE,
        block_requests(_WINDOW, _REGISTERS),
        blocks_by_pymodbus(_WINDOW, _REGISTERS, UNIT),
    ),
)


def measure(size: BenchSize) -> Iterator[Rate]:
    """Yield the rate of each Modbus way: by the bare protocol, by pymodbus, and with blocks sent ahead."""
    import uvloop

    count = _SMALL_BYTES if size.is_small else _FULL_BYTES
    rounds = _SMALL_ROUNDS if size.is_small else _FULL_ROUNDS
    data = make_image(_PRODUCT, _VERSION, count)
    image = Image(data, _VERSION, _PRODUCT, hashlib.sha256(data).digest())
    with _peer() as port, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for way in _WAYS:
            ours, bare = _ours(way, port, image), _bare(way, port, image)
            yield runner.run(in_turns(way.kind, count, rounds, ours, bare))
            theirs = _by_pymodbus(way, port, image)
            yield runner.run(in_turns(f"{way.kind} pymodbus", count, rounds, ours, theirs))
            ahead = _ours(replace(way, profile=way.profile | _AHEAD), port, image)
            yield runner.run(in_turns(f"{way.kind} ahead", count, rounds, ahead, bare))


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


def _bare(way: _Way, port: int, image: Image) -> Transfer:
    return lambda: send(port, UNIT, [_order(1)], _told(image), image.data, way.requests, _order(3))


def _by_pymodbus(way: _Way, port: int, image: Image) -> Transfer:
    return lambda: send_by_pymodbus(port, UNIT, [_order(1)], _told(image), image.data, way.asked, _order(3))


def _order(number: int) -> bytes:
    return struct.pack(">BHH", 6, BASE, number)


def _told(image: Image) -> list[bytes]:
    """Return what tells of an image, in one write, and the start."""
    data = struct.pack(">II", len(image.data), zlib.crc32(image.data)) + image.sha256
    return [struct.pack(">BHHB", 16, BASE + 12, len(data) // 2, len(data)) + data, _order(2)]


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
