"""Looking at a device of an OPC UA server that somebody updates by hand: who it is, and what it runs."""

from pydantic import BaseModel

from drivers.driver import DriverHub
from drivers.errors import NeedsHuman
from drivers.firmware.opcua_identity import IdentityReader
from drivers.firmware.opcua_profile import OpcuaIdentity
from drivers.firmware.opcua_session import OwnSession
from drivers.firmware.target import Image, Phase, Progress, Standing
from drivers.opcua.driver import own_settings


class OpcuaByHand:
    """One device. Nothing here changes anything on it."""

    def __init__(
        self, hub: DriverHub, settings: BaseModel, profile: OpcuaIdentity, instructions: str
    ) -> None:
        self._session = OwnSession(hub, own_settings(settings))
        self._reader = IdentityReader(self._session, profile)
        self._instructions = instructions

    async def open(self) -> None:
        """Connect, in a session of its own. Raises LineLost or NeedsHuman."""
        await self._session.open()

    async def look(self) -> Standing:
        """Return who it is and what it runs. Raises LineLost while it is away."""
        return Standing(await self._reader.read(), Phase.IDLE)

    async def prepare(self) -> None:
        """Do nothing: the technician prepares it."""

    async def transfer(self, image: Image, progress: Progress) -> None:
        """Raise NeedsHuman: a person carries the firmware."""
        raise NeedsHuman(f"{self._session.endpoint} is updated by hand: {self._instructions}")

    async def install(self) -> None:
        """Raise NeedsHuman: a person installs it."""
        raise NeedsHuman(f"{self._session.endpoint} is updated by hand: {self._instructions}")

    async def confirm(self) -> None:
        """Do nothing: it never asks."""

    async def resume(self) -> None:
        """Do nothing: it was not prepared."""

    async def abandon(self) -> None:
        """Do nothing: nothing was begun."""

    async def close(self) -> None:
        """Disconnect. Safe twice."""
        await self._session.close()
