"""What is shown of nodes: a page's attributes, units, ranges and values in a handful of requests."""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, is_dataclass
from enum import Enum
from typing import Any

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from drivers.errors import AddressError
from drivers.opcua.address import NodeAddress, parse_address
from drivers.opcua.address_space import (
    CHILDREN,
    READABLE,
    VARIABLE,
    WRITABLE,
    browse_whole,
    content,
    place_of,
    read_attributes,
)
from drivers.opcua.reference_wire import Place, Reference
from drivers.opcua.value_text import clean_text, text_of, value_text, words_text
from drivers.opcua.visiting import Visit
from drivers.workbench import BrowseNode

HAS_PROPERTY: Place = (0, ObjectIds.HasProperty)

_FOLDER: Place = (0, ObjectIds.FolderType)
_VARIABLE_ATTRIBUTES = (
    AttributeIds.Description,
    AttributeIds.DataType,
    AttributeIds.ValueRank,
    AttributeIds.ArrayDimensions,
    AttributeIds.UserAccessLevel,
)
_NUMBERS = frozenset(range(1, 12)) | {
    ObjectIds.Number,
    ObjectIds.Integer,
    ObjectIds.UInteger,
    ObjectIds.Enumeration,
}
_UNIT, _RANGE = "EngineeringUnits", "EURange"
_LONGEST_UNIT = 40


@dataclass(frozen=True, slots=True)
class Found:
    """A node that is to be shown.

    Attributes:
        reference: That led to it, with a place.
        path: Names from the root, for search results.
    """

    reference: Reference
    path: str = ""

    @property
    def place(self) -> Place:
        """Where it is."""
        assert self.reference.place is not None  # those of other servers are not shown
        return self.reference.place


@dataclass(slots=True)
class _Variable:
    """What was learned of a variable so far."""

    place: Place
    description: str = ""
    data_type: Place | None = None
    rank: int = -1
    dimensions: tuple[int, ...] = ()
    access: int = READABLE
    has_children: bool = False
    properties: dict[str, Place] = field(default_factory=dict[str, Place])
    value: Any = None
    unit: str = ""
    low: float | None = None
    high: float | None = None

    @property
    def is_array(self) -> bool:
        return self.rank >= 0 or isinstance(self.value, list | tuple)

    @property
    def is_structure(self) -> bool:
        return isinstance(self.value, ua.ExtensionObject) or is_plain_structure(self.value)

    @property
    def is_number(self) -> bool:
        """Whether a tag can read it, as far as can be told."""
        if self.is_array or self.is_structure or not self.access & READABLE:
            return False
        if self.value is not None:
            return isinstance(self.value, bool | int | float | Enum)
        # Nothing is read at present; types of the server's own are mostly enumerations.
        return self.data_type is None or self.data_type[0] != 0 or self.data_type[1] in _NUMBERS


async def describe(visit: Visit, found: Sequence[Found]) -> tuple[BrowseNode, ...]:
    """Return what is shown of nodes, in their order."""
    variables = {one.place: _Variable(one.place) for one in found if one.reference.node_class == VARIABLE}
    others = [one.place for one in found if one.reference.node_class != VARIABLE]
    await _read_attributes(visit, [*variables.values()])
    await _read_around(visit, [*variables.values()])
    await _read_values(visit, [*variables.values()])
    types = [one.data_type for one in variables.values() if one.data_type is not None]
    await visit.types.learn_names(types)
    answers = await read_attributes(visit.link, [(place, AttributeIds.Description) for place in others])
    told = {place: text_of(content(answer)) for place, answer in zip(others, answers, strict=True)}
    return tuple(
        _variable(visit, one, variables[one.place])
        if one.place in variables
        else _object(visit, one, told[one.place])
        for one in found
    )


def is_plain_structure(value: object) -> bool:
    """Whether the library has decoded a value as a structure of the standard."""
    simple = ua.NodeId | ua.LocalizedText | ua.QualifiedName | ua.StatusCode
    return is_dataclass(value) and not isinstance(value, simple | type)


async def _read_attributes(visit: Visit, variables: Sequence[_Variable]) -> None:
    answers = await read_attributes(
        visit.link, [(one.place, attribute) for one in variables for attribute in _VARIABLE_ATTRIBUTES]
    )
    width = len(_VARIABLE_ATTRIBUTES)
    for number, one in enumerate(variables):
        told = [content(answer) for answer in answers[number * width : (number + 1) * width]]
        description, data_type, rank, dimensions, access = told
        one.description = text_of(description)
        one.data_type = place_of(data_type) if isinstance(data_type, ua.NodeId) else None
        one.rank = rank if isinstance(rank, int) else -1
        one.dimensions = tuple(dimensions) if isinstance(dimensions, list) else ()
        one.access = int(access) if isinstance(access, int) else READABLE


async def _read_around(visit: Visit, variables: Sequence[_Variable]) -> None:
    """Learn what hangs on variables: parts of their own, and the properties that say unit and range."""
    places = [one.place for one in variables]
    branches = await browse_whole(visit.link, places, CHILDREN, visit.limits.nodes)
    for one, branch in zip(variables, branches, strict=True):
        for reference in branch.references:
            if reference.kind != HAS_PROPERTY:
                one.has_children = True
            elif reference.browse_name in (_UNIT, _RANGE) and reference.place is not None:
                one.properties[reference.browse_name] = reference.place


async def _read_values(visit: Visit, variables: Sequence[_Variable]) -> None:
    """Read values of what is no array (those may be large), units and ranges, together."""
    wanted: list[tuple[_Variable, str, Place]] = []
    for one in variables:
        if one.rank < 0 and one.access & READABLE:
            wanted.append((one, "", one.place))
        wanted.extend((one, name, place) for name, place in one.properties.items())
    answers = await read_attributes(visit.link, [(place, AttributeIds.Value) for _, _, place in wanted])
    for (one, name, _), answer in zip(wanted, answers, strict=True):
        value = content(answer)
        if not name:
            one.value = value
        elif name == _UNIT:
            one.unit = text_of(value.DisplayName) if isinstance(value, ua.EUInformation) else ""
        elif isinstance(value, ua.Range) and math.isfinite(value.Low) and math.isfinite(value.High):
            one.low, one.high = float(value.Low), float(value.High)


def _variable(visit: Visit, found: Found, one: _Variable) -> BrowseNode:
    address = visit.address(one.place)
    text, is_sayable = lasting_text(address)
    return BrowseNode(
        id=text,
        address=text if one.is_number and is_sayable else "",
        name=words_text(found.reference.name),
        kind="variable",
        has_children=is_sayable and (one.has_children or one.is_array or one.is_structure),
        type=words_text(_type_text(visit, one)),
        value="" if one.is_structure else value_text(one.value),
        unit=words_text(one.unit, _LONGEST_UNIT),
        low=one.low,
        high=one.high,
        description=_told(one.description, found),
        path=found.path,
        is_writable=bool(one.access & WRITABLE),
    )


def _object(visit: Visit, found: Found, description: str) -> BrowseNode:
    text, is_sayable = lasting_text(visit.address(found.place))
    return BrowseNode(
        id=text,
        address="",
        name=words_text(found.reference.name),
        kind="folder" if found.reference.type_definition == _FOLDER else "object",
        has_children=is_sayable,
        description=_told(description, found),
        path=found.path,
    )


def _told(description: str, found: Found) -> str:
    # Many servers repeat the name where nobody has written a description.
    names = (found.reference.name, found.reference.browse_name)
    return "" if description in names else words_text(description)


def lasting_text(address: NodeAddress) -> tuple[str, bool]:
    """Return an address as text, and whether that leads back: identifiers may hold what nobody can type."""
    text = str(address)
    try:
        return text, parse_address(text) == address
    except AddressError:
        return clean_text(text), False


def _type_text(visit: Visit, one: _Variable) -> str:
    name = "" if one.data_type is None else visit.types.name_of(one.data_type)
    if not one.is_array:
        return name
    if isinstance(one.value, list | tuple):
        return f"{name}[{len(one.value)}]"
    return f"{name}[{','.join(str(length) if length else '' for length in one.dimensions)}]"
