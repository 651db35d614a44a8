"""The baselines of the Modbus ways: what the protocol needs for a transfer that is proved, and no more.

Both send the same useful bytes in blocks of the same size, one request under way: tell the device of the
image, start, every block, for records the reading back of every block and its comparison, commit. Neither
asks for leave, looks at states, keeps turns with others, nor can go on after an interruption.
`send` is a loop by hand that knows every byte beforehand; `send_by_pymodbus` is the library's own client.
"""

import asyncio
import struct
import time
from collections.abc import Awaitable, Callable, Iterator

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.file_message import FileRecord, ReadFileRecordResponse

Requests = Callable[[bytes], Iterator[tuple[bytes, bytes]]]
"""From an image to the PDUs that carry it, and how the answer of each must end: data that is read back."""
Asked = Callable[[AsyncModbusTcpClient, bytes], Awaitable[None]]
"""Has pymodbus carry an image."""

_HEADER = struct.Struct(">HHHB")


def file_places(
    size: int, registers: int, records_per_file: int = 10_000
) -> Iterator[tuple[int, int, int, int]]:
    """Yield (byte, file, record, registers) of each block of an image."""
    at = 0
    while at < size // 2:
        file, record = divmod(at, records_per_file)
        count = min(registers, records_per_file - record, size // 2 - at)
        yield 2 * at, file + 1, record, count
        at += count


def file_requests(registers: int) -> Requests:
    """Return the writes of an image as records of files, and then the reads that bring it back."""

    def requests(image: bytes) -> Iterator[tuple[bytes, bytes]]:
        places = list(file_places(len(image), registers))
        for at, file, record, count in places:
            data = image[at : at + 2 * count]
            yield struct.pack(">BBBHHH", 21, 7 + len(data), 6, file, record, count) + data, b""
        for at, file, record, count in places:
            yield struct.pack(">BBBHHH", 20, 7, 6, file, record, count), image[at : at + 2 * count]

    return requests


def block_requests(number_register: int, registers: int) -> Requests:
    """Return the writes of an image as blocks, each behind its number."""

    def requests(image: bytes) -> Iterator[tuple[bytes, bytes]]:
        for number, at in enumerate(range(0, len(image), 2 * registers)):
            data = number.to_bytes(2, "big") + image[at : at + 2 * registers]
            yield struct.pack(">BHHB", 16, number_register, len(data) // 2, len(data)) + data, b""

    return requests


def files_by_pymodbus(registers: int, unit: int) -> Asked:
    """Return what has pymodbus write an image as records of files, read it back and compare."""

    async def ask(client: AsyncModbusTcpClient, image: bytes) -> None:
        places = list(file_places(len(image), registers))
        for at, file, record, count in places:
            data = image[at : at + 2 * count]
            records = [FileRecord(file_number=file, record_number=record, record_data=data)]
            _good(await client.write_file_record(records, device_id=unit))
        for at, file, record, count in places:
            wanted = [FileRecord(file_number=file, record_number=record, record_length=2 * count)]
            answer = _good(await client.read_file_record(wanted, device_id=unit))
            assert isinstance(answer, ReadFileRecordResponse)  # What was asked for came, as `_good` saw.
            if answer.records[0].record_data != image[at : at + 2 * count]:
                raise RuntimeError(f"the device of the bench reads back something else from byte {at} on")

    return ask


def blocks_by_pymodbus(number_register: int, registers: int, unit: int) -> Asked:
    """Return what has pymodbus write an image as blocks, each behind its number."""

    async def ask(client: AsyncModbusTcpClient, image: bytes) -> None:
        for number, at in enumerate(range(0, len(image), 2 * registers)):
            words = [number, *_words(image[at : at + 2 * registers])]
            _good(await client.write_registers(number_register, words, device_id=unit))

    return ask


async def send(
    port: int,
    unit: int,
    before: list[bytes],
    told: list[bytes],
    image: bytes,
    requests: Requests,
    commit: bytes,
) -> float:
    """Send an image by hand; return how long that took from the telling to the commit, in seconds.

    Args:
        port, unit: Of the device on loopback.
        before: PDUs that prepare it; not timed.
        told: PDUs that tell of the image and start.
        image: Of whole registers.
        requests: Carry it.
        commit: The last PDU.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    frames = 0

    async def ask(pdu: bytes, ending: bytes = b"") -> None:
        nonlocal frames
        frames = (frames + 1) & 0xFFFF
        writer.write(_HEADER.pack(frames, 0, len(pdu) + 1, unit) + pdu)
        number, _, length, _ = _HEADER.unpack(await reader.readexactly(_HEADER.size))
        answer = await reader.readexactly(length - 1)
        if number != frames or answer[0] != pdu[0] or not answer.endswith(ending):
            raise RuntimeError(f"the device of the bench refused function {pdu[0]}: {answer.hex(' ')}")

    try:
        for pdu in before:
            await ask(pdu)
        began = time.perf_counter()
        for pdu in told:
            await ask(pdu)
        for pdu, ending in requests(image):
            await ask(pdu, ending)
        await ask(commit)
        return time.perf_counter() - began
    finally:
        writer.close()
        await writer.wait_closed()


async def send_by_pymodbus(
    port: int, unit: int, before: list[bytes], told: list[bytes], image: bytes, asked: Asked, commit: bytes
) -> float:
    """Send an image by pymodbus's client, as `send` does; the PDUs are writes of registers."""
    client = AsyncModbusTcpClient("127.0.0.1", port=port, retries=0)

    async def write(pdu: bytes) -> None:
        at = int.from_bytes(pdu[1:3], "big")
        words = _words(pdu[3:] if pdu[0] == 6 else pdu[6:])
        if pdu[0] == 6:
            _good(await client.write_register(at, words[0], device_id=unit))
        else:
            _good(await client.write_registers(at, words, device_id=unit))

    try:
        if not await client.connect():
            raise RuntimeError("pymodbus reached no device of the bench")
        for pdu in before:
            await write(pdu)
        began = time.perf_counter()
        for pdu in told:
            await write(pdu)
        await asked(client, image)
        await write(commit)
        return time.perf_counter() - began
    finally:
        client.close()


def _words(data: bytes) -> list[int]:
    return [*struct.unpack(f">{len(data) // 2}H", data)]


def _good(answer: ModbusPDU) -> ModbusPDU:
    if answer.isError():
        raise RuntimeError(f"the device of the bench refused pymodbus: {answer}")
    return answer
