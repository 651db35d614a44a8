"""Sending an image as blocks into a window of registers, as boot loaders take it."""

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
        sent, size = start, self.block_size

        def heed(at: int) -> None:
            nonlocal sent
            progress(at)
            sent = at

        def block(at: int) -> bytes:
            found = data[at : at + size]
            is_filled = self._window.is_last_filled
            return found.ljust(size, bytes([self._window.padding])) if is_filled else found

        places = range(start, len(data), size)
        try:
            if self._window.numbered == "not":
                for at in places:
                    heed(at)
                    await self._put_uncounted(at // size, block(at))
            else:
                writes = ((at, write) for at in places for write in self._numbered(at // size, block(at)))
                await self.talk.send(writes, self._several, heed)
        except Refused as no:
            raise Refused(f"{no} {sent} of {len(data)} bytes were sent.") from no

    @property
    def _several(self) -> int:
        """Blocks under way: one where their numbers go before them, which a lost one would part."""
        return self.at_once if self._window.numbered == "in front" else 1

    async def verify(self, data: bytes, progress: Progress) -> None:
        """Do nothing: what went into the window cannot be read back. The device's own check has to do."""

    def _numbered(self, index: int, block: bytes) -> tuple[WriteRequest, ...]:
        """Return the writes of a block and its number: one, or two where the number goes before it."""
        profile, on_wire, unit = self._window, self.talk.on_wire, self.talk.settings.unit
        number = (profile.first_block + index).to_bytes(2, "big")
        if profile.numbered == "in front":
            return (write_registers(unit, on_wire(profile.data_register - 1), number + block),)
        return (
            write_registers(unit, on_wire(profile.number_register), number),
            write_registers(unit, on_wire(profile.data_register), block),
        )

    async def _put_uncounted(self, index: int, block: bytes) -> None:
        """Write a block that nothing but the order of blocks numbers: it is never sent twice."""
        told = self._window.received
        try:
            await self.talk.write_once(self._window.data_register, block)
        except (NoAnswer, WrongAnswer):
            if told is None or await self._received() < (index + 1) * self.block_size:
                raise
