"""The data types of one session: learned from the server when a value of one is first needed, and kept."""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false

from collections.abc import Sequence
from typing import Any

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIdNames, ObjectIds

from drivers.opcua.address_space import (
    Ways,
    browse_whole,
    content,
    node_of,
    place_of,
    read_attributes,
    read_data_type,
)
from drivers.opcua.data_types import (
    DataType,
    Fields,
    Simple,
    Standard,
    Structure,
    Undescribed,
    structure_of,
    take_apart,
)
from drivers.opcua.faults import ends_session, fault
from drivers.opcua.link import Link
from drivers.opcua.reference_wire import Place
from drivers.opcua.value_text import text_of

NOT_DESCRIBED = "the server does not describe its type"

_ENCODED_BY = Ways(ObjectIds.HasEncoding, is_forward=False)
_SUPERTYPES = Ways(ObjectIds.HasSubtype, is_forward=False)
_BUILT_IN = 25  # OPC 10000-6, 5.1.2: built-in types have their numbers as ids of data types
_ENUMERATION: Place = (0, ObjectIds.Enumeration)
_STRUCTURE: Place = (0, ObjectIds.Structure)
_ABSTRACT_NUMBERS = {
    (0, ObjectIds.Number): ua.VariantType.Variant,
    (0, ObjectIds.Integer): ua.VariantType.Variant,
    (0, ObjectIds.UInteger): ua.VariantType.Variant,
}
_MOST_ROUNDS = 32
_AT_ONCE = 50


class TypeBook:
    """Used from one event loop, by everything that reads in the session."""

    def __init__(self, link: Link) -> None:
        """Begin with nothing learned."""
        self._link = link
        self._types: dict[Place, DataType] = {}
        self._names: dict[Place, str] = {}
        self._encodings: dict[Place, Place | None] = {}

    def name_of(self, data_type: Place) -> str:
        """Return the name of a type that was learned, or that is standard; otherwise empty."""
        if data_type[0] == 0 and isinstance(data_type[1], int):
            return ObjectIdNames.get(data_type[1], "")
        return self._names.get(data_type, "")

    def opened(self, value: Any) -> "Fields | Undescribed | None":
        """Return the fields of an ExtensionObject; None while its type has to be learned first."""
        encoding = place_of(value.TypeId)
        if encoding not in self._encodings:
            return None
        data_type = self._encodings[encoding]
        kind = None if data_type is None else self._types.get(data_type)
        if isinstance(kind, Structure):
            return take_apart(kind, bytes(value.Body or b""), self._types)
        if isinstance(kind, Undescribed):
            return kind
        return Undescribed("", NOT_DESCRIBED)

    async def learn(self, value: Any, variable: ua.NodeId | None) -> None:
        """Learn the type of an ExtensionObject, with all that it is made of, and no more.

        Args:
            value: The ExtensionObject.
            variable: Holds it. Its data type counts where the value's own type id leads to none.

        Raises:
            LineLost: The connection ended. What a server refuses to tell is known as undescribed.
        """
        encoding, chosen = place_of(value.TypeId), None
        try:
            (branch,) = await browse_whole(self._link, [encoding], _ENCODED_BY, 1)
            chosen = next((found.place for found in branch.references if found.place), None)
            if chosen is None and variable is not None:
                chosen = await read_data_type(self._link, place_of(variable))
            if chosen is not None:
                await self.learn_types([chosen])
        except ua.UaStatusCodeError as error:
            if ends_session(error.code or 0):
                raise fault(error, self._link.channel.endpoint, self._link.timeout_s) from error
        self._encodings[encoding] = chosen

    async def learn_types(self, data_types: Sequence[Place]) -> None:
        """Learn types with all that they are made of, and no more."""
        missing = list(dict.fromkeys(place for place in data_types if place not in self._types))
        for _ in range(_MOST_ROUNDS):
            missing = [place for place in missing if not self._know(place)]
            if not missing:
                return
            following: dict[Place, None] = {}
            for begin in range(0, len(missing), _AT_ONCE):
                for place in await self._ask(missing[begin : begin + _AT_ONCE]):
                    following[place] = None
            missing = [place for place in following if place not in self._types]

    async def learn_names(self, data_types: Sequence[Place]) -> None:
        """Learn what types are called, in as few requests as there can be."""
        missing = list(dict.fromkeys(place for place in data_types if not self.name_of(place)))
        answers = await read_attributes(self._link, [(place, AttributeIds.DisplayName) for place in missing])
        for place, answer in zip(missing, answers, strict=True):
            self._names[place] = text_of(content(answer)) or node_of(place).to_string()

    def variant_of(self, data_type: Place) -> ua.VariantType | None:
        """Return how a learned type is encoded; None for structures."""
        kind = self._types.get(data_type)
        return kind.variant if isinstance(kind, Simple) else None

    def _know(self, place: Place) -> bool:
        """Whether a type is known, from before or from the standard."""
        if place in self._types:
            return True
        index, number = place
        if index or not isinstance(number, int):
            return False
        if place == _STRUCTURE:
            self._types[place] = Simple(ua.VariantType.ExtensionObject)
        elif place == _ENUMERATION:
            self._types[place] = Simple(ua.VariantType.Int32)
        elif place in _ABSTRACT_NUMBERS:
            self._types[place] = Simple(_ABSTRACT_NUMBERS[place])
        elif 0 < number <= _BUILT_IN:
            self._types[place] = Simple(ua.VariantType(number))
        elif (decoded := ua.extension_objects_by_datatype.get(node_of(place))) is not None:
            self._types[place] = Standard(decoded)
        return place in self._types

    async def _ask(self, places: Sequence[Place]) -> list[Place]:
        """Ask what these types are; returns the types that those are made of."""
        attributes = (AttributeIds.DataTypeDefinition, AttributeIds.DisplayName)
        answers = await read_attributes(
            self._link, [(place, attribute) for place in places for attribute in attributes]
        )
        branches = await browse_whole(self._link, places, _SUPERTYPES, _AT_ONCE)
        following: list[Place] = []
        for number, (place, branch) in enumerate(zip(places, branches, strict=True)):
            definition, name = content(answers[2 * number]), text_of(content(answers[2 * number + 1]))
            self._names[place] = name
            if isinstance(definition, ua.StructureDefinition):
                kind = structure_of(name, definition)
                self._types[place] = kind
                if isinstance(kind, Structure):
                    following.extend(field.type for field in kind.fields if not field.has_subtypes)
                continue
            # Anything else is encoded as the type it is derived from; structures cannot be guessed.
            parents = [reference.place for reference in branch.references if reference.place]
            following.extend(await self._settle(place, name, parents[0] if parents else None))
        return following

    async def _settle(self, place: Place, name: str, parent: Place | None) -> list[Place]:
        """Learn a type by what it is derived from."""
        self._types[place] = Undescribed(name, NOT_DESCRIBED)  # until known better; ends loops, too
        if parent is None or parent == _STRUCTURE:
            return []
        await self.learn_types([parent])
        base = self._types.get(parent)
        if isinstance(base, Simple) and base.variant is not ua.VariantType.ExtensionObject:
            self._types[place] = base
        return []
