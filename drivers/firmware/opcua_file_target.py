"""One device as updated by a plain file of its OPC UA server; keeps `drivers.firmware.target.FirmwareTarget`.

Opening for writing erases what the file held, so an interrupted transfer begins anew. Where the profile names
no order to install, closing the file is that order: `transfer` leaves it open, and it goes with its session.
An unanswered `confirm` is LineLost, because the device may go back.
"""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio

from asyncua import ua
from pydantic import BaseModel

from drivers.driver import DriverHub
from drivers.errors import DriverBug, LineLost, NeedsHuman, Refused
from drivers.firmware.opcua_blocks import (
    OpenFile,
    block_size,
    close_file,
    open_file,
    position,
    write_blocks,
)
from drivers.firmware.opcua_file import FileOrder, OpcuaFileProfile
from drivers.firmware.opcua_identity import IdentityReader, find_device, find_node
from drivers.firmware.opcua_session import OwnSession, Unanswered, number_of, text_of
from drivers.firmware.target import Image, Phase, Progress, Standing
from drivers.firmware.version_text import normalised
from drivers.opcua.driver import own_settings
from drivers.opcua.reference_wire import Place
from drivers.opcua.writing import as_number

_WRITE_AND_ERASE = 6
"""Bits of Open's mode, OPC 10000-20, 4.2.2: 2 = write, 4 = erase what it holds."""
_ASKED_AGAIN_S = 0.1


class OpcuaFileTarget:
    """Used from one event loop, by one task at a time."""

    def __init__(self, hub: DriverHub, settings: BaseModel, profile: BaseModel) -> None:
        if not isinstance(profile, OpcuaFileProfile):
            raise DriverBug(f"OPC UA files were given a profile of type {type(profile).__name__}.")
        self._profile = profile
        self._session = OwnSession(hub, own_settings(settings))
        self._identity = IdentityReader(self._session, profile.identity)
        self._file: OpenFile | None = None
        self._image: Image | None = None

    async def open(self) -> None:
        """Connect, in a session of its own."""
        await self._session.open()

    async def look(self) -> Standing:
        """Return what the nodes of the profile say."""
        profile = self._profile
        identity = await self._identity.read()
        phase = await self._phase()
        pending = ""
        if profile.pending_version is not None:
            pending = normalised(
                await self._first(profile.pending_version.nodes), profile.pending_version.pattern
            )
        if phase in (Phase.IDLE, Phase.RECEIVING) and await self._is_in_file():
            assert self._image is not None
            phase, pending = Phase.STAGED, self._image.version
        shows_pending = phase in (Phase.STAGED, Phase.INSTALLING, Phase.RECEIVING)
        return Standing(
            identity,
            phase,
            pending_version=pending if shows_pending else "",
            is_healthy=await self._is_healthy(),
            detail=await self._words(),
        )

    async def prepare(self) -> None:
        """Give the order of the profile, where it names one."""
        if (phase := await self._phase()) in (Phase.INSTALLING, Phase.UNCONFIRMED):
            raise Refused(f"{self._session.endpoint}: the device is {phase} with an earlier update.")
        await self._order(self._profile.prepare, "prepare")

    async def transfer(self, image: Image, progress: Progress) -> None:
        """Erase and write the file; closed and checked where installing is an order of its own."""
        session, profile = self._session, self._profile
        self._image = None
        place = await self._node(profile.file, "file")
        file = self._file = await open_file(session, place, _WRITE_AND_ERASE, profile.file, profile.answer_s)
        block = block_size(profile.block_bytes, len(image.data), session.endpoint)
        await write_blocks(session, file, image.data, block, progress)
        if profile.install is not None:
            await self._close_file(file)
            await self._check_size(place, len(image.data))
            await self._wait_until_checked()
        self._image = image

    async def install(self) -> None:
        """Give the order of the profile, or close the file, which is the order then."""
        file, image = self._file, self._image
        try:
            if self._profile.install is not None:
                await self._order(self._profile.install, "install")
            elif file is None or image is None or file.session_key is not self._session.key:
                raise Refused(f"{self._session.endpoint}: the file went with its session; transfer it again.")
            else:
                await self._close_file(file)
        except Unanswered:
            return  # it may have gone to reboot; looking tells

    async def confirm(self) -> None:
        """Give the order of the profile where the device waits for it."""
        if self._profile.state is None or await self._phase() is Phase.UNCONFIRMED:
            await self._order(self._profile.confirm, "confirm")

    async def resume(self) -> None:
        """Do nothing: a device that runs its new firmware works with it."""

    async def abandon(self) -> None:
        """Give the order of the profile, and drop the file that is open."""
        if (phase := await self._phase()) in (Phase.INSTALLING, Phase.UNCONFIRMED):
            raise Refused(f"{self._session.endpoint}: the device is {phase}, which cannot be taken back.")
        file, self._file, self._image = self._file, None, None
        if file is not None and file.session_key is self._session.key and self._profile.install is None:
            # Closing it would install what is there; with its session it is only forgotten.
            await self._session.close()
            await self._session.open()
        elif file is not None and file.session_key is self._session.key:
            await close_file(self._session, file)
        await self._order(self._profile.abandon, "abandon")

    async def close(self) -> None:
        """End the session: a file that is open goes with it."""
        self._file = self._image = None
        await self._session.close()

    # -- inside -----------------------------------------------------------------------------------

    async def _close_file(self, file: OpenFile) -> None:
        self._file = None
        await close_file(self._session, file)

    async def _node(self, text: str, what: str) -> Place:
        place = await find_node(self._session, text)
        if place is None:
            raise NeedsHuman(
                f"{self._session.endpoint} has no node {text}, which this product's profile names as {what}."
            )
        return place

    async def _first(self, nodes: tuple[str, ...]) -> str:
        for text in nodes:
            place = await find_node(self._session, text)
            if place is not None:
                (value,) = await self._session.read([place])
                return text_of(value)
        return ""

    async def _words(self) -> str:
        return "" if self._profile.detail is None else await self._first((self._profile.detail,))

    async def _phase(self) -> Phase:
        state = self._profile.state
        if state is None:
            return Phase.IDLE
        (value,) = await self._session.read([await self._node(state.node, "state")])
        number = number_of(value)
        told = text_of(value) if number is None or number != int(number) else str(int(number))
        meaning = state.meanings.get(told)
        if meaning is None:
            raise NeedsHuman(
                f"{self._session.endpoint}: {state.node} says {told!r}, which the product's profile does not "
                f"explain ({', '.join(state.meanings)}); look it up in the manual and add it."
            )
        return meaning

    async def _is_healthy(self) -> bool | None:
        health = self._profile.health
        return None if health is None else await self._first((health.node,)) in health.good

    async def _is_in_file(self) -> bool:
        """Whether the device still holds the whole image in this session's open file."""
        file, image = self._file, self._image
        if file is None or image is None or file.session_key is not self._session.key:
            return False
        try:
            return await position(self._session, file) == len(image.data)
        except Refused:
            return False

    async def _order(self, order: FileOrder | None, what: str) -> None:
        if order is None:
            return
        session, answer_s = self._session, self._profile.answer_s
        if order.call is not None:
            method = await self._node(order.call, what)
            owner_text = order.call.rpartition("/")[0]
            owner = await self._node(owner_text, what) if owner_text else await find_device(session)
            await session.call(owner, method, order.call, more_s=answer_s)
        elif order.write is not None and order.value is not None:
            place = await self._node(order.write, what)
            (held,) = await session.read([place])
            kind = held.Value.VariantType if held.Value is not None else ua.VariantType.Null
            if kind is ua.VariantType.Null:
                raise NeedsHuman(
                    f"{session.endpoint}: {order.write} holds nothing, so its type is not known."
                )
            try:
                number = as_number(kind, order.value, order.write)
            except Refused as refused:
                raise NeedsHuman(
                    f"{session.endpoint}: the order to {what} cannot be given: {refused}"
                ) from None
            await session.write(place, ua.Variant(number, kind), order.write)

    async def _check_size(self, file: Place, size: int) -> None:
        place = await self._session.find(file, "Size")
        if place is None:
            return
        (value,) = await self._session.read([place])
        held = number_of(value)
        if held is not None and held != size:
            raise Refused(
                f"{self._session.endpoint}: {self._profile.file} has {held:.0f} bytes instead of the {size} "
                "that were written; transfer it again."
            )

    async def _wait_until_checked(self) -> None:
        loop = asyncio.get_running_loop()
        until_s = loop.time() + self._profile.check_s
        while (phase := await self._phase()) is Phase.RECEIVING:
            if loop.time() >= until_s:
                raise LineLost(
                    f"{self._session.endpoint}: the device has been checking the file for "
                    f"{self._profile.check_s:g} s; ask it again later, or give it more time in the product's "
                    "profile (check_s)."
                )
            await asyncio.sleep(_ASKED_AGAIN_S)
        if phase is Phase.FAILED:
            words = await self._words()
            raise Refused(
                f"{self._session.endpoint}: the file was not accepted{': ' + words if words else ''}."
            )
