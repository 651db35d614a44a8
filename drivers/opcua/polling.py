"""Reads items at an interval, in batches: for what a server does not push.

Where an answer is garbled, its batch is read in halves until the item is found that makes it so. That item is
bad and read alone from then on, more and more rarely, so that it costs the others nothing.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Sequence

from asyncua import ua

from drivers.opcua.decode import NOT_DECODABLE, status_words
from drivers.opcua.faults import Garbled, ends_session, is_too_large
from drivers.opcua.item import Carrier, Item
from drivers.opcua.link import Link
from drivers.opcua.services import read_values

# Small batches, so that a dead server is noticed by its missing answer about as soon as by the watchdog.
_MOST_NODES = 100
_NODE_S = 0.002
_FIRST_REST_S, _LONGEST_REST_S = 2.0, 60.0  # before an item that cannot be decoded is read again


class Polling(Carrier):
    """A loop that runs while there are items."""

    __slots__ = ("_alone", "_batch", "_items", "_link", "_period_s", "_task")

    def __init__(self, link: Link, period_s: float) -> None:
        super().__init__()
        self._link = link
        self._period_s = period_s
        self._items: dict[int, Item] = {}
        self._alone: dict[int, tuple[float, float]] = {}  # handle → when it is due, and the rest before that
        self._batch = min(link.channel.settings.nodes_per_read or _MOST_NODES, link.facts.nodes_per_read)
        self._task: asyncio.Task[None] | None = None

    def extend(self, items: Iterable[Item]) -> None:
        """Read these too, from now on."""
        for item in items:
            item.carrier = self
            self._items[item.handle] = item
        if self._items and self._task is None:
            self._task = self._link.spawn(self._run(), "poll")

    def discard(self, item: Item) -> None:
        """Read this one no longer."""
        self._items.pop(item.handle, None)
        self._alone.pop(item.handle, None)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._items:
                due_s = loop.time() + self._period_s
                waiting = deque(self._batches(loop.time()))
                while waiting:
                    waiting.extendleft(reversed(await self._read(waiting.popleft())))
                await asyncio.sleep(max(0.0, due_s - loop.time()))
        finally:
            self._task = None

    def _batches(self, now_s: float) -> list[Sequence[Item]]:
        together = [item for handle, item in self._items.items() if handle not in self._alone]
        due = [handle for handle, (due_s, _) in self._alone.items() if due_s <= now_s]
        return [
            *(together[begin : begin + self._batch] for begin in range(0, len(together), self._batch)),
            *([self._items[handle]] for handle in due),
        ]

    async def _read(self, batch: Sequence[Item]) -> Sequence[Sequence[Item]]:
        """Read one batch into its items. Returns the halves in which it is to be tried; mostly none."""
        nodes = [item.node for item in batch if item.node is not None]
        ranges = [item.index_range for item in batch if item.node is not None]
        timeout_s = self._link.begin_bulk(len(nodes), _NODE_S)
        try:
            values = await read_values(self._link.channel, nodes, timeout_s, ranges)
        except ua.UaStatusCodeError as error:
            self._link.end_bulk()
            code = error.code or 0
            if ends_session(code):
                raise
            if is_too_large(code) and len(batch) > 1:
                self._batch = max(1, len(batch) // 2)
                return _halves(batch)
            for item in batch:
                item.refusal = f"reading refused: {status_words(code)}"
            return ()
        except Garbled:
            self._link.end_bulk()
            if len(batch) > 1:
                return _halves(batch)
            self._set_aside(batch[0])
            return ()
        self._link.end_bulk()
        self.at_unix = time.time()
        for item, value in zip(batch, values, strict=True):
            item.data, item.refusal = value, ""
            self._alone.pop(item.handle, None)
        self._link.arrived()
        for tell in {item.tell for item in batch}:
            tell()
        return ()

    def _set_aside(self, item: Item) -> None:
        if item.handle not in self._items:
            return
        _, rest_s = self._alone.get(item.handle, (0.0, _FIRST_REST_S / 2))
        rest_s = min(2 * rest_s, _LONGEST_REST_S)
        self._alone[item.handle] = (asyncio.get_running_loop().time() + rest_s, rest_s)
        item.refusal = NOT_DECODABLE
        self._link.arrived()
        item.tell()


def _halves(batch: Sequence[Item]) -> Sequence[Sequence[Item]]:
    middle = len(batch) // 2
    return batch[:middle], batch[middle:]
