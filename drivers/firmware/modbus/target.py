"""The steps of an update over Modbus: what is the same for every way in which the bytes travel.

Orders are writes to registers, each given once. Install and confirm may make the device reboot before it
answers, so silence after them is no error: `look` tells what became of it. Silence after any other is.
A transfer is committed only after everything else about it held, so one that breaks anywhere leaves what ran.
That cannot be kept for a device with a single bank: its boot loader erases what ran when a transfer begins,
and waits for a whole one; nothing but the profile's orders decides when that is.
"""

import asyncio
import zlib

from pydantic import BaseModel

from drivers.driver import DriverHub
from drivers.errors import LineLost, NeedsHuman, Refused
from drivers.firmware.modbus.profile_parts import Info, Meaning, Order, StateTold, UpdateProfile
from drivers.firmware.modbus.talk import NotGiven, Talk
from drivers.firmware.modbus.told import version_of, who_is
from drivers.firmware.target import Identity, Image, Phase, Progress, Standing
from drivers.modbus.faults import WrongAnswer

LOOK_PAUSE_S = 0.05
_NUMBER_PARTS = 3


class ModbusTarget:
    """One device. What a way adds is `block_size`, `check`, `send` and `verify`."""

    def __init__(self, hub: DriverHub, settings: BaseModel, profile: UpdateProfile) -> None:
        self.talk = Talk(hub, settings)
        self.profile = profile

    @property
    def block_size(self) -> int:
        """Bytes of one block."""
        raise NotImplementedError

    @property
    def at_once(self) -> int:
        """How many blocks may be under way; what the connection bears counts as well."""
        return min(self.profile.blocks_at_once, self.talk.settings.rules.max_in_flight)

    def check(self, image: Image) -> None:
        """Raise NeedsHuman where an image cannot be sent in this way. Sends nothing."""
        raise NotImplementedError

    async def send(self, data: bytes, start: int, progress: Progress) -> None:
        """Send `data` (whole registers) from byte `start` on, a whole number of blocks."""
        raise NotImplementedError

    async def verify(self, data: bytes, progress: Progress) -> None:
        """Hold what the device has to `data`, as far as this way can. Raises LineLost where it differs."""
        raise NotImplementedError

    async def open(self) -> None:
        """Join the connection that polls the device. Raises LineLost or NeedsHuman."""
        await self.talk.open()

    async def look(self) -> Standing:
        """Return what the device says now. Raises LineLost while it is away."""
        identity = await who_is(self.talk, self.profile)
        meaning = await self._state()
        return Standing(
            identity,
            meaning.phase,
            await self._pending(meaning, identity),
            await self._received() if meaning.phase is Phase.RECEIVING and self.profile.is_resumable else 0,
            await self._is_healthy(),
            await self._why(meaning),
        )

    async def prepare(self) -> None:
        """Have the device agree to be updated. Raises Refused with its reason."""
        await self._order(self.profile.prepare)

    async def transfer(self, image: Image, progress: Progress) -> None:
        """Send the image; go on where the device has the beginning of this very one."""
        profile = self.profile
        if len(image.data) > profile.largest_image:
            raise NeedsHuman(
                f"The image has {len(image.data)} bytes, and {self.talk.who} takes "
                f"{profile.largest_image} at most (Largest image of its update profile)."
            )
        self.check(image)
        data = image.data + bytes([profile.padding]) * (len(image.data) % 2)
        start = await self._kept(image, data)
        if not start:
            progress(0)
            if not profile.is_info_after_start:
                await self._tell(image, progress)
            await self._order(profile.start)
            if profile.is_info_after_start:
                await self._tell(image, progress)
        await self.send(data, start, progress)
        await self._count(len(image.data), len(data))
        await self.verify(data, progress)
        progress(len(image.data))
        await self._order(profile.commit)

    async def install(self) -> None:
        """Order the installation; the jump may never be answered. Raises Refused where the device says no."""
        await self._order_that_may_be_silent(self.profile.install)

    async def confirm(self) -> None:
        """Have the device stay with what runs."""
        if self.profile.confirm is not None:
            await self._order_that_may_be_silent(self.profile.confirm)

    async def resume(self) -> None:
        """Do nothing: a device that runs its new firmware works with it."""

    async def abandon(self) -> None:
        """Have the device forget a transfer, where it knows how."""
        await self._order(self.profile.abandon)

    async def close(self) -> None:
        """Leave the connection. Safe twice."""
        await self.talk.close()

    # ---- orders

    async def _order(self, order: Order | None) -> None:
        """Give an order and wait until the state says that it is done, where the profile knows that state.

        Raises:
            Refused: The device said no, or its state says so.
            LineLost: It is not known whether it was taken, or it takes too long.
        """
        if order is None:
            return
        state = self.profile.state if order.ends_in else None
        before = None if state is None else await self.talk.number(state.place)
        if order.may_be_silent:
            await self._order_that_may_be_silent(order)
            return
        try:
            await self.talk.give(order)
        except Refused as no:
            raise Refused(f"{no}{await self._because()}") from no
        if state is not None:
            await self._settled(order, state, before)

    async def _order_that_may_be_silent(self, order: Order) -> None:
        try:
            await self.talk.give(order)
        except NotGiven:
            raise
        except Refused as no:
            raise Refused(f"{no}{await self._because()}") from no
        except LineLost as lost:
            if isinstance(lost, WrongAnswer):
                raise

    async def _settled(self, order: Order, state: StateTold, before: int | None) -> None:
        loop = asyncio.get_running_loop()
        limit_s = max(order.takes_s, self.talk.patience_s)
        until = loop.time() + limit_s
        while True:
            value = await self.talk.number(state.place)
            if value in order.ends_in:
                return
            meaning = self._meaning(state, value)
            if value != before and meaning.phase is Phase.FAILED:
                words = meaning.words or f"state {value}"
                raise Refused(f"{self.talk.who} says that it failed: {words}.{await self._because()}")
            if loop.time() >= until:
                said = meaning.words or meaning.phase
                raise LineLost(
                    f"{self.talk.who} still says {said!r} (state {value}) {limit_s:g} s after an order; look "
                    "at it again later."
                )
            await asyncio.sleep(LOOK_PAUSE_S)

    # ---- what it says

    async def _state(self) -> Meaning:
        state = self.profile.state
        if state is None:
            return Meaning(phase=Phase.IDLE)
        return self._meaning(state, await self.talk.number(state.place))

    def _meaning(self, state: StateTold, value: int) -> Meaning:
        meaning = state.meanings.get(value)
        if meaning is None:
            raise NeedsHuman(
                f"{self.talk.who} is in update state {value}, which its update profile does not explain; "
                "look it up in the manual and add it."
            )
        return meaning

    async def _pending(self, meaning: Meaning, identity: Identity) -> str:
        told = self.profile.pending_version
        if told is None or meaning.phase not in (Phase.STAGED, Phase.INSTALLING):
            return ""
        return await version_of(self.talk, told)

    async def _received(self) -> int:
        """Return how many bytes of a transfer the device says it has."""
        told = self.profile.received
        if told is None:
            return 0
        size = {"bytes": 1, "registers": 2, "blocks": self.block_size}[told.counts]
        return await self.talk.number(told.place) * size

    async def _is_healthy(self) -> bool | None:
        told = self.profile.health
        return None if told is None else await self.talk.number(told.place) in told.good

    async def _why(self, meaning: Meaning) -> str:
        told = self.profile.fault
        if told is None or meaning.phase is not Phase.FAILED:
            return meaning.words
        fault = await self.talk.number(told.place)
        why = told.words.get(fault, f"fault {fault}" if fault else "")
        return ": ".join(part for part in (meaning.words, why) if part)

    async def _because(self) -> str:
        """Return what the device's fault register says, as a sentence; empty where it says nothing."""
        told = self.profile.fault
        if told is None:
            return ""
        try:
            fault = await self.talk.number(told.place)
        except (LineLost, NeedsHuman, Refused):
            return ""
        return f" It says: {told.words.get(fault, f'fault {fault}')}." if fault else ""

    # ---- the image

    async def _tell(self, image: Image, progress: Progress) -> None:
        for info in self.profile.info:
            progress(0)
            await self.talk.write(info.register_, self._info(info, image))

    def _info(self, info: Info, image: Image) -> bytes:
        size = len(image.data)
        match info.holds:
            case "sha256":
                return image.sha256
            case "version":
                parts = image.version.partition("+")[0].partition("-")[0].split(".")
                if len(parts) != _NUMBER_PARTS or not all(
                    part.isdigit() and int(part) < 1 << 16 for part in parts
                ):
                    raise NeedsHuman(
                        f"Version {image.version} cannot be told to {self.talk.who} as three numbers up to "
                        "65535; correct the update profile."
                    )
                return b"".join(int(part).to_bytes(2, "big") for part in parts)
            case "length":
                number = size
            case "registers":
                number = -(-size // 2)
            case "blocks":
                number = -(-size // self.block_size)
            case "crc32":
                number = zlib.crc32(image.data)
        data = number.to_bytes(4, "big")
        return data[2:] + data[:2] if info.is_low_first else data

    async def _kept(self, image: Image, data: bytes) -> int:
        """Return how many bytes of this very image the device has and can go on from; 0 = begin anew."""
        if not self.profile.is_resumable or (await self._state()).phase is not Phase.RECEIVING:
            return 0
        received = await self._received()
        if not 0 < received <= len(data):
            return 0
        for info in self.profile.info:
            wanted = self._info(info, image)
            words = await self.talk.holding(info.register_, len(wanted) // 2)
            if words != wanted:
                return 0
        return received - received % self.block_size if received < len(data) else received

    async def _count(self, length: int, padded: int) -> None:
        """Hold what the device counted to what was sent. Raises LineLost."""
        told = self.profile.received
        if told is None:
            return
        has, blocks = await self._received(), -(-padded // self.block_size)
        if has not in (length, padded, blocks * self.block_size):
            raise LineLost(f"{self.talk.who} has {has} of {length} bytes; the transfer has to begin anew.")
