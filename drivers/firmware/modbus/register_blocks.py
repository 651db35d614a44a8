"""Sending an image as blocks into a window of registers, as boot loaders take it."""

from collections.abc import Iterator

from pydantic import BaseModel

from drivers.driver import DriverHub
from drivers.errors import NeedsHuman, Refused
from drivers.firmware.modbus.target import ModbusTarget
from drivers.firmware.modbus_register_block import RegisterBlockProfile
from drivers.firmware.target import Image, Progress
from drivers.modbus.faults import NoAnswer, WrongAnswer
from drivers.modbus.requests import WriteRequest, write_registers

_LAST_NUMBER = 0xFFFF


class RegisterBlockTarget(ModbusTarget):
    """A device whose boot loader takes blocks into registers."""

    def __init__(self, hub: DriverHub, settings: BaseModel, profile: RegisterBlockProfile) -> None:
        super().__init__(hub, settings, profile)
        self._window = profile

    @property
    def block_size(self) -> int:
        """Bytes of one block."""
        return 2 * self._window.registers_per_block

    def check(self, image: Image) -> None:
        """Raise NeedsHuman where blocks have no numbers left, or the device takes fewer registers a write."""
        profile, settings = self._window, self.talk.settings
        blocks = -(-len(image.data) // self.block_size)
        if profile.numbered != "not" and profile.first_block + blocks - 1 > _LAST_NUMBER:
            raise NeedsHuman(
                f"The image needs {blocks} blocks of {self.block_size} bytes, and their numbers end at "
                f"{_LAST_NUMBER}; {self.talk.who} cannot take it in this way."
            )
        registers = profile.registers_per_block + (profile.numbered == "in front")
        if registers > settings.max_registers_per_write:
            raise NeedsHuman(
                f"A block needs {registers} registers in one write, and {self.talk.who} takes "
                f"{settings.max_registers_per_write} (Registers per write); correct one of them."
            )

    async def send(self, data: bytes, start: int, progress: Progress) -> None:
        """Write the blocks, each with its number."""
        sent = start

        def blocks() -> Iterator[tuple[int, bytes]]:
            nonlocal sent
            size = self.block_size
            for at in range(start, len(data), size):
                progress(at)
                sent = at
                block = data[at : at + size]
                if self._window.is_last_filled:
                    block = block.ljust(size, bytes([self._window.padding]))
                yield at // size, block

        try:
            if self._window.numbered == "in front":
                requests = (self._in_front(index, block) for index, block in blocks())
                await self.talk.send(requests, self.at_once)
            else:
                for index, block in blocks():
                    await self._put(index, block)
        except Refused as no:
            raise Refused(f"{no} {sent} of {len(data)} bytes were sent.") from no

    async def verify(self, data: bytes, progress: Progress) -> None:
        """Do nothing: what went into the window cannot be read back. The device's own check has to do."""

    def _in_front(self, index: int, block: bytes) -> WriteRequest:
        profile, talk = self._window, self.talk
        number = (profile.first_block + index).to_bytes(2, "big")
        return write_registers(talk.settings.unit, talk.on_wire(profile.data_register - 1), number + block)

    async def _put(self, index: int, block: bytes) -> None:
        profile = self._window
        if profile.numbered == "not":
            await self._put_uncounted(index, block)
            return
        await self.talk.write(profile.number_register, (profile.first_block + index).to_bytes(2, "big"))
        await self.talk.write(profile.data_register, block)

    async def _put_uncounted(self, index: int, block: bytes) -> None:
        """Write a block that nothing but the order of blocks numbers: it is never sent twice."""
        told = self._window.received
        try:
            await self.talk.write_once(self._window.data_register, block)
        except (NoAnswer, WrongAnswer):
            if told is None or await self._received() < (index + 1) * self.block_size:
                raise
