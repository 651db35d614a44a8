"""Gets a device ready for an update and back: DI's lock, PrepareForUpdate, an installation's error."""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio

from asyncua import ua

from drivers.errors import DriverError, LineLost, NeedsHuman, Refused
from drivers.firmware.opcua_session import OwnSession, text_of
from drivers.firmware.opcua_update.add_in import AddIn, call_of, state_of, words_of
from drivers.firmware.opcua_update.states import CONFIRMATION, INSTALLATION, PREPARE, State
from drivers.opcua.reference_wire import Place

_V = ua.VariantType
_ASKED_AGAIN_S = 0.1
_LOCK_TAKEN = -1
_NEEDS_PREPARATION = 1 << 4
"""UpdateBehavior, OPC 10000-100, 8.5.2."""


class DeviceLock:
    """DI's lock of one device (OPC 10000-100, clause 7), where it offers one. It ends with the session."""

    def __init__(self) -> None:
        self._held_in: object = None

    async def take(self, session: OwnSession, parts: AddIn) -> None:
        """Lock the device, unless this session has. Raises Refused naming who else has."""
        if self._held_in is session.key:
            return
        lock = await session.find(parts.device, "Lock")
        if lock is None:
            return
        method = await session.need(lock, "InitLock", "Lock")
        context = ua.Variant("Firmware update by the operator console", _V.String)
        (status,) = await session.call(lock, method, "Lock.InitLock", context, returns=(_V.Int32,))
        if status:
            holder = await self._holder(session, lock)
            what = f"locked by {holder}" if status == _LOCK_TAKEN else f"not to be locked ({status})"
            raise Refused(f"{session.endpoint}: the device is {what}; wait until it is free.")
        self._held_in = session.key

    async def release(self, session: OwnSession, parts: AddIn) -> None:
        """Unlock the device. Safe where it is not locked; never raises."""
        if self._held_in is not session.key or not session.is_open:
            return
        self._held_in = None
        try:
            lock = await session.need(parts.device, "Lock", "this device")
            method = await session.need(lock, "ExitLock", "Lock")
            await session.call(lock, method, "Lock.ExitLock", returns=(_V.Int32,))
        except DriverError:
            pass  # the server takes it back with the session

    @staticmethod
    async def _holder(session: OwnSession, lock: Place) -> str:
        places = [await session.find(lock, name) for name in ("LockingClient", "LockingUser")]
        values = await session.read([place for place in places if place is not None])
        return " / ".join(filter(None, map(text_of, values))) or "somebody else"


async def check_free(session: OwnSession, parts: AddIn) -> None:
    """Make sure that no update is under way, and take back the error of an earlier one. Raises Refused."""
    confirmation = await state_of(session, parts, CONFIRMATION)
    if confirmation is not None and confirmation.state is State.CONFIRM:
        raise Refused(f"{session.endpoint}: the device waits for its last update to be confirmed.")
    installation = await state_of(session, parts, INSTALLATION)
    if installation is not None and installation.state is State.INSTALLING:
        raise Refused(f"{session.endpoint}: the device is installing already.")
    if installation is not None and installation.state is State.ERROR:
        await call_of(session, parts, "Installation/Resume")


async def get_ready(session: OwnSession, parts: AddIn, within_s: float) -> None:
    """Have the device prepare itself, where it offers that, and wait until it has.

    Raises:
        Refused: It fell back to its operation; with what it says.
        LineLost: It has not finished within `within_s`; ask again later.
    """
    told = await state_of(session, parts, PREPARE)
    if told is None or told.state is State.PREPARED:
        return
    if told.state is State.RESUMING:
        raise Refused(f"{session.endpoint}: the device still resumes its operation; try again later.")
    if told.state is State.IDLE:
        await call_of(session, parts, "PrepareForUpdate/Prepare", more_s=within_s)
    loop = asyncio.get_running_loop()
    until_s = loop.time() + within_s
    while True:
        told = await state_of(session, parts, PREPARE)
        if told is None or told.state is State.PREPARED:
            return
        if told.state is not State.PREPARING:
            words = await words_of(session, parts)
            raise Refused(
                f"{session.endpoint}: the device did not get ready for an update and is {told.state}"
                f"{': ' + words if words else ''}."
            )
        if loop.time() >= until_s:
            raise LineLost(
                f"{session.endpoint}: the device has been preparing itself for {within_s:g} s; ask it again "
                "later, or give it more time in the product's profile (prepare_s)."
            )
        await asyncio.sleep(_ASKED_AGAIN_S)


async def back_to_work(session: OwnSession, parts: AddIn) -> None:
    """End a preparation, finished or not, as far as the device allows. Raises DriverError."""
    told = await state_of(session, parts, PREPARE)
    if told is None:
        return
    if told.state is State.PREPARING:
        await call_of(session, parts, "PrepareForUpdate/Abort")
    elif told.state is State.PREPARED and await session.find(parts.place, "PrepareForUpdate/Resume"):
        await call_of(session, parts, "PrepareForUpdate/Resume")


async def needs_preparation(session: OwnSession, parts: AddIn, version: tuple[ua.Variant, ...]) -> bool:
    """Return whether the device must be prepared for the installation; where it does not tell, it must.

    Args:
        session: Open.
        parts: Of this session.
        version: ManufacturerUri, SoftwareRevision and PatchIdentifiers of a cached package; empty for Direct.
    """
    if parts.is_cached:
        try:
            (behavior,) = await call_of(
                session, parts, "Loading/GetUpdateBehavior", *version, returns=(_V.UInt32,)
            )
        except (Refused, NeedsHuman):
            return True
    else:
        place = await session.find(parts.loading, "UpdateBehavior")
        if place is None:
            return True
        (value,) = await session.read([place])
        behavior = value.Value.Value if value.Value is not None else None
    return not isinstance(behavior, int) or bool(behavior & _NEEDS_PREPARATION)
