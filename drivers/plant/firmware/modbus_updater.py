"""A Modbus unit's updatable side: identification, a file to write, and registers for its boot loader.

    60000  order (write)        1 prepare, 2 start, 3 commit, 4 install, 5 confirm, 6 abandon
    60001  state                `STATES`
    60002  received bytes, 2    60004  version, 3      60007  version waiting, 3
    60010  health, 1 = well     60011  fault           60012  length, 2 (write)     60014  CRC-32, 2 (write)
    60016  SHA-256, 16 (write)  60032  serial, 16      60048  product, 16           60064  hardware, 8
    60100  block number         60101  the window, 121 (write: with the number, after it, or without any)
    file 1, records from 0      the image by functions 21 and 20

Function 43/14 tells vendor, product code, revision, model and serial. Everything else is its unit's
(`registers.py`). Application protocol 1.1b3, clauses 6.6, 6.12, 6.14, 6.15 and 6.21.
"""

import struct
import zlib
from collections.abc import Callable

from drivers.plant.firmware.flash import Declined, Flash, FlashState

WRITE_ONE, WRITE_MANY, READ_FILE, WRITE_FILE, IDENTIFY = 6, 16, 20, 21, 43
HOLDING = 3
BASE, END = 60000, 60222
STATES = tuple(FlashState)
"""What the state register says is an index in here."""
VENDOR = "Plant Works"
SERIAL_OBJECT, HARDWARE_OBJECT = 0x80, 0x81

_ORDER, _INFO, _INFO_END, _BLOCK, _WINDOW = 60000, 60012, 60032, 60100, 60101
_FAULT_FAILED = 7
_ILLEGAL_FUNCTION, _ILLEGAL_ADDRESS, _ILLEGAL_VALUE, _FAILURE = 1, 2, 3, 4
_FILE, _RECORDS = 1, 10_000
_REFERENCE = 6
_GROUP = struct.Struct(">BHHH")


class _No(Exception):
    """An exception reply. The code is its argument."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Updater:
    """What one unit answers to everything that is about its firmware.

    Attributes:
        flash: The device behind it.
        registers_per_record: More than 1 where its maker numbers the blocks of a file, not its registers.
    """

    def __init__(self, flash: Flash, clock: Callable[[], float]) -> None:
        self.flash = flash
        self.registers_per_record = 1
        self._clock = clock
        self._told = bytearray(2 * (_INFO_END - _INFO))
        self._block_bytes = 0
        self._number: int | None = None

    @property
    def is_silent(self) -> bool:
        """Whether the device answers nothing now."""
        return self.flash.is_silent(self._clock())

    def reply(self, who: str, request: bytes) -> bytes | None:
        """Return the reply PDU, None where the request is not about firmware. Raises Silent while it is away.

        Args:
            who: Who asks, for the count of who writes at once.
            request: Whole PDU, not empty.
        """
        function = request[0]
        self.flash.state(self._clock())
        try:
            match function:
                case 3 if len(request) == 5 and BASE <= int.from_bytes(request[1:3], "big") < END:
                    return self._read(request)
                case 6 | 16:
                    return self._write(who, request)
                case 20:
                    return self._read_file(request)
                case 21:
                    return self._write_file(who, request)
                case 43:
                    return self._identify(request)
                case _:
                    return None
        except Declined:
            return bytes([function | 0x80, _FAILURE])
        except _No as no:
            return bytes([function | 0x80, no.code])

    # ---- registers

    def _read(self, request: bytes) -> bytes:
        first, count = struct.unpack(">HH", request[1:])
        if not 1 <= count <= 125:
            raise _No(_ILLEGAL_VALUE)
        if first + count > _BLOCK:
            raise _No(_ILLEGAL_ADDRESS)
        image = self._image()
        start = 2 * (first - BASE)
        return bytes([HOLDING, 2 * count]) + image[start : start + 2 * count]

    def _image(self) -> bytes:
        """Return all readable registers."""
        flash, now = self.flash, self._clock()
        state = flash.state(now)
        is_bad = state is FlashState.FAILED
        head = struct.pack(
            ">HHI3H3HHH",
            0,
            STATES.index(state),
            flash.received(now),
            *_numbers(flash.version(now)),
            *_numbers(flash.pending),
            int(flash.is_healthy(now)),
            _FAULT_FAILED * is_bad,
        )
        who = flash.plate(now)
        texts = _padded(who.serial, 16) + _padded(who.product, 16) + _padded(who.hardware, 8)
        return (head + bytes(self._told) + texts).ljust(2 * (_BLOCK - BASE), b"\x00")

    def _write(self, who: str, request: bytes) -> bytes:
        if request[0] == WRITE_ONE:
            if len(request) != 5:
                raise _No(_ILLEGAL_VALUE)
            at, data, answer = int.from_bytes(request[1:3], "big"), request[3:], request
        else:
            if len(request) < 6 or request[5] != len(request) - 6:
                raise _No(_ILLEGAL_VALUE)
            at, count = struct.unpack(">HH", request[1:5])
            data, answer = request[6:], request[:5]
            if not 1 <= count <= 123 or 2 * count != len(data):
                raise _No(_ILLEGAL_VALUE)
        now, end = self._clock(), at + len(data) // 2
        self.flash.state(now)
        if at == _ORDER and len(data) == 2:
            self._order(int.from_bytes(data, "big"), now)
        elif at >= _INFO and end <= _INFO_END:
            self._told[2 * (at - _INFO) : 2 * (end - _INFO)] = data
        elif at == _BLOCK and _WINDOW < end <= END:
            self._block(who, int.from_bytes(data[:2], "big"), data[2:], now)
        elif at == _BLOCK and end == _WINDOW:
            self._number = int.from_bytes(data, "big")
        elif at == _WINDOW and end <= END and self._number is not None:
            self._block(who, self._number, data, now)
        elif at == _WINDOW and end <= END:
            self._put(who, self.flash.received(now), data, now)
        else:
            raise _No(_ILLEGAL_ADDRESS)
        return answer

    def _order(self, number: int, now: float) -> None:
        flash = self.flash
        match number:
            case 1:
                flash.prepare(now)
            case 2:
                length, _ = struct.unpack_from(">II", self._told)
                sha256 = bytes(self._told[8:40])
                self._block_bytes, self._number = 0, None
                flash.begin(now, length, sha256 if any(sha256) else b"")
            case 3:
                self._commit(now)
            case 4:
                flash.install(now)
            case 5:
                flash.confirm(now)
            case 6:
                flash.abandon(now)
            case _:
                raise _No(_ILLEGAL_VALUE)

    def _commit(self, now: float) -> None:
        """Accept what came, where its checksum is the one announced."""
        crc = int.from_bytes(self._told[4:8], "big")
        flash = self.flash
        if crc and zlib.crc32(flash.content(now)) != crc:
            flash.abandon(now)
            raise Declined("its checksum is not the one announced")
        flash.finish(now)

    def _block(self, who: str, number: int, data: bytes, now: float) -> None:
        if number == 0:
            self._block_bytes = len(data)
        self._put(who, number * self._block_bytes, data, now)

    def _put(self, who: str, offset: int, data: bytes, now: float) -> None:
        """Write, leaving out what only fills up the last register."""
        expected = self.flash.expected(now)
        if expected and offset + len(data) == expected + 1:
            data = data[:-1]
        self.flash.write(now, who, offset, data)

    # ---- files

    def _read_file(self, request: bytes) -> bytes:
        if len(request) != 9 or request[1] != 7:
            raise _No(_ILLEGAL_VALUE)
        offset, count = self._place(request[2:9])
        if 2 * count + 2 > 245:
            raise _No(_ILLEGAL_VALUE)
        data = self.flash.read_back(self._clock(), offset, 2 * count).ljust(2 * count, b"\xff")
        return bytes([READ_FILE, 2 * count + 2, 2 * count + 1, _REFERENCE]) + data

    def _write_file(self, who: str, request: bytes) -> bytes:
        if len(request) < 9 or request[1] != len(request) - 2 or request[1] > 251:
            raise _No(_ILLEGAL_VALUE)
        offset, count = self._place(request[2:9])
        data = request[9:]
        if len(data) != 2 * count:
            raise _No(_ILLEGAL_VALUE)
        self._put(who, offset, data, self._clock())
        return request

    def _place(self, group: bytes) -> tuple[int, int]:
        reference, file, record, count = _GROUP.unpack(group)
        records = -(-count // self.registers_per_record)
        if reference != _REFERENCE or not count or record + records > _RECORDS or file < _FILE:
            raise _No(_ILLEGAL_ADDRESS)
        return 2 * ((file - _FILE) * _RECORDS + record) * self.registers_per_record, count

    # ---- identification

    def _identify(self, request: bytes) -> bytes:
        if len(request) != 4 or request[1] != 14:
            raise _No(_ILLEGAL_FUNCTION)
        if not 1 <= request[2] <= 3:
            raise _No(_ILLEGAL_VALUE)
        flash, now = self.flash, self._clock()
        running, who = flash.version(now), flash.plate(now)
        texts = {0: VENDOR, 1: who.product, 2: f"V{running}" if running else ""}
        if request[2] == 2:
            texts = {5: f"{who.product} {who.hardware}"}
        elif request[2] == 3:
            texts = {SERIAL_OBJECT: who.serial, HARDWARE_OBJECT: who.hardware}
        objects = b"".join(
            bytes([number, len(text)]) + text.encode("ascii") for number, text in texts.items()
        )
        return bytes([IDENTIFY, 14, request[2], 0x83, 0, 0, len(texts)]) + objects


def _numbers(version: str) -> tuple[int, int, int]:
    parts = [int(part) for part in version.partition("-")[0].split(".") if part.isdigit()]
    major, minor, patch = (*parts, 0, 0, 0)[:3]
    return major, minor, patch


def _padded(text: str, words: int) -> bytes:
    return text.encode("ascii")[: 2 * words].ljust(2 * words, b"\x00")
