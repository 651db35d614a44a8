"""A device of the plant that takes firmware by OPC UA Software Update (OPC 10000-100), played by a Flash."""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

from drivers.plant.firmware.flash import Declined, Flash, FlashState, Silent
from drivers.plant.firmware.opcua_files import Files
from drivers.plant.firmware.opcua_nodes import Bad, node_id

_V = ua.VariantType
_CURRENT, _PENDING = 0, 1
_INSTALL_ERROR, _IMAGE_ERROR = 200, 100


@dataclass(frozen=True, slots=True)
class Offer:
    """Which of the optional parts the device has, and how it goes about them.

    Attributes:
        is_direct: Whether committing the file is the installation.
        write_block: WriteBlockSize; None = it names none.
        check_s: How long it checks a package after CloseAndCommit has returned; 0 = before it returns.
        prepare_s: How long it gets ready.
        stays_prepared: Whether a preparation outlives a reboot: it stands still until it is told to go on.
    """

    is_direct: bool = False
    has_lock: bool = True
    has_prepare: bool = True
    has_confirmation: bool = True
    has_health: bool = True
    has_hash: bool = True
    has_clear: bool = True
    write_block: int | None = 1024
    check_s: float = 0.0
    prepare_s: float = 0.0
    stays_prepared: bool = False


class UpdatableDevice:
    """What one device says and does. `opcua_add_in.build` makes its nodes.

    Attributes:
        node: Its object.
        lock_holder: The session that has locked it; None = none has.
        transfer_state: The state machine of its file transfers, where it has one.
        read_confirm_ms: Reads what a client wrote into ConfirmationTimeout.
    """

    def __init__(
        self, node: ua.NodeId, files: Files, flash: Flash, offer: Offer, clock: Callable[[], float]
    ) -> None:
        self.node = node
        self.flash = flash
        self.offer = offer
        self.transfer_state = ua.NodeId()
        self.read_confirm_ms: Callable[[], float] = lambda: 0.0
        self._files = files
        self._clock = clock
        self._prepared_at: float | None = None
        self._boots = flash.reboots
        self._checked_at: float | None = None
        self._refusal: Declined | None = None
        self.lock_holder: object = None
        files.on_session_end.append(self._on_session_end)

    @property
    def now(self) -> float:
        """The device's clock."""
        now = self._clock()
        self.flash.advance(now)
        if self.flash.reboots != self._boots:
            self._boots = self.flash.reboots
            self.lock_holder = None
            if not self.offer.stays_prepared:
                self._prepared_at = None
        return now

    # -- what it says -----------------------------------------------------------------------------

    def told(self) -> Flash:
        """Return the device where it answers. Raises Silent."""
        self.flash.state(self.now)  # away: no words either
        return self.flash

    def alive(self, words: str) -> ua.Variant:
        """Return a fixed text of a device that answers."""
        self.told()
        return ua.Variant(words, _V.String)

    def _is_image_refused(self) -> bool:
        return self.flash.detail.startswith("image refused")

    def error_code(self) -> int:
        """Return VendorErrorCode; 0 = all is well."""
        if self.flash.state(self.now) is not FlashState.FAILED:
            return 0
        return _IMAGE_ERROR if self._is_image_refused() else _INSTALL_ERROR

    def pending(self) -> str:
        """Return the version of a package that lies there."""
        self._finish_check()
        self.flash.state(self.now)
        return self.flash.pending

    def pending_hash(self) -> ua.Variant:
        """Return the hash of that package."""
        pending = self.pending()
        return ua.Variant(hashlib.sha256(self.flash.image).digest() if pending else b"", _V.ByteString)

    def preparation(self) -> str:
        """Return the state of PrepareForUpdate."""
        self.flash.state(self.now)
        if self._prepared_at is None:
            return "Idle"
        return "PreparedForUpdate" if self.now >= self._prepared_at else "Preparing"

    def installation(self) -> str:
        """Return the state of Installation."""
        state = self.flash.state(self.now)
        if state in (FlashState.INSTALLING, FlashState.INSTALLED):
            return "Installation/Installing"
        is_error = state is FlashState.FAILED and not self._is_image_refused()
        return "Installation/Error" if is_error else "Installation/Idle"

    def power(self) -> str:
        """Return the state of PowerCycle."""
        is_waiting = self.flash.state(self.now) is FlashState.INSTALLED
        return "WaitingForPowerCycle" if is_waiting else "NotWaitingForPowerCycle"

    def waiting(self) -> str:
        """Return the state of Confirmation."""
        is_waiting = self.flash.state(self.now) is FlashState.UNCONFIRMED
        return "WaitingForConfirm" if is_waiting else "NotWaitingForConfirm"

    def transfer(self) -> str:
        """Return the state of the file transfer."""
        self._finish_check()
        self.flash.state(self.now)
        if self._checked_at is not None:
            return "ApplyWrite"
        return "Error" if self._refusal is not None else "Idle"

    # -- what it is told --------------------------------------------------------------------------

    async def on_prepare(self) -> Sequence[ua.Variant]:
        """Answer Prepare."""
        self._check_lock()
        if self.preparation() != "Idle":
            raise Bad(StatusCodes.BadInvalidState)
        await self._ask(lambda now: self.flash.prepare(now, keeps_staged=True))
        self._prepared_at = self.now + self.offer.prepare_s
        return ()

    async def on_resume(self) -> Sequence[ua.Variant]:
        """Answer Resume and Abort of PrepareForUpdate."""
        if self.preparation() == "Idle":
            raise Bad(StatusCodes.BadInvalidState)
        self._prepared_at = None
        if self.flash.state(self.now) is FlashState.PREPARED:
            self.flash.abandon(self.now)
        return ()

    async def on_generate(self, which: int | None) -> Sequence[ua.Variant]:
        """Answer GenerateFileForWrite."""
        self._check_lock()
        if not self.offer.is_direct and self.installation() == "Installation/Error":
            raise Bad(StatusCodes.BadInvalidState)
        if which != (_CURRENT if self.offer.is_direct else _PENDING):
            raise Bad(StatusCodes.BadInvalidArgument)
        if self.offer.is_direct and self.offer.has_prepare and self.preparation() != "PreparedForUpdate":
            raise Bad(StatusCodes.BadInvalidState)
        self._refusal = None
        await self._ask(self.flash.begin)
        name = f"{self.node.Identifier}/file-{self.flash.transfers}"
        node = node_id(name, self.node.NamespaceIndex)
        opened = self._files.open(node, self, is_temporary=True)
        return ua.Variant(node, _V.NodeId), ua.Variant(opened.handle, _V.UInt32)

    async def on_commit(self, handle: int) -> Sequence[ua.Variant]:
        """Answer CloseAndCommit."""
        opened = self._files.take(handle)
        self._files.drop(opened)
        if self.offer.check_s and not self.offer.is_direct:
            self._checked_at = self.now + self.offer.check_s
            return (ua.Variant(self.transfer_state, _V.NodeId),)
        await self._ask(self.flash.finish)
        if self.offer.is_direct:
            self._set_confirmation()
            try:
                await self._ask(self.flash.install)
            except Declined:
                self.flash.abandon(self.now)  # it was in the file, which is gone
                raise
        return (ua.Variant(ua.NodeId(), _V.NodeId),)

    async def on_install(
        self, maker: str, revision: str, patches: object, digest: bytes | None
    ) -> Sequence[ua.Variant]:
        """Answer InstallSoftwarePackage."""
        self._check_lock()
        if self.offer.has_prepare and self.preparation() != "PreparedForUpdate":
            raise Bad(StatusCodes.BadInvalidState)
        if revision != self.pending():
            raise Bad(StatusCodes.BadNotFound)
        if digest and digest != hashlib.sha256(self.flash.image).digest():
            raise Bad(StatusCodes.BadInvalidArgument)
        self._set_confirmation()
        await self._ask(self.flash.install)
        return ()

    async def on_installation_resume(self) -> Sequence[ua.Variant]:
        """Answer Resume of Installation."""
        if self.installation() != "Installation/Error":
            raise Bad(StatusCodes.BadInvalidState)
        self.flash.abandon(self.now)
        return ()

    async def on_confirm(self) -> Sequence[ua.Variant]:
        """Answer Confirm."""
        await self._ask(self.flash.confirm)
        return ()

    async def on_clear(self) -> Sequence[ua.Variant]:
        """Answer Clear."""
        self._check_lock()
        await self._ask(self.flash.abandon)
        return ()

    async def on_lock(self, context: str) -> Sequence[ua.Variant]:
        """Answer InitLock."""
        self.told()
        if self.lock_holder is not None and self.lock_holder is not self._files.caller():
            return (ua.Variant(-1, _V.Int32),)
        self.lock_holder = self._files.caller()
        return (ua.Variant(0, _V.Int32),)

    async def on_unlock(self) -> Sequence[ua.Variant]:
        """Answer ExitLock."""
        is_mine, self.lock_holder = self.lock_holder is self._files.caller(), None
        return (ua.Variant(0 if is_mine else -1, _V.Int32),)

    def on_write(self, who: str, offset: int, data: bytes) -> None:
        """Take bytes of the temporary file."""
        self.flash.write(self.now, who, offset, data)

    def on_closed(self) -> None:
        """The temporary file was closed instead of handed over."""
        self.on_dropped()

    def on_dropped(self) -> None:
        """The temporary file is gone, and what was in it."""
        try:
            if self.flash.state(self.now) is FlashState.RECEIVING:
                self.flash.abandon(self.now)
        except (Silent, Declined):
            pass

    async def _ask(self, order: Callable[[float], None]) -> None:
        """Do something that the device may never answer: then its reboot, or nothing, ends the wait."""
        boots = self.flash.reboots
        try:
            order(self.now)
        except Silent:
            while (  # noqa: ASYNC110 - the device's own clock decides
                self.flash.is_silent(self._clock()) and self.flash.reboots == boots
            ):
                await asyncio.sleep(0.02)
            raise

    def _finish_check(self) -> None:
        if self._checked_at is None or self.now < self._checked_at:
            return
        self._checked_at = None
        try:
            self.flash.finish(self.now)
        except Declined as refusal:
            self._refusal = refusal

    def _set_confirmation(self) -> None:
        within_s = self.read_confirm_ms() / 1000.0 if self.offer.has_confirmation else 0.0
        self.flash.habits = replace(self.flash.habits, confirm_within_s=within_s)

    def _check_lock(self) -> None:
        if self.lock_holder is not None and self.lock_holder is not self._files.caller():
            raise Bad(StatusCodes.BadLocked)

    def _on_session_end(self, session: object) -> None:
        if self.lock_holder is session:
            self.lock_holder = None
