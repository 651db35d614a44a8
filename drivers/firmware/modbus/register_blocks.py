"""Sending an image as blocks into a window of registers, as boot loaders take it."""

from pydantic import BaseModel

from drivers.driver import DriverHub
from drivers.errors import NeedsHuman, Refused
from drivers.firmware.modbus.target import ModbusTarget
from drivers.firmware.modbus_register_block import RegisterBlockProfile
from drivers.firmware.target import Image, Progress
from drivers.modbus.faults import NoAnswer, WrongAnswer

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
        size = self.block_size
        for at in range(start, len(data), size):
            progress(at)
            block = data[at : at + size]
            if self._window.is_last_filled:
                block = block.ljust(size, bytes([self._window.padding]))
            try:
                await self._put(at // size, block)
            except Refused as no:
                raise Refused(f"{no} {at} of {len(data)} bytes were sent.") from no

    async def verify(self, data: bytes, progress: Progress) -> None:
        """Do nothing: what went into the window cannot be read back. The device's own check has to do."""

    async def _put(self, index: int, block: bytes) -> None:
        profile = self._window
        number = (profile.first_block + index).to_bytes(2, "big") if profile.numbered != "not" else b""
        match profile.numbered:
            case "in front":
                await self.talk.write(profile.data_register - 1, number + block)
            case "before":
                await self.talk.write(profile.number_register, number)
                await self.talk.write(profile.data_register, block)
            case "not":
                await self._put_uncounted(index, block)

    async def _put_uncounted(self, index: int, block: bytes) -> None:
        """Write a block that nothing but the order of blocks numbers: it is never sent twice."""
        told = self._window.received
        try:
            await self.talk.write_once(self._window.data_register, block)
        except (NoAnswer, WrongAnswer):
            if told is None or await self._received() < (index + 1) * self.block_size:
                raise
