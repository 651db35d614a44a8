"""Looks through a whole server for nodes by words, politely: breadth first, one request at a time."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from pydantic import BaseModel

from drivers.driver import DriverHub
from drivers.opcua.address_space import VARIABLE, browse_next, content, read_attributes
from drivers.opcua.driver import own_hub, own_settings
from drivers.opcua.node_facts import Found, describe
from drivers.opcua.reference_wire import Branch, Place, Reference
from drivers.opcua.value_text import text_of, words_text
from drivers.opcua.visiting import OUT_OF_POINTS, Visit
from drivers.workbench import BrowsePage

_ROOT: Place = (0, ObjectIds.ObjectsFolder)
_SERVER: Place = (0, ObjectIds.Server)
_PROPERTY: Place = (0, ObjectIds.PropertyType)
_REFERENCES = 500  # of one node in one answer: some milliseconds of this station's loop
_OBJECTS_AT_ONCE = 10
_TOLD_AFTER_S = 0.3
_MOST_TOLD = 100
# After each request the server, and whoever else shares the line, has this part of its time for itself.
_REST = 0.25
_MORE = "more"
_LONGEST_PATH = 2000  # there are servers that lead on to ever new nodes


async def search(hub: DriverHub, settings: BaseModel, text: str) -> AsyncGenerator[BrowsePage]:
    """Yield pages of nodes that hold every word; see `drivers.workbench.Tools.search`.

    Names, addresses and descriptions count, upper and lower case alike. A node is told once, by the shortest
    way to it, however many lead there.

    Raises:
        LineLost, NeedsHuman, Refused: As it is browsed.
    """
    chosen = own_settings(settings)
    owner = own_hub(hub)
    words = tuple(text.casefold().split())
    async with owner.visits.to(owner.line(chosen), chosen.endpoint) as visit:
        walk = _Walk(visit, words)
        told_s = time.monotonic()
        pending: list[Found] = []
        async with aclosing(walk.matches()) as matches:
            async for found in matches:
                pending.extend(found)
                # Together, because their facts cost requests, too.
                if len(pending) >= _MOST_TOLD or time.monotonic() - told_s > _TOLD_AFTER_S:
                    told, pending, told_s = pending, [], time.monotonic()
                    yield BrowsePage(await describe(visit, told), _MORE, walk.looked_at)
        yield BrowsePage(await describe(visit, pending), "", walk.looked_at)


@dataclass(frozen=True, slots=True)
class _Stop:
    """A node whose children are still to be looked at."""

    place: Place
    path: str


class _Walk:
    """One search under way.

    Attributes:
        looked_at: Nodes so far.
    """

    def __init__(self, visit: Visit, words: Sequence[str]) -> None:
        self.looked_at = 0
        self._visit = visit
        self._words = words
        self._seen: set[Place] = {_ROOT, _SERVER}
        self._objects = deque([_Stop(_ROOT, "Objects")])
        # Thousands of diagnoses, which hardly anybody looks for: last, but not left out.
        self._last = deque([_Stop(_SERVER, "Objects / Server")])
        self._variables: deque[_Stop] = deque()
        self._at_once = min(_OBJECTS_AT_ONCE, visit.limits.points or _OBJECTS_AT_ONCE)

    async def matches(self) -> AsyncGenerator[list[Found]]:
        """Yield what each answer of the server brought, often nothing."""
        while batch := self._next_stops():
            began_s = time.monotonic()
            places = [stop.place for stop in batch]
            branches = await self._visit.browse(places, _REFERENCES)
            await asyncio.sleep((time.monotonic() - began_s) * _REST)
            for stop, first in zip(batch, branches, strict=True):
                if first.code == OUT_OF_POINTS and len(batch) > 1:
                    self._objects.appendleft(stop)
                    self._at_once = 1
                    continue
                branch: Branch | None = first
                while branch is not None:
                    for found in self._parts(self._new(stop, branch.references)):
                        yield await self._matching(found)
                    branch = await self._next(branch)

    async def _next(self, branch: Branch) -> Branch | None:
        """Return what follows in a large folder; None at its end."""
        if not branch.point:
            return None
        began_s = time.monotonic()
        following = await browse_next(self._visit.link, branch.point)
        await asyncio.sleep((time.monotonic() - began_s) * _REST)
        return following

    def _next_stops(self) -> list[_Stop]:
        for queue, most in (
            (self._objects, self._at_once),
            (self._variables, self._visit.limits.nodes),
            (self._last, 1),
        ):
            if queue:
                return [queue.popleft() for _ in range(min(most, len(queue)))]
        return []

    def _new(self, stop: _Stop, references: Sequence[Reference]) -> list[Found]:
        """Return what was not seen before, and remember to look further there."""
        fresh: list[Found] = []
        for reference in references:
            place = reference.place
            if place is None or place in self._seen:
                continue
            self._seen.add(place)
            self.looked_at += 1
            path = f"{stop.path} / {words_text(reference.name)}"
            if len(path) > _LONGEST_PATH:
                path = f"…{path[-_LONGEST_PATH:]}"
            fresh.append(Found(reference, path))
            if reference.node_class != VARIABLE:
                self._objects.append(_Stop(place, path))
            elif reference.type_definition != _PROPERTY:
                self._variables.append(_Stop(place, path))
        return fresh

    def _parts(self, found: list[Found]) -> Iterable[list[Found]]:
        size = self._visit.link.facts.nodes_per_read
        return (found[begin : begin + size] for begin in range(0, len(found), size))

    async def _matching(self, found: Sequence[Found]) -> list[Found]:
        """Return those that hold every word; descriptions are asked for only where the rest does not."""
        texts = [self._text(one) for one in found]
        left = [number for number, text in enumerate(texts) if not self._holds(text)]
        began_s = time.monotonic()
        answers = await read_attributes(
            self._visit.link, [(found[number].place, AttributeIds.Description) for number in left]
        )
        await asyncio.sleep((time.monotonic() - began_s) * _REST)
        for number, answer in zip(left, answers, strict=True):
            texts[number] += f" {text_of(content(answer)).casefold()}"
        return [one for one, text in zip(found, texts, strict=True) if self._holds(text)]

    def _text(self, found: Found) -> str:
        reference = found.reference
        return f"{reference.name} {reference.browse_name} {self._visit.address(found.place)}".casefold()

    def _holds(self, text: str) -> bool:
        return all(word in text for word in self._words)
