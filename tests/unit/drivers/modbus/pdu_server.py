"""A Modbus TCP server that answers whole PDUs as a test wishes, and a device with a memory behind it."""

import asyncio
import ssl
import struct
from collections.abc import Callable

from tests.unit.drivers.modbus.listening import ListeningServer

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS = 1, 2

AnswerPdu = Callable[[int, bytes], "bytes | None"]
"""From unit and PDU to the PDU of the answer; None = silence."""


class PduServer(ListeningServer):
    """Answers every request by `answer`.

    Attributes:
        answer: What is said; may be replaced at any time.
        asked: Unit and PDU of every request.
    """

    def __init__(self, answer: AnswerPdu, encryption: ssl.SSLContext | None = None) -> None:
        super().__init__(encryption)
        self.answer = answer
        self.asked: list[tuple[int, bytes]] = []

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number, length, unit = struct.unpack(">HxxHB", await reader.readexactly(7))
        pdu = await reader.readexactly(length - 1)
        self.asked.append((unit, pdu))
        self._happened.set()
        answer = self.answer(unit, pdu)
        if answer is not None:
            writer.write(struct.pack(">HHHB", number, 0, len(answer) + 1, unit) + answer)


class Memory:
    """A device of a hundred coils and a hundred holding registers.

    Attributes:
        words, coils: What it holds.
        functions: By which it was asked, in order.
        unknown: Functions it refuses as unknown.
    """

    def __init__(self, *unknown: int) -> None:
        self.words = [0] * 100
        self.coils = [0] * 100
        self.functions: list[int] = []
        self.unknown = unknown

    def answer(self, unit: int, pdu: bytes) -> bytes:
        """Return the PDU of the answer."""
        function, at = struct.unpack_from(">BH", pdu)
        self.functions.append(function)
        if function in self.unknown or function not in (1, 3, 5, 6, 15, 16, 22):
            return bytes([function | 0x80, ILLEGAL_FUNCTION])
        if at >= len(self.words):
            return bytes([function | 0x80, ILLEGAL_ADDRESS])
        if function in (1, 3):
            return self._read(function, at, struct.unpack_from(">H", pdu, 3)[0])
        self._write(function, at, pdu)
        return pdu[:5] if function in (15, 16) else pdu

    def _read(self, function: int, at: int, count: int) -> bytes:
        if function == 1:
            return bytes([1, 1, self.coils[at]])
        return bytes([3, 2 * count]) + struct.pack(f">{count}H", *self.words[at : at + count])

    def _write(self, function: int, at: int, pdu: bytes) -> None:
        match function:
            case 5:
                self.coils[at] = int(pdu[3] == 0xFF)
            case 15:
                self.coils[at] = pdu[6] & 1
            case 6:
                self.words[at] = struct.unpack_from(">H", pdu, 3)[0]
            case 16:
                words = struct.unpack(f">{pdu[5] // 2}H", pdu[6:])
                self.words[at : at + len(words)] = words
            case _:
                keep, put = struct.unpack_from(">HH", pdu, 3)
                self.words[at] = self.words[at] & keep | put & ~keep & 0xFFFF
