"""The baseline of the OPC UA ways: asyncua's own client in a plain loop of the same writes."""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false

import time
from typing import Any

from asyncua import ua
from asyncua.client.client import Client
from asyncua.common.node import Node
from asyncua.ua.object_ids import ObjectIds

_V = ua.VariantType
_PENDING, _WRITE_AND_ERASE = 1, 6
_CLOSE, _WRITE = (
    ua.NodeId(ua.Int32(number)) for number in (ObjectIds.FileType_Close, ObjectIds.FileType_Write)
)


async def send_package(endpoint: str, device: str, data: bytes, block: int) -> float:
    """Send an image by Software Update and commit it; returns how long that took, in seconds."""
    async with Client(endpoint) as client:
        transfer = _node(client, f"{device}/SoftwareUpdate/Loading/FileTransfer")
        prefix = f"{device}/SoftwareUpdate/Loading"
        began = time.perf_counter()
        file, handle = await transfer.call_method(
            _id(f"{prefix}/FileTransfer/GenerateFileForWrite"), ua.Variant(_PENDING, _V.Int32)
        )
        await _write(client.get_node(file), handle, data, block)
        await transfer.call_method(
            _id(f"{prefix}/FileTransfer/CloseAndCommit"), ua.Variant(handle, _V.UInt32)
        )
        took_s = time.perf_counter() - began
        await _node(client, f"{prefix}/PendingVersion").call_method(_id(f"{prefix}/PendingVersion/Clear"))
        return took_s


async def send_file(endpoint: str, device: str, data: bytes, block: int) -> float:
    """Send an image as a file and close it; returns how long that took, in seconds."""
    async with Client(endpoint) as client:
        file = _node(client, f"{device}/Firmware")
        began = time.perf_counter()
        handle = await file.call_method(_id(f"{device}/Firmware/Open"), ua.Variant(_WRITE_AND_ERASE, _V.Byte))
        await _write(file, handle, data, block)
        await file.call_method(_CLOSE, ua.Variant(handle, _V.UInt32))
        took_s = time.perf_counter() - began
        await _node(client, f"{device}/Control").call_method(_id(f"{device}/Control/Abandon"))
        return took_s


async def _write(file: Node, handle: Any, data: bytes, block: int) -> None:
    for begin in range(0, len(data), block):
        await file.call_method(
            _WRITE,
            ua.Variant(handle, _V.UInt32),
            ua.Variant(data[begin : begin + block], _V.ByteString),
        )


def _node(client: Client, path: str) -> Node:
    return client.get_node(_id(path))


def _id(path: str) -> ua.NodeId:
    return ua.NodeId(ua.String(path), ua.Int16(1))
