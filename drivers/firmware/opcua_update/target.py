"""One device as updated by OPC UA Software Update; keeps `drivers.firmware.target.FirmwareTarget`.

Where it differs from one kind of loading to the other:
* Cached: the machine goes on while the package is transferred, and is prepared only by `install`.
* Direct: `prepare` prepares it, `transfer` fills the temporary file, and `install` commits it: that installs.
  The file dies with its session, so a successor begins anew.
An unanswered `confirm` is LineLost, because a device that was not confirmed goes back.
"""

import contextlib

from pydantic import BaseModel

from drivers.driver import DriverHub
from drivers.errors import DriverBug, DriverError, NeedsHuman, Refused
from drivers.firmware.opcua_blocks import OpenFile, position
from drivers.firmware.opcua_identity import IdentityReader
from drivers.firmware.opcua_session import OwnSession, Unanswered
from drivers.firmware.opcua_update import loading
from drivers.firmware.opcua_update.add_in import AddIn, call_of, check_offer, find_add_in, state_of
from drivers.firmware.opcua_update.look import read_standing
from drivers.firmware.opcua_update.preparing import (
    DeviceLock,
    back_to_work,
    check_free,
    get_ready,
    needs_preparation,
)
from drivers.firmware.opcua_update.profile import OpcuaUpdateProfile
from drivers.firmware.opcua_update.states import CONFIRMATION, INSTALLATION, State
from drivers.firmware.target import Image, Progress, Standing
from drivers.opcua.driver import own_settings


class OpcuaUpdateTarget:
    """Used from one event loop, by one task at a time."""

    def __init__(self, hub: DriverHub, settings: BaseModel, profile: BaseModel) -> None:
        if not isinstance(profile, OpcuaUpdateProfile):
            raise DriverBug(f"OPC UA Software Update was given a profile of type {type(profile).__name__}.")
        self._profile = profile
        self._session = OwnSession(hub, own_settings(settings))
        self._identity = IdentityReader(self._session, profile.identity)
        self._lock = DeviceLock()
        self._known: AddIn | None = None
        self._file: OpenFile | None = None
        self._image: Image | None = None

    async def open(self) -> None:
        """Connect, in a session of its own."""
        await self._session.open()

    async def look(self) -> Standing:
        """Return what the AddIn and the name plate say now."""
        parts = await self._parts()
        identity = await self._identity.read()
        pending = await self._version_in_file(parts)
        return await read_standing(
            self._session, parts, identity, self._profile.identity.version.pattern, pending
        )

    async def prepare(self) -> None:
        """Lock the device, take back an earlier error, and have it get ready where Direct needs that."""
        parts = await self._parts()
        await check_offer(self._session, parts)
        await self._lock.take(self._session, parts)
        await check_free(self._session, parts)
        if not parts.is_cached and await needs_preparation(self._session, parts, ()):
            await get_ready(self._session, parts, self._profile.prepare_s)

    async def transfer(self, image: Image, progress: Progress) -> None:
        """Write the package; a cached one is committed and compared with what the device says it holds."""
        session, parts = self._session, await self._parts()
        await check_offer(session, parts)
        await self._lock.take(session, parts)
        self._image = None
        self._file = file = await loading.begin_file(session, parts, self._profile.answer_s)
        await loading.write_package(session, parts, file, image, progress)
        if parts.is_cached:
            self._file = None
            completion = await loading.commit(session, parts, file, self._profile.check_s)
            await loading.wait_for(session, parts, completion, self._profile.check_s)
            await loading.check_pending(session, parts, image, self._profile.identity.version.pattern)
        self._image = image

    async def install(self) -> None:
        """Set the time to confirm in, and order the installation. A person may have to cycle the power."""
        session, parts = self._session, await self._locked()
        if parts.is_cached:
            await self._install_cached(parts)
            return
        file, self._file = self._file, None
        if file is None or file.session_key is not session.key:
            raise Refused(
                f"{session.endpoint}: the package went with its session, as with every direct loading; "
                "transfer it again."
            )
        await loading.set_confirmation(session, parts, self._profile.confirm_within_s)
        try:
            await loading.commit(session, parts, file, self._profile.check_s)
        except Unanswered:
            return  # it may have gone to reboot; looking tells

    async def confirm(self) -> None:
        """Confirm where the device waits for it, and let it resume its operation."""
        session, parts = self._session, await self._parts()
        told = await state_of(session, parts, CONFIRMATION)
        if told is not None and told.state is State.CONFIRM:
            await call_of(session, parts, "Confirmation/Confirm", more_s=self._profile.answer_s)
        await self.resume()

    async def resume(self) -> None:
        """End a preparation that outlived the installation: not every device reboots."""
        session, parts = self._session, await self._parts()
        await back_to_work(session, parts)
        await self._lock.release(session, parts)

    async def abandon(self) -> None:
        """Drop file and package, end the preparation, unlock. Raises Refused once it installs."""
        session, parts = self._session, await self._parts()
        await check_free(session, parts)
        file, self._file, self._image = self._file, None, None
        try:
            await loading.give_up(session, parts, file)
        finally:
            await back_to_work(session, parts)
            await self._lock.release(session, parts)

    async def close(self) -> None:
        """Unlock where it answers, and end the session: an open file dies with it."""
        if self._known is not None:
            await self._lock.release(self._session, self._known)
        self._file = self._known = None
        await self._session.close()

    async def _install_cached(self, parts: AddIn) -> None:
        session, profile = self._session, self._profile
        version = await loading.pending_version(session, parts)
        if await needs_preparation(session, parts, version):
            await get_ready(session, parts, profile.prepare_s)
        digest = b"" if self._image is None else self._image.sha256
        try:
            await loading.set_confirmation(session, parts, profile.confirm_within_s)
            await loading.order_installation(session, parts, version, digest, profile.answer_s)
        except Unanswered:
            return  # it may have gone to reboot; looking tells
        except (Refused, NeedsHuman):
            with contextlib.suppress(DriverError):  # why it was refused is what counts
                await back_to_work(session, parts)
            raise

    async def _parts(self) -> AddIn:
        parts = self._known
        if parts is None or parts.view is not self._session.view or not self._session.is_open:
            parts = self._known = await find_add_in(self._session)
        return parts

    async def _locked(self) -> AddIn:
        parts = await self._parts()
        await self._lock.take(self._session, parts)
        return parts

    async def _version_in_file(self, parts: AddIn) -> str:
        """Return the version of a direct package that the device still holds whole, else empty."""
        file, image = self._file, self._image
        if parts.is_cached or file is None or image is None or file.session_key is not self._session.key:
            return ""
        installation = await state_of(self._session, parts, INSTALLATION)
        if installation is not None and installation.state is not State.IDLE:
            return ""
        try:
            held = await position(self._session, file)
        except Refused:
            return ""
        return image.version if held == len(image.data) else ""
