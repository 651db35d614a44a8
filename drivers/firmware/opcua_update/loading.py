"""Brings a package onto a device and has it installed: FileTransfer, PendingVersion, Installation."""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio

from asyncua import ua

from drivers.errors import LineLost, NeedsHuman, Refused
from drivers.firmware.opcua_blocks import OpenFile, block_size, close_file, position, write_blocks
from drivers.firmware.opcua_session import OwnSession, number_of, place_in, text_of
from drivers.firmware.opcua_update.add_in import AddIn, call_of, words_of
from drivers.firmware.opcua_update.states import TRANSFER, State, read_state
from drivers.firmware.target import Image, Progress
from drivers.firmware.version_text import Pattern, normalised
from drivers.opcua.reference_wire import Place

_V = ua.VariantType
_CURRENT, _PENDING = 0, 1
"""SoftwareVersionFileType, OPC 10000-100, 8.5.1."""
_ASKED_AGAIN_S = 0.1
_SHA256_BYTES = 32


async def begin_file(session: OwnSession, parts: AddIn, answer_s: float) -> OpenFile:
    """Have the server make the temporary file. Raises Refused, NeedsHuman or LineLost."""
    which = ua.Variant(_PENDING if parts.is_cached else _CURRENT, _V.Int32)
    outputs = await call_of(
        session,
        parts,
        "Loading/FileTransfer/GenerateFileForWrite",
        which,
        returns=(_V.NodeId, _V.UInt32),
        more_s=answer_s,
    )
    place, handle = place_in(outputs[0]), outputs[1]
    if place is None or not isinstance(handle, int):
        raise NeedsHuman(
            f"{session.endpoint}: GenerateFileForWrite returned no file; have its maker mend the server."
        )
    file = OpenFile(session.key, place, handle, "the temporary file", answer_s)
    begun = await position(session, file)
    if begun:
        raise Refused(
            f"{session.endpoint} handed out a file in which {begun} bytes were written already: it is "
            "somebody else's, so begin again when nobody else updates this device."
        )
    return file


async def write_package(
    session: OwnSession, parts: AddIn, file: OpenFile, image: Image, progress: Progress
) -> None:
    """Write the whole package into the temporary file. Raises what `write_blocks` does, with words."""
    place = await session.find(parts.loading, "WriteBlockSize")
    told = None if place is None else number_of((await session.read([place]))[0])
    block = block_size(told, len(image.data), session.endpoint)
    try:
        await write_blocks(session, file, image.data, block, progress)
    except Refused as refused:
        raise await with_words(session, parts, refused) from refused


async def commit(session: OwnSession, parts: AddIn, file: OpenFile, within_s: float) -> Place | None:
    """Hand the file over to the device; returns its completion's state machine, None where it is done.

    Raises:
        LineLost: No answer came: the device has it, or not.
        Refused, NeedsHuman: It has not.
    """
    handle = ua.Variant(file.handle, _V.UInt32)
    try:
        (completion,) = await call_of(
            session,
            parts,
            "Loading/FileTransfer/CloseAndCommit",
            handle,
            returns=(_V.NodeId,),
            more_s=within_s,
        )
    except Refused as refused:
        raise await with_words(session, parts, refused) from refused
    return place_in(completion)


async def wait_for(session: OwnSession, parts: AddIn, completion: Place | None, within_s: float) -> None:
    """Wait until a committed package is checked. Raises Refused where it is not accepted, LineLost late."""
    if completion is None:
        return
    loop = asyncio.get_running_loop()
    until_s = loop.time() + within_s
    while True:
        state = (await read_state(session, completion, TRANSFER)).state
        if state is State.IDLE:
            return
        if state is State.ERROR:
            refused = Refused(f"{session.endpoint}: the device did not accept the package.")
            raise await with_words(session, parts, refused)
        if loop.time() >= until_s:
            raise LineLost(
                f"{session.endpoint}: the device has been checking the package for {within_s:g} s; ask it "
                "again later, or give it more time in the product's profile (check_s)."
            )
        await asyncio.sleep(_ASKED_AGAIN_S)


async def check_pending(session: OwnSession, parts: AddIn, image: Image, pattern: Pattern) -> None:
    """Make sure that the device says it holds this very package. Raises Refused, NeedsHuman or LineLost."""
    revision_at = await session.need(parts.loading, "PendingVersion/SoftwareRevision", "Loading")
    hash_at = await session.find(parts.loading, "PendingVersion/Hash")
    values = await session.read([revision_at] if hash_at is None else [revision_at, hash_at])
    held = text_of(values[0])
    if normalised(held, pattern).partition("+")[0] != image.version.partition("+")[0]:
        raise Refused(
            f"{session.endpoint}: the device says that it holds {held or 'nothing'} instead of "
            f"{image.version}; somebody else loads another package, or this is another one than it says."
        )
    digest = values[1].Value.Value if hash_at is not None and values[1].Value is not None else None
    if isinstance(digest, bytes) and len(digest) == _SHA256_BYTES and digest != image.sha256:
        raise Refused(
            f"{session.endpoint}: the hash of the package on the device is not that of the image; "
            "begin again."
        )


async def pending_version(session: OwnSession, parts: AddIn) -> tuple[ua.Variant, ...]:
    """Return ManufacturerUri, SoftwareRevision and PatchIdentifiers of what lies on the device, as told.

    Raises:
        Refused: Nothing does.
    """
    found = [
        await session.find(parts.loading, f"PendingVersion/{name}")
        for name in ("ManufacturerUri", "SoftwareRevision", "PatchIdentifiers")
    ]
    values = iter(await session.read([place for place in found if place is not None]))
    maker, revision, patches = (None if place is None else next(values) for place in found)
    revision_text = "" if revision is None else text_of(revision)
    if not revision_text:
        raise Refused(f"{session.endpoint}: no package lies on the device; transfer it first.")
    told = None if patches is None or patches.Value is None else patches.Value.Value
    listed = [str(patch) for patch in told] if isinstance(told, list) else []
    return (
        ua.Variant("" if maker is None else text_of(maker), _V.String),
        ua.Variant(revision_text, _V.String),
        ua.Variant(listed, _V.String, is_array=True),
    )


async def set_confirmation(session: OwnSession, parts: AddIn, within_s: float) -> None:
    """Have the device go back by itself unless it is confirmed in time, where it can. Raises DriverError."""
    place = await session.find(parts.place, "Confirmation/ConfirmationTimeout")
    if place is not None:
        await session.write(place, ua.Variant(within_s * 1000.0, _V.Double), "ConfirmationTimeout")


async def order_installation(
    session: OwnSession, parts: AddIn, version: tuple[ua.Variant, ...], digest: bytes, answer_s: float
) -> None:
    """Order the installation of what lies on the device.

    Args:
        session: Open.
        parts: Of this session.
        version: As `pending_version` returns it.
        digest: SHA-256 of the package, empty where this session did not bring it.
        answer_s: How long the device may take to answer.

    Raises:
        LineLost: No answer came: it installs, or not.
        Refused, NeedsHuman: It does not.
    """
    try:
        await call_of(
            session,
            parts,
            "Installation/InstallSoftwarePackage",
            *version,
            ua.Variant(digest or None, _V.ByteString),
            more_s=answer_s,
        )
    except Refused as refused:
        raise await with_words(session, parts, refused) from refused


async def give_up(session: OwnSession, parts: AddIn, file: OpenFile | None) -> None:
    """Drop an open file, and a package that the device can be told to forget. Raises DriverError."""
    if file is not None and file.session_key is session.key:
        await close_file(session, file)
    if await session.find(parts.loading, "PendingVersion/Clear"):
        await call_of(session, parts, "Loading/PendingVersion/Clear")


async def with_words(session: OwnSession, parts: AddIn, refused: Refused) -> Refused:
    """Return a refusal with the device's own words behind it, where it has any."""
    try:
        words = await words_of(session, parts)
    except (LineLost, NeedsHuman, Refused):
        words = ""
    return Refused(f"{str(refused).rstrip('.')}: {words}.") if words else refused
