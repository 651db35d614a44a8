"""Writes bytes into an open file of an OPC UA server, block by block (OPC 10000-20, 4.2).

asyncua's own file writes a whole file in one request and opens it itself; a software update hands out a file
that is open already, wants blocks of its own size, and must be stopped between two of them.
"""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from dataclasses import dataclass

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds

from drivers.errors import NeedsHuman, Refused
from drivers.firmware.opcua_profile import DEFAULT_BLOCK, LARGEST_BLOCK
from drivers.firmware.opcua_session import OwnSession
from drivers.firmware.target import Progress
from drivers.opcua.reference_wire import Place

_STANDARD = {
    "Open": ObjectIds.FileType_Open,
    "Close": ObjectIds.FileType_Close,
    "Write": ObjectIds.FileType_Write,
    "GetPosition": ObjectIds.FileType_GetPosition,
}
_V = ua.VariantType


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that this session has open for writing.

    Attributes:
        session_key: Of the session; with it the file is closed.
        name: What people call it.
        answer_s: How long the device may take for a block, besides the settings' time-out.
    """

    session_key: object
    place: Place
    handle: int
    name: str
    answer_s: float


def block_size(told: float | None, size: int, endpoint: str) -> int:
    """Return how many bytes to write at once.

    Args:
        told: WriteBlockSize of the server; None or 0 where it names none.
        size: Of the whole image.
        endpoint: What people call the server.

    Raises:
        NeedsHuman: The server wants blocks that no request holds.
    """
    if not told:
        return min(DEFAULT_BLOCK, size)
    wanted = min(int(told), size)
    if wanted > LARGEST_BLOCK or wanted < 1:
        raise NeedsHuman(
            f"{endpoint} wants blocks of {told:.0f} bytes (WriteBlockSize); at most {LARGEST_BLOCK} are sent "
            "in one request, so choose another way for this product, or have its maker mend the server."
        )
    return wanted


async def write_blocks(
    session: OwnSession, file: OpenFile, data: bytes, block: int, progress: Progress
) -> None:
    """Write all of `data`, asking `progress` before each block, and check how much has come.

    Raises:
        Refused: The server declined a block, or holds another number of bytes than were sent.
        Whatever `progress` raises: nothing is sent after it.
    """
    write = await _method(session, file.place, "Write")
    handle = ua.Variant(file.handle, _V.UInt32)
    for begin in range(0, len(data), block):
        progress(begin)
        await session.call(
            file.place,
            write,
            f"{file.name}.Write",
            handle,
            ua.Variant(data[begin : begin + block], _V.ByteString),
            more_s=file.answer_s,
        )
    progress(len(data))
    held = await position(session, file)
    if held is not None and held != len(data):
        raise Refused(
            f"{session.endpoint}: {file.name} is at byte {held} after {len(data)} were written; "
            "something else writes to it, so begin again."
        )


async def position(session: OwnSession, file: OpenFile) -> int | None:
    """Return at which byte the server's file is; None where it does not tell. Raises LineLost, Refused."""
    method = await _method(session, file.place, "GetPosition")
    try:
        (held,) = await session.call(
            file.place,
            method,
            f"{file.name}.GetPosition",
            ua.Variant(file.handle, _V.UInt32),
            returns=(_V.UInt64,),
        )
    except NeedsHuman:
        return None  # it belongs to every file, but nothing is lost without it
    return held if isinstance(held, int) else None


async def open_file(session: OwnSession, place: Place, mode: int, name: str, answer_s: float) -> OpenFile:
    """Open a file by its own method. Raises Refused, NeedsHuman or LineLost."""
    method = await session.need(place, "Open", name)
    (handle,) = await session.call(
        place, method, f"{name}.Open", ua.Variant(mode, _V.Byte), returns=(_V.UInt32,), more_s=answer_s
    )
    if not isinstance(handle, int):
        raise NeedsHuman(
            f"{session.endpoint}: {name}.Open returned no handle; have its maker mend the server."
        )
    return OpenFile(session.key, place, handle, name, answer_s)


async def close_file(session: OwnSession, file: OpenFile) -> None:
    """Close a file. Raises Refused, NeedsHuman or LineLost."""
    method = await _method(session, file.place, "Close")
    await session.call(
        file.place,
        method,
        f"{file.name}.Close",
        ua.Variant(file.handle, _V.UInt32),
        more_s=file.answer_s,
    )


async def _method(session: OwnSession, file: Place, name: str) -> Place:
    """Return a method of a file: its own, else that of its type, as for files that cannot be browsed."""
    try:
        own = await session.find(file, name)
    except (Refused, NeedsHuman):
        own = None
    return own or (0, _STANDARD[name])
