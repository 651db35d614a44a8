"""A server with what an engineer meets: arrays, structures, an enumeration, and types without description."""

import struct

import pytest
from asyncua import Server, ua
from asyncua.common.structures104 import new_enum, new_struct, new_struct_field
from asyncua.server.address_space import AttributeService
from asyncua.server.monitored_item_service import MonitoredItemService
from asyncua.ua.ua_binary import pack_uatype

PLANT_URI = "urn:test:plant"
INDEX = 2


def text(value: str) -> bytes:
    """Encode a String."""
    return pack_uatype(ua.VariantType.String, value)


def axis(position: float, name: str, state: int) -> bytes:
    """Encode an Axis."""
    return struct.pack("<d", position) + text(name) + struct.pack("<i", state)


def press_data(temperature: float, positions: tuple[float, ...]) -> bytes:
    """Encode a PressData: text before what is wanted, an array of structures, a matrix of 2 by 3."""
    axes = b"".join(axis(position, f"axis {number}", 1) for number, position in enumerate(positions))
    matrix = struct.pack("<iii", 2, 2, 3) + struct.pack("<6h", *range(6))
    return text("note") + struct.pack("<fi", temperature, len(positions)) + axes + matrix


def recipe(speed: float, limit: int | None = None, batch: int | None = None) -> bytes:
    """Encode a Recipe, whose Limit and Batch are optional."""
    mask = (limit is not None) + 2 * (batch is not None)
    body = struct.pack("<Id", mask, speed)
    body += b"" if limit is None else struct.pack("<i", limit)
    return body + (b"" if batch is None else struct.pack("<H", batch))


class Furniture:
    """Puts nodes into a started server; keeps the type ids for new values."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.encodings: dict[str, ua.NodeId] = {}
        self.types: dict[str, ua.NodeId] = {}

    def value(self, kind: str, body: bytes) -> ua.Variant:
        """Return a value of a structure type."""
        return ua.Variant(ua.ExtensionObject(self.encodings[kind], body), ua.VariantType.ExtensionObject)

    async def add_types(self) -> None:
        """Describe Axis, PressData, Recipe, Either and State; leave Secret undescribed."""
        server = self.server
        state = await new_enum(server, INDEX, "State", ["Idle", "Moving"])
        axis_type = await self._structure(
            "Axis",
            [
                new_struct_field("Position", ua.VariantType.Double),
                new_struct_field("Name", ua.VariantType.String),
                new_struct_field("State", state.nodeid),
            ],
        )
        matrix = new_struct_field("Matrix", ua.VariantType.Int16, array=True)
        matrix.ValueRank, matrix.ArrayDimensions = 2, [2, 3]
        await self._structure(
            "PressData",
            [
                new_struct_field("Note", ua.VariantType.String),
                new_struct_field("Temperature", ua.VariantType.Float),
                new_struct_field("Axes", axis_type, array=True),
                matrix,
            ],
        )
        await self._structure(
            "Recipe",
            [
                new_struct_field("Speed", ua.VariantType.Double),
                new_struct_field("Limit", ua.VariantType.Int32, optional=True),
                new_struct_field("Batch", ua.VariantType.UInt16, optional=True),
            ],
        )
        await self._structure(
            "Either",
            [
                new_struct_field("Number", ua.VariantType.Int32),
                new_struct_field("Word", ua.VariantType.String),
            ],
            is_union=True,
        )
        self.encodings["Secret"] = ua.NodeId(9999, INDEX)
        self.types["Secret"] = ua.NodeId(ua.ObjectIds.Structure)

    async def _structure(
        self, name: str, fields: list[ua.StructureField], *, is_union: bool = False
    ) -> ua.NodeId:
        node, (encoding,) = await new_struct(self.server, INDEX, name, fields, is_union=is_union)
        self.encodings[name], self.types[name] = encoding.nodeid, node.nodeid
        return node.nodeid

    async def add_structures(self) -> None:
        """Add variables of these types to the Objects folder."""
        await self.add_types()
        objects = self.server.nodes.objects
        values = {
            "Data": ("PressData", press_data(21.5, (1.0, 2.0, 3.5))),
            "Recipe": ("Recipe", recipe(12.5, batch=7)),
            "Either": ("Either", struct.pack("<Ii", 1, 42)),
            "Secret": ("Secret", b"\0" * 16),
        }
        for name, (kind, body) in values.items():
            await objects.add_variable(
                ua.NodeId(name, INDEX), name, self.value(kind, body), datatype=self.types[kind]
            )
        levels = ua.Variant([10.0, 20.0, 30.0], ua.VariantType.Double)
        await objects.add_variable(ua.NodeId("Levels", INDEX), "Levels", levels)


class RangedAttributes(AttributeService):
    """Reads and writes parts of one-dimensional arrays, which the library's own server does not."""

    def read(self, params: ua.ReadParameters) -> list[ua.DataValue]:
        return [
            _part(data, wanted.IndexRange)
            for data, wanted in zip(super().read(params), params.NodesToRead, strict=True)
        ]

    async def write(self, params: ua.WriteParameters, user: object = None) -> list[ua.StatusCode]:
        for wanted in params.NodesToWrite:
            if wanted.IndexRange:
                whole = self._aspace.read_attribute_value(wanted.NodeId, wanted.AttributeId).Value
                merged = list(whole.Value)
                merged[int(wanted.IndexRange)] = wanted.Value.Value.Value[0]
                wanted.Value = ua.DataValue(ua.Variant(merged, whole.VariantType))
        return await super().write(params, user)


def _part(data: ua.DataValue, index_range: str | None) -> ua.DataValue:
    if not index_range or data.Value is None:
        return data
    first, _, last = index_range.partition(":")
    whole = data.Value.Value
    part = whole[int(first) : int(last or first) + 1] if isinstance(whole, list) else []
    if not part:
        return ua.DataValue(StatusCode=ua.StatusCode(ua.StatusCodes.BadIndexRangeNoData))
    return ua.DataValue(ua.Variant(part, data.Value.VariantType))


@pytest.fixture
def watches_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let servers look at ranges in subscriptions, too."""
    tell = MonitoredItemService.datachange_callback

    async def tell_part(self, handle: int, value: ua.DataValue, error: object = None) -> None:
        wanted = self._monitored_items[self._monitored_datachange[handle]].read_value_id
        await tell(self, handle, _part(value, wanted.IndexRange), error)

    monkeypatch.setattr(MonitoredItemService, "datachange_callback", tell_part)


def reads_ranges(server: Server) -> None:
    """Let a server read and write parts of arrays."""
    inner = server.iserver
    inner.attribute_service = RangedAttributes(inner.aspace)
