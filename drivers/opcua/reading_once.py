"""One value read once, for whoever looks: a connection test, a write that is checked, a preview of fields."""

import time
from typing import Any

from asyncua import ua

from drivers.opcua.address import NodeAddress
from drivers.opcua.address_space import content, node_of
from drivers.opcua.decode import raw_value
from drivers.opcua.field_path import FieldPath
from drivers.opcua.fields import TypeMissing
from drivers.opcua.link import Link
from drivers.opcua.opened_value import OpenedValue
from drivers.opcua.reference_wire import Place
from drivers.opcua.services import read_values
from drivers.opcua.type_book import TypeBook
from drivers.values import RawValue


async def read_once(link: Link, types: TypeBook, address: NodeAddress, place: Place) -> RawValue:
    """Return the value of an address.

    Args:
        link: Where.
        types: Of the same session.
        address: With its path.
        place: Of its node in this session.
    """
    node = node_of(place)
    (data,) = await read_values(link.channel, [node])
    opened = OpenedValue(types.opened)
    while True:
        try:
            part = opened.reading(data, address.path) if address.path else None
            return raw_value(data, str(address), time.time(), part)
        except TypeMissing as missing:
            await types.learn(missing.value, node)


async def read_part(link: Link, types: TypeBook, place: Place, path: FieldPath) -> tuple[ua.DataValue, Any]:
    """Return what a variable holds, and what is at a path in it: structures as their fields.

    Raises:
        NotThere: Nothing is there, or it cannot be decoded.
    """
    node = node_of(place)
    (data,) = await read_values(link.channel, [node])
    opened = OpenedValue(types.opened)
    while True:
        try:
            return data, opened.reading(data, path)(content(data))
        except TypeMissing as missing:
            await types.learn(missing.value, node)
