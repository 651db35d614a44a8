"""The AddIn `SoftwareUpdate` of one device: where its parts are, and which of the optional ones it has."""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from asyncua import ua

from drivers.errors import NeedsHuman
from drivers.firmware.opcua_identity import ADD_IN, DI_URI, find_device
from drivers.firmware.opcua_session import OwnSession, text_of
from drivers.firmware.opcua_update.states import TRANSFER_TYPE, Machine, Told, read_state
from drivers.opcua.reference_wire import Place

_DIRECT, _CACHED, _FILE_SYSTEM = 153, 171, 192
_LONGEST_WORDS = 300
VENDOR_ERROR = "vendor error"
_ERROR_CODE = "VendorErrorCode"


@dataclass(frozen=True, slots=True)
class AddIn:
    """Found once a session.

    Attributes:
        view: Of the session when these places were found.
        device: The object that has the AddIn.
        loading: Its Loading.
        is_cached: Whether a package is installed by an order of its own; else by committing its file.
    """

    view: object
    device: Place
    place: Place
    loading: Place
    is_cached: bool


async def find_add_in(session: OwnSession) -> AddIn:
    """Look for the AddIn. Raises NeedsHuman where there is none, or one of a kind that is not known here."""
    device = await find_device(session)
    place = await session.need(device, ADD_IN, "this device")
    reference = (await session.children(place)).get("Loading")
    if reference is None or reference.place is None:
        raise NeedsHuman(
            f"{session.endpoint}: {ADD_IN} has no Loading, so it takes no firmware; "
            "choose another way for this product."
        )
    loading, kind = reference.place, reference.type_definition
    parts = await session.children(loading)
    di = session.index_of(DI_URI)
    if kind == (di, _FILE_SYSTEM) or ("FileSystem" in parts and "FileTransfer" not in parts):
        raise NeedsHuman(
            f"{session.endpoint}: {ADD_IN} loads through a file system, which is not supported; "
            "Cached and Direct are, so choose another way for this product."
        )
    is_direct = kind == (di, _DIRECT)
    is_cached = kind == (di, _CACHED) or ("PendingVersion" in parts and not is_direct)
    return AddIn(session.view, device, place, loading, is_cached)


async def check_offer(session: OwnSession, parts: AddIn) -> None:
    """Make sure that everything an update needs is there, before it begins. Raises NeedsHuman naming it."""
    needed = ["Loading/FileTransfer/GenerateFileForWrite", "Loading/FileTransfer/CloseAndCommit"]
    if parts.is_cached:
        needed += ["Loading/PendingVersion/SoftwareRevision", "Installation/InstallSoftwarePackage"]
    for machine, method in (("PrepareForUpdate", "Prepare"), ("Confirmation", "Confirm")):
        if await session.find(parts.place, machine):
            needed.append(f"{machine}/{method}")
    for path in needed:
        await session.need(parts.place, path, ADD_IN)


async def state_of(session: OwnSession, parts: AddIn, machine: Machine) -> Told | None:
    """Return the state of one of the AddIn's machines; None where the device does without it."""
    place = await session.find(parts.place, machine.name)
    return None if place is None else await read_state(session, place, machine)


async def transfer_machines(session: OwnSession, parts: AddIn) -> list[Place]:
    """Return the state machines of file transfers that are being worked on."""
    transfer = await session.find(parts.loading, "FileTransfer")
    if transfer is None:
        return []
    return [
        reference.place
        for reference in (await session.children(transfer)).values()
        if reference.type_definition == TRANSFER_TYPE and reference.place is not None
    ]


async def words_of(session: OwnSession, parts: AddIn) -> str:
    """Return what the device says about its update, for people: status, error, the maker's error code."""
    nodes = await word_nodes(session, parts)
    return words_in(nodes, await session.read([*nodes.values()]))


async def word_nodes(session: OwnSession, parts: AddIn) -> dict[str, Place]:
    """Return the nodes that hold the device's words, by name."""
    wanted = (
        (parts.loading, "ErrorMessage"),
        (parts.place, "UpdateStatus"),
        (parts.place, _ERROR_CODE),
    )
    found = [(name, await session.find(start, name)) for start, name in wanted]
    return {name: place for name, place in found if place is not None}


def words_in(names: Iterable[str], values: Iterable[ua.DataValue]) -> str:
    """Return the words that the values of `word_nodes` hold."""
    texts: list[str] = []
    for name, value in zip(names, values, strict=True):
        text = " ".join(text_of(value).split())
        if name == _ERROR_CODE:
            text = f"{VENDOR_ERROR} {text}" if text not in ("", "0") else ""
        if text and text not in texts:
            texts.append(text)
    return "; ".join(texts)[:_LONGEST_WORDS]


async def call_of(
    session: OwnSession,
    parts: AddIn,
    path: str,
    *arguments: ua.Variant,
    returns: tuple[ua.VariantType, ...] = (),
    more_s: float = 0.0,
) -> list[Any]:
    """Call a method of the AddIn by its path, as in "Installation/Resume"; see `OwnSession.call`."""
    owner_path, _, _ = path.rpartition("/")
    owner = await session.need(parts.place, owner_path, ADD_IN)
    method = await session.need(parts.place, path, ADD_IN)
    return await session.call(owner, method, path, *arguments, returns=returns, more_s=more_s)
