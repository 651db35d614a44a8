"""How fast firmware travels in the OPC UA ways, against asyncua's own client writing the same blocks."""

import asyncio
import hashlib
from collections.abc import Iterator
from typing import Any

from console.bench.figure import BenchSize
from console.bench.firmware_opcua_bare import send_file, send_package
from console.bench.firmware_opcua_peer import BLOCK, FILED, PRODUCT, UPDATED
from console.bench.firmware_rate import Rate, Transfer, in_turns, timed_transfer
from console.bench.processes import child
from drivers.firmware.registry import way_of
from drivers.firmware.target import Image
from drivers.opcua.spec import OPCUA
from drivers.plant.firmware.image import make_image
from drivers.plant.firmware.products import OPCUA_FILE_PROFILE as PROFILE

_FULL_BYTES, _SMALL_BYTES = 1 << 20, 64 << 10
_FULL_ROUNDS, _SMALL_ROUNDS = 25, 2
_VERSION = "2.0.0"


def measure(size: BenchSize) -> Iterator[Rate]:
    """Yield the rate of each OPC UA way."""
    import uvloop

    count = _SMALL_BYTES if size.is_small else _FULL_BYTES
    rounds = _SMALL_ROUNDS if size.is_small else _FULL_ROUNDS
    data = make_image(PRODUCT, _VERSION, count)
    image = Image(data, _VERSION, PRODUCT, hashlib.sha256(data).digest())
    with child("The OPC UA server", ["-m", "console.bench.firmware_opcua_peer"]) as server:
        endpoint = str(server.answer()["endpoint"])
        for kind, device, profile, bare in (
            ("opcua-software-update", UPDATED, {}, send_package),
            ("opcua-file", FILED, PROFILE | {"block_bytes": BLOCK}, send_file),
        ):

            async def plain(send: Any = bare, name: str = device) -> float:
                return await send(endpoint, name, data, BLOCK)

            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                ours = _ours(kind, endpoint, device, profile, image)
                yield runner.run(in_turns(kind, count, rounds, ours, plain))


def _ours(kind: str, endpoint: str, device: str, profile: dict[str, Any], image: Image) -> Transfer:
    async def transfer() -> float:
        hub = OPCUA.make_hub()
        settings = OPCUA.settings_type.model_validate(
            {"endpoint": endpoint, "starting_node": f"ns=1;s={device}"}
        )
        way = way_of(kind)
        target = way.make(hub, settings, way.profile_type.model_validate(profile))
        try:
            return await timed_transfer(target, image)
        finally:
            await hub.close()

    return transfer
