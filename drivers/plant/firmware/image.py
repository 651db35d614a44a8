"""Firmware of the plant's devices: a head that says what it is for, a body, and its own hash. Pure.

    magic (8) | length of head (2) | head as JSON | body | SHA-256 of all before (32)
The device itself checks all of it, as a boot loader does, and believes nothing else that it is told.
"""

import hashlib
import random

import msgspec

MAGIC = b"PLANTFW1"
_HASH_SIZE = 32
_HEAD_AT = len(MAGIC) + 2


class BadImage(ValueError):
    """Bytes that are no firmware. The text is a clause: what is wrong with them."""


class ImageHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an image is for.

    Attributes:
        hardware: Revisions that it fits; empty = all.
        size: Of the whole image, in bytes.
    """

    product: str
    version: str
    size: int
    hardware: tuple[str, ...] = ()


def make_image(
    product: str, version: str, size: int = 4096, hardware: tuple[str, ...] = (), seed: int = 1
) -> bytes:
    """Return firmware of exactly `size` bytes. Raises ValueError where head and hash do not fit into it."""
    head = msgspec.json.encode(ImageHead(product, version, size, hardware))
    body = size - _HEAD_AT - len(head) - _HASH_SIZE
    if body < 0:
        raise ValueError(f"An image needs at least {size - body} bytes for head and hash, not {size}.")
    data = MAGIC + len(head).to_bytes(2, "big") + head + random.Random(seed).randbytes(body)
    return data + hashlib.sha256(data).digest()


def read_image(data: bytes) -> ImageHead:
    """Return what a whole image is for. Raises BadImage."""
    if not data.startswith(MAGIC):
        raise BadImage("no firmware of this plant")
    end = _HEAD_AT + int.from_bytes(data[len(MAGIC) : _HEAD_AT], "big")
    try:
        head = msgspec.json.decode(data[_HEAD_AT:end], type=ImageHead)
    except msgspec.DecodeError:
        raise BadImage("its head is damaged") from None
    if len(data) != head.size:
        raise BadImage(f"{len(data)} bytes instead of {head.size}")
    if hashlib.sha256(data[:-_HASH_SIZE]).digest() != data[-_HASH_SIZE:]:
        raise BadImage("its hash does not fit")
    return head
