"""Looking at a Modbus device that somebody updates by hand: who it is, and what it runs."""

from pydantic import BaseModel

from drivers.driver import DriverHub
from drivers.errors import NeedsHuman
from drivers.firmware.modbus.profile_parts import WhoProfile
from drivers.firmware.modbus.talk import Talk
from drivers.firmware.modbus.told import who_is
from drivers.firmware.target import Image, Phase, Progress, Standing


class ModbusByHand:
    """One device. Nothing here changes anything on it."""

    def __init__(self, hub: DriverHub, settings: BaseModel, profile: WhoProfile, instructions: str) -> None:
        self._talk = Talk(hub, settings)
        self._profile = profile
        self._instructions = instructions

    async def open(self) -> None:
        """Join the connection that polls the device. Raises LineLost or NeedsHuman."""
        await self._talk.open()

    async def look(self) -> Standing:
        """Return who it is and what it runs. Raises LineLost while it is away."""
        return Standing(await who_is(self._talk, self._profile), Phase.IDLE)

    async def prepare(self) -> None:
        """Do nothing: the technician prepares it."""

    async def transfer(self, image: Image, progress: Progress) -> None:
        """Raise NeedsHuman: a person carries the firmware."""
        raise NeedsHuman(f"{self._talk.who} is updated by hand: {self._instructions}")

    async def install(self) -> None:
        """Raise NeedsHuman: a person installs it."""
        raise NeedsHuman(f"{self._talk.who} is updated by hand: {self._instructions}")

    async def confirm(self) -> None:
        """Do nothing: it never asks."""

    async def resume(self) -> None:
        """Do nothing: it was not prepared."""

    async def abandon(self) -> None:
        """Do nothing: nothing was begun."""

    async def close(self) -> None:
        """Leave the connection. Safe twice."""
        await self._talk.close()
