"""Reads items at an interval, in batches: for what a server does not push."""

import asyncio
import time
from collections.abc import Iterable, Sequence

from asyncua import ua

from drivers.opcua.decode import status_words
from drivers.opcua.faults import ends_session, is_too_large
from drivers.opcua.item import Carrier, Item
from drivers.opcua.link import Link
from drivers.opcua.services import read_values

# Small batches, so that a dead server is noticed by its missing answer about as soon as by the watchdog.
_MOST_NODES = 100
_NODE_S = 0.002


class Polling(Carrier):
    """A loop that runs while there are items."""

    __slots__ = ("_batch", "_items", "_link", "_period_s", "_task")

    def __init__(self, link: Link, period_s: float) -> None:
        super().__init__()
        self._link = link
        self._period_s = period_s
        self._items: dict[int, Item] = {}
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

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._items:
                due_s = loop.time() + self._period_s
                items = [*self._items.values()]
                while items:
                    batch, items = items[: self._batch], items[self._batch :]
                    if not await self._read(batch):
                        items = [*batch, *items]
                await asyncio.sleep(max(0.0, due_s - loop.time()))
        finally:
            self._task = None

    async def _read(self, batch: Sequence[Item]) -> bool:
        """Read one batch into its items; False when it was too large and has to be tried in halves."""
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
                return False
            for item in batch:
                item.refusal = f"reading refused: {status_words(code)}"
            return True
        self._link.end_bulk()
        self.at_unix = time.time()
        for item, value in zip(batch, values, strict=True):
            item.data, item.refusal = value, ""
        self._link.arrived()
        for tell in {item.tell for item in batch}:
            tell()
        return True
