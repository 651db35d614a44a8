"""What the spool keeps one by one: findings, and whatever the database declined. Records ⇄ bytes."""

from enum import StrEnum

import msgspec

from console.station.outbox import Finding
from models.records.alert import Transition
from models.records.reading import Reading
from models.records.station_alert import Acknowledgement

Item = Finding | Reading


class ItemKind(StrEnum):
    """The word in the file that says which record the bytes beside it are."""

    TRANSITION = "transition"
    ACKNOWLEDGEMENT = "acknowledgement"
    READING = "reading"


class ItemDamaged(Exception):
    """The bytes are no such record."""


_ENCODER = msgspec.msgpack.Encoder()
_TYPES: dict[ItemKind, type[Item]] = {
    ItemKind.TRANSITION: Transition,
    ItemKind.ACKNOWLEDGEMENT: Acknowledgement,
    ItemKind.READING: Reading,
}


def kind_of(item: Item) -> ItemKind:
    """Return the word for a record."""
    if isinstance(item, Reading):
        return ItemKind.READING
    return ItemKind.TRANSITION if isinstance(item, Transition) else ItemKind.ACKNOWLEDGEMENT


def bytes_of(item: Item) -> bytes:
    """Return a record as bytes. A newer program may have added fields; an older one skips them."""
    return _ENCODER.encode(item)


def item_of(kind: str, payload: bytes) -> Item:
    """Return the record.

    Raises:
        ItemDamaged: The bytes are no such record.
    """
    try:
        return msgspec.msgpack.decode(payload, type=_TYPES[ItemKind(kind)])
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ItemDamaged(str(error)) from error
