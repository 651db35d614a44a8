"""The baseline of the Modbus ways: a plain loop of the same requests that checks nothing."""

import asyncio
import struct
import time
from collections.abc import Callable, Iterator

Requests = Callable[[bytes], Iterator[bytes]]
"""From an image to the PDUs that carry it."""

_HEADER = struct.Struct(">HHHB")


def file_requests(registers: int, records_per_file: int = 10_000) -> Requests:
    """Return the writes of an image as records of files, and then the reads that bring it back."""

    def requests(image: bytes) -> Iterator[bytes]:
        places: list[tuple[int, int, int]] = []
        at = 0
        while at < len(image) // 2:
            file, record = divmod(at, records_per_file)
            count = min(registers, records_per_file - record, len(image) // 2 - at)
            places.append((file + 1, record, count))
            data = image[2 * at : 2 * (at + count)]
            yield struct.pack(">BBBHHH", 21, 7 + len(data), 6, file + 1, record, count) + data
            at += count
        for file, record, count in places:
            yield struct.pack(">BBBHHH", 20, 7, 6, file, record, count)

    return requests


def block_requests(number_register: int, registers: int) -> Requests:
    """Return the writes of an image as blocks, each behind its number."""

    def requests(image: bytes) -> Iterator[bytes]:
        for number, at in enumerate(range(0, len(image), 2 * registers)):
            data = number.to_bytes(2, "big") + image[at : at + 2 * registers]
            yield struct.pack(">BHHB", 16, number_register, len(data) // 2, len(data)) + data

    return requests


async def send(port: int, unit: int, begin: list[bytes], image: bytes, requests: Requests) -> float:
    """Send an image one request after the other, and return how long that took, in seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def ask(number: int, pdu: bytes) -> None:
        writer.write(_HEADER.pack(number & 0xFFFF, 0, len(pdu) + 1, unit) + pdu)
        _, _, length, _ = _HEADER.unpack(await reader.readexactly(_HEADER.size))
        answer = await reader.readexactly(length - 1)
        if answer[0] != pdu[0]:
            raise RuntimeError(f"the device of the bench refused function {pdu[0]}: {answer.hex(' ')}")

    try:
        for number, pdu in enumerate(begin):
            await ask(number, pdu)
        began = time.perf_counter()
        for number, pdu in enumerate(requests(image)):
            await ask(number, pdu)
        return time.perf_counter() - began
    finally:
        writer.close()
        await writer.wait_closed()
