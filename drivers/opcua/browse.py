"""The children of a node, a page at a time: what a tree shows when somebody opens it."""

import re
from collections.abc import Sequence
from typing import Any, cast

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes
from pydantic import BaseModel

from drivers.driver import DriverHub
from drivers.errors import Refused
from drivers.opcua.address import NodeAddress
from drivers.opcua.address_space import VARIABLE, WRITABLE, browse_next, content, read_attributes
from drivers.opcua.decode import refusal_words
from drivers.opcua.driver import own_hub, own_settings
from drivers.opcua.fields import NotThere, kind_of
from drivers.opcua.node_facts import HAS_PROPERTY, Found, describe, is_plain_structure, lasting_text
from drivers.opcua.reading_once import read_part
from drivers.opcua.reference_wire import Branch, Place, Reference
from drivers.opcua.value_text import value_text
from drivers.opcua.visiting import Rest, Visit, address_from
from drivers.workbench import BrowseNode, BrowsePage

PAGE = 100

_ROOT: Place = (0, ObjectIds.ObjectsFolder)
_FIELDS = "f"  # begins the token of a page of fields; the others are of real nodes
_SHOWN = re.compile(r"\d{1,9}", re.ASCII)
_NOT_KNOWN = (StatusCodes.BadNodeIdUnknown, StatusCodes.BadNodeIdInvalid)


async def children(hub: DriverHub, settings: BaseModel, node: str, more: str) -> BrowsePage:
    """Return some children of a node; see `drivers.workbench.Tools.browse`.

    Raises:
        LineLost, NeedsHuman: The server cannot be reached.
        Refused: There is no such node, or the server does not show its children.
    """
    chosen = own_settings(settings)
    owner = own_hub(hub)
    async with owner.visits.to(owner.line(chosen), chosen.endpoint) as visit:
        if not node:
            return await _nodes(visit, _ROOT, more, is_variable=False)
        address = address_from(node).begun_at(chosen.start)
        place = await visit.place(address)
        if address.path or more.startswith(_FIELDS):
            return await _fields(visit, address, place, _number(more.removeprefix(_FIELDS)))
        (answer,) = await read_attributes(visit.link, [(place, AttributeIds.NodeClass)])
        if answer.StatusCode is not None and answer.StatusCode.value in _NOT_KNOWN:
            raise Refused(f"There is {refusal_words(answer.StatusCode.value, str(address))}.")
        is_variable = content(answer) == VARIABLE
        page = await _nodes(visit, place, more, is_variable=is_variable)
        if page.more or not is_variable:
            return page
        parts = await _fields(visit, address, place, 0)
        return BrowsePage((*page.nodes, *parts.nodes), parts.more)


def _number(begin: str) -> int:
    """Return how much was shown before a page. Raises Refused where its token is none of ours."""
    if begin and not _SHOWN.fullmatch(begin):
        raise Refused("There is no such page; begin with the first one.")
    return int(begin or 0)


async def _nodes(visit: Visit, place: Place, more: str, *, is_variable: bool) -> BrowsePage:
    """Return a page of the nodes that a node leads to."""
    begin, _, name = more.partition(":")
    shown = _number(begin)
    rest = visit.take(name) if name else None
    if rest is None:
        rest = await _beginning(visit, place, shown)
    references = list(rest.waiting[:PAGE])
    waiting, point = rest.waiting[PAGE:], rest.point
    while len(references) < PAGE and point:
        branch = await browse_next(visit.link, point)
        if branch.code == StatusCodes.BadContinuationPointInvalid:
            # The server has forgotten how far we were, so it is asked from the beginning.
            again = await _beginning(visit, place, shown + len(references))
            branch = Branch(0, again.point, tuple(again.waiting))
        room = PAGE - len(references)
        references.extend(branch.references[:room])
        waiting, point = branch.references[room:], branch.point
    token = ""
    if waiting or point:
        token = f"{shown + len(references)}:{await visit.keep(Rest(point, waiting))}"
    return BrowsePage(await describe(visit, _shown(references, is_variable=is_variable)), token)


async def _beginning(visit: Visit, place: Place, skipped: int) -> Rest:
    """Ask for children from the first on, and pass over those that were shown."""
    (branch,) = await visit.browse([place], PAGE)
    if branch.code >> 31:
        raise Refused(f"{visit.address(place)}: {refusal_words(branch.code, str(visit.address(place)))}.")
    passed = 0
    while branch.point and passed + len(branch.references) <= skipped:
        passed += len(branch.references)
        branch = await browse_next(visit.link, branch.point)
    return Rest(
        branch.point, branch.references[skipped - passed :] if skipped > passed else branch.references
    )


def _shown(references: Sequence[Reference], *, is_variable: bool) -> list[Found]:
    """Leave out what is elsewhere, what is told twice, and the properties of variables: those are facts."""
    places: dict[Place, Reference] = {}
    for reference in references:
        if reference.place is not None and not (is_variable and reference.kind == HAS_PROPERTY):
            places.setdefault(reference.place, reference)
    return [Found(reference) for reference in places.values()]


async def _fields(visit: Visit, address: NodeAddress, place: Place, begin: int) -> BrowsePage:
    """Return a page of the parts of a value; none where it has no parts."""
    try:
        _, value = await read_part(visit.link, visit.types, place, address.path)
    except NotThere as why:
        raise Refused(f"{address}: {why}.") from why
    (answer,) = await read_attributes(visit.link, [(place, AttributeIds.UserAccessLevel)])
    access = content(answer)
    is_writable = isinstance(access, int) and bool(access & WRITABLE) and not address.path
    parts: list[tuple[NodeAddress, str, Any]] = []
    end = begin + PAGE
    if isinstance(value, dict):
        fields = [*cast("dict[str, Any]", value).items()]
        count, is_writable = len(fields), False
        parts = [(address.within((name,)), name, inner) for name, inner in fields[begin:end]]
    elif isinstance(value, list | tuple):
        elements = cast("Sequence[Any]", value)
        count = len(elements)
        parts = [
            (address.within(((begin + number,),)), f"[{begin + number}]", inner)
            for number, inner in enumerate(elements[begin:end])
        ]
    else:
        return BrowsePage(())
    nodes = [_part(*part, is_writable=is_writable) for part in parts]
    return BrowsePage(tuple(nodes), f"{_FIELDS}{end}" if end < count else "")


def _part(address: NodeAddress, name: str, value: Any, *, is_writable: bool) -> BrowseNode:
    while isinstance(value, ua.Variant):
        value = value.Value
    is_number = isinstance(value, bool | int | float)
    has_parts = isinstance(value, dict | list | tuple | ua.ExtensionObject) or is_plain_structure(value)
    text, is_sayable = lasting_text(address)
    return BrowseNode(
        id=text,
        address=text if is_number and is_sayable else "",
        name=name,
        kind="field",
        has_children=has_parts and is_sayable,
        type=_kind_text(value),
        value="" if has_parts else value_text(value),
        is_writable=is_number and is_writable,
    )


def _kind_text(value: Any) -> str:
    if isinstance(value, ua.ExtensionObject) or is_plain_structure(value):
        return "structure"
    return "" if value is None else kind_of(value).removeprefix("a ").removeprefix("an ")
